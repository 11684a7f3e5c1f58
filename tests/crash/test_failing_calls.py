"""AWS fails a verb: what can be tried again succeeds at once, and what cannot stops with a next step, nothing half open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.domain.errors import AccessRefused, Conflict, GatepassError
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.crash.customer import ADMINISTRATOR, Customer, Watch, is_read
from tests.crash.trial import Trial
from tests.crash.verbs import Hands

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

PASSING = (FaultKind.THROTTLE, FaultKind.ERROR_BEFORE, FaultKind.ERROR_AFTER, FaultKind.LOST)
# What a plan can do without: it then says that it does not know.
DISPENSABLE = frozenset({"GetAccountSummary", "GetPolicy", "GetPolicyVersion"})


def test_each_call_fails_once_and_the_verb_succeeds_at_once(customer: Customer, trial: Trial) -> None:
    hands = replace(trial.hands, roles=customer.as_after_a_start())
    for kind in PASSING:
        each_call_fails_once(trial, hands, kind, customer.aws)


def test_refused_at_any_call_it_stops_and_finishes_once_it_may(trial: Trial) -> None:
    for number, call in enumerate(trial.calm.calls):
        stops_with(AccessRefused, FaultKind.DENIED, trial, number, call)


def test_stopped_by_a_quota_it_finishes_once_there_is_room(trial: Trial) -> None:
    """Once for each kind of change: all of one kind are told in the same way."""
    calls = trial.calm.calls
    for call in dict.fromkeys(call for call in calls if not is_read(call)):
        stops_with(Conflict, FaultKind.QUOTA, trial, calls.index(call), call)


@pytest.mark.parametrize(
    ("kind", "words"),
    [(FaultKind.THROTTLE, "AWS is too busy"), (FaultKind.LOST, "AWS does not answer")],
    ids=["throttle", "lost"],
)
def test_where_aws_never_gets_through_it_says_so(customer: Customer, kind: FaultKind, words: str) -> None:
    customer.aws.clear_faults()
    customer.aws.stage_fault(kind, times=100, principal=ADMINISTRATOR)

    with pytest.raises(GatepassError) as stopped:
        customer.as_after_a_start().owner()

    assert stopped.value.what.startswith(words)
    assert stopped.value.next_step


def each_call_fails_once(trial: Trial, hands: Hands, kind: FaultKind, aws: EmbeddedAws) -> None:
    watch = Watch(
        comes=lambda: aws.stage_fault(kind, principal=ADMINISTRATOR),
        look=lambda call: trial.judge(f"{kind.value} at {call}"),
    )
    trial.begin()

    with trial.watched(watch):
        trial.scenario.verb(hands)

    # A retry of what was done already may take a look first.
    assert watch.writes == [call for call in trial.calm.calls if not is_read(call)], kind
    assert [fault["hit"] for fault in aws.faults()] == [1] * len(watch.calls), kind
    assert trial.settled() == trial.calm.after, kind


def stops_with(error: type[GatepassError], kind: FaultKind, trial: Trial, number: int, call: str) -> None:
    where = f"{kind.value} at call {number}, {call}"
    trial.begin()
    trial.stage(kind, after=number)

    stopped = trial.attempt(where, since=number)

    assert trial.fault_hit, where
    if stopped is None:
        assert call in DISPENSABLE, where
        assert trial.settled() == trial.calm.after, where
        return
    assert isinstance(stopped, error), where
    assert stopped.next_step, where
    if all(is_read(before) for before in trial.calm.calls[: number + 1]):
        assert trial.now() == trial.before, where
        return
    trial.judge(where)
    trial.finish(where)
