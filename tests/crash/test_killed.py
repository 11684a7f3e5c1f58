"""Killed at any call, before it is sent or after its effect, every verb can be run again, and nobody got in meanwhile."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gatepass.domain.errors import NotThere
from tests.crash.customer import is_read
from tests.crash.trial import Trial
from tests.crash.verbs import closes

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough


def test_undisturbed_the_end_is_right_and_no_change_gives_more_than_before_or_after(trial: Trial) -> None:
    trial.begin()

    trial.finish("undisturbed")

    assert trial.scenario.right(trial.before, trial.calm.after), sorted(trial.calm.after)
    trial.stays("undisturbed")


def test_killed_before_a_call_is_sent_it_can_be_run_again(trial: Trial) -> None:
    """At the first call, and where reading ends and changing begins; what stands before any other call stood before."""
    calls = trial.calm.calls
    for number, call in enumerate(calls):
        if number and (is_read(call) or not is_read(calls[number - 1])):
            continue
        trial.begin()
        where = f"killed before call {number}, {call}"

        trial.kill(before=number)

        trial.judge(where)
        trial.finish(where)
        trial.stays(where)


def test_killed_after_a_change_before_its_answer_is_seen_it_can_be_run_again(trial: Trial) -> None:
    for number, call in enumerate(trial.calm.calls):
        if is_read(call):
            continue
        trial.begin()
        where = f"killed after call {number}, {call}"

        trial.kill(after=number)

        trial.judge(where)
        trial.finish(where)
        trial.stays(where)


def test_killed_after_any_change_the_door_can_still_be_closed(trial: Trial) -> None:
    """Whatever was begun, the customer's hand stays on the switch."""
    for number, call in enumerate(trial.calm.calls):
        if is_read(call):
            continue
        trial.begin()
        trial.kill(after=number)

        with suppress(NotThere):
            closes(trial.hands)

        assert trial.now() == frozenset(), f"closed after {call}, call {number}"
