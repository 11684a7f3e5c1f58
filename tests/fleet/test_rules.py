"""The rules of the fleet: when a run stops, how fast AWS is asked, what an address may hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.errors import InvalidInput
from gatepass.fleet.breaker import Breaker, same_cause
from gatepass.fleet.database import chosen_database
from gatepass.fleet.memory_steps import Killed, MemorySteps, Moment
from gatepass.fleet.pacing import Pace, Pacer
from gatepass.fleet.run import LARGEST_BATCH, Order, Outcome, Progress, batches, batches_at_once
from gatepass.fleet.work import Result, UnitResult


def failed(breaker: Breaker, count: int, cause: str = "AWS refused") -> str:
    for number in range(count):
        breaker.count(f"c{number}/support", cause)
    return breaker.tripped_by


def test_a_run_stops_past_its_part_of_failures_and_not_before() -> None:
    assert not failed(Breaker(200, 0.05), 10)
    assert failed(Breaker(200, 0.05), 11) == "11 of 200 failed for the same cause: AWS refused"
    assert not failed(Breaker(20, 0.05), 4), "four say nothing about the rest"
    assert failed(Breaker(20, 0.05), 5)
    assert not failed(Breaker(200, 1.0), 200)


def test_failures_of_different_causes_are_counted_apart_and_one_unit_once() -> None:
    breaker = Breaker(100, 0.05)
    for number in range(50):
        breaker.count(f"c{number}/support", f"cause {'abcdefghijklmnopqrstuvwxyz'[number % 26]}")
        breaker.count("same/support", "AWS refused")

    assert not breaker.tripped_by


def test_what_was_forgiven_does_not_count_again() -> None:
    breaker = Breaker(100, 0.05)
    breaker.forgive(f"c{number}/support" for number in range(6))

    assert not failed(breaker, 6)
    assert failed(breaker, 12)


@pytest.mark.parametrize(
    "cause",
    [
        "AWS refused sts:AssumeRole on arn:aws:iam::444455556666:role/gatepass/X: acme-prod",
        "AWS refused sts:AssumeRole on arn:aws:iam::777788889999:role/gatepass/Y: other-prod",
    ],
)
def test_the_same_failure_of_two_customers_is_one_cause(cause: str) -> None:
    subject = f"{cause.rsplit(': ', 1)[1]}/support"
    assert same_cause(cause, subject) == "AWS refused sts:AssumeRole on … …"


def test_the_pace_is_a_tenth_below_the_limit_and_halves_when_aws_says_so() -> None:
    pace = Pace(540.0)
    turns = [pace.turn(100.0) for _ in range(541)]
    assert 0.85 <= turns[-1] - 100.0 <= 1.0

    pace = Pace(540.0)
    pace.throttled(100.0)
    pace.throttled(100.5)
    assert pace.part == 0.5, "two throttles of one moment are one"
    pace.throttled(101.0)
    assert pace.part == 0.25
    pace.turn(117.5)
    assert pace.part == pytest.approx(1.0), "it comes back by itself"


def test_workers_share_the_limits_and_other_accounts_and_regions_have_their_own() -> None:
    now: list[float] = [0.0]
    slept: list[float] = []
    pacer = Pacer(workers=lambda: 3, limits={"sts": 10.0}, monotonic=lambda: now[0], sleep=slept.append)
    for _ in range(4):
        pacer.pass_("sts", "111122223333", "us-east-1")
    assert slept[-1] == pytest.approx(3 * 3 / 9.0 - 0.1)
    slept.clear()
    pacer.pass_("sts", "444455556666", "us-east-1")
    pacer.pass_("sts", "111122223333", "eu-west-1")
    assert not slept
    pacer.throttled("sts", "444455556666", "us-east-1")
    assert pacer.delay("iam", "444455556666", "us-east-1") == 0, "another family is not slowed down"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("postgresql://me:hunter2@host/db", "a password is not taken from the command line"),
        ("postgresql://me@host/db?password=hunter2", "a password is not taken from the command line"),
        ("postgresql://me:hunter2@[host/db", "a password is not taken from the command line"),
        ("mysql://me@host/db", "no address that Gatepass knows"),
        ("postgresql://me@host:hunter2/db", "no address that Gatepass knows"),
        ("sqlite:///file", "no address that Gatepass knows"),
        ("postgresql://host", "no address that Gatepass knows"),
    ],
)
def test_an_address_with_a_password_is_refused_when_typed_and_never_repeated(typed: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as refusal:
        chosen_database(Path("fleet"), typed, {})

    assert "hunter2" not in f"{refusal.value.what} {refusal.value.why} {refusal.value.next_step}"


def test_a_password_in_the_environment_is_used_and_never_shown() -> None:
    place = chosen_database(Path("fleet"), None, {"GATEPASS_DATABASE": "postgres://me:hunter2@host:5433/db"})

    assert place.address.startswith("postgresql://me:hunter2@host:5433/db?keepalives_")
    assert place.title == "postgresql://host:5433/db"
    assert "hunter2" not in repr(place)
    typed = chosen_database(Path("fleet"), "postgresql://you@other/db", {"GATEPASS_DATABASE": place.url})
    assert typed.address.startswith("postgresql://you@other/db?")
    assert not chosen_database(Path("fleet"), None, {}).is_shared


@given(st.integers(0, 3000), st.integers(1, 1000))
def test_every_unit_is_in_exactly_one_batch(count: int, in_flight: int) -> None:
    subjects = [f"c{number}" for number in range(count)]

    found = batches(subjects)

    assert [each for batch in found for each in batch] == subjects
    assert all(1 <= len(batch) <= LARGEST_BATCH for batch in found)
    size = len(found[0]) if found else 1
    assert batches_at_once(in_flight, size) * size >= in_flight, "a worker at its limit has something at hand"


def test_an_order_and_an_outcome_come_back_as_they_were_kept() -> None:
    order = Order("verify", {"store": "ssm"}, {"team": "netops"}, 0.1, 20, "me@here")
    outcome = Outcome("acme-prod/support", UnitResult(Result.DONE, next_step="look", facts={"found": "2 pending"}))

    assert Order.of(order.facts()) == order
    assert Outcome.of(outcome.facts()) == outcome
    progress = Progress("run", order, datetime(2026, 11, 22, tzinfo=UTC), 2, (outcome,))
    assert (progress.left, progress.found, progress.is_over) == (1, 1, False)


@given(st.integers(0, 5), st.sampled_from(Moment))
def test_work_killed_at_any_moment_does_each_step_once_or_twice(number: int, moment: Moment) -> None:
    steps = MemorySteps(die_at=(number, moment))

    def work() -> str:
        steps.begin_again()
        began = steps.now()
        first = steps.do("first", lambda: "one")
        steps.wait(timedelta(seconds=4))
        return first + steps.do("second", lambda: "two") + str((steps.now() - began).seconds)

    try:
        told = work()
    except Killed:
        told = work()

    assert told == "onetwo4"
    expected = ["now", "first", "wait", "second", "now"]
    assert len(steps.done) - len(expected) == (1 if moment is Moment.BETWEEN and number < len(expected) else 0)
    assert list(dict.fromkeys(steps.done)) == ["now", "first", "wait", "second"]
