"""Two verbs on one role: what one leaves half done, or does meanwhile, the other does not turn into more access."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gatepass.domain.errors import GatepassError
from tests.crash.access import ENTERS, OLD_SESSION, Access
from tests.crash.customer import Customer, Watch, is_read
from tests.crash.scenarios import SCENARIOS, Scenario, named
from tests.crash.trial import Trial
from tests.crash.verbs import applies, closes

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough


def those(*words: str, without: Sequence[str] = ()) -> list[Scenario]:
    """Return the scenarios whose name begins with one of the words."""
    return [each for each in SCENARIOS if each.name.startswith(words) and each.name not in without]


def sessions(access: Access) -> set[tuple[str, str, str, str]]:
    return {one for one in access if one[1] == OLD_SESSION}


@pytest.mark.parametrize(
    "scenario",
    those("close", "open", "revoke", "rotate", "finish", "withdraw", without=("open by name", "revoke one engineer")),
    ids=named,
)
def test_killed_after_any_change_an_apply_of_the_file_brings_no_session_back(
    customer: Customer, scenario: Scenario
) -> None:
    trial = Trial(customer, scenario)
    for number, call in enumerate(trial.calm.calls):
        # Sessions are of a role by its unique ID: those of one that is deleted are none of one made anew.
        if is_read(call) or call == "DeleteRole":
            continue
        trial.begin()
        trial.kill(after=number)
        left = trial.now()

        applies()(trial.hands)

        assert sessions(trial.settled()) <= sessions(left), f"killed after call {number}, {call}"


@pytest.mark.parametrize(
    "scenario",
    those("revoke", "rotate", "finish", "apply", without=("apply: create", "apply: another name, with --prune")),
    ids=named,
)
def test_closed_meanwhile_it_stays_closed_or_the_other_is_told(customer: Customer, scenario: Scenario) -> None:
    """IAM has no compare-and-swap. What closed the door has said so; what undoes that must at least say it, too."""
    trial = Trial(customer, scenario)
    for number, call in enumerate(trial.calm.calls):
        if is_read(call):
            continue
        trial.begin()
        told, left = with_a_close_before(trial, customer, number)
        can_act = {one for one in left if one[2] != ENTERS}

        assert told or not left, f"closed before call {number}, {call}; then {len(can_act)} could be done"


def with_a_close_before(trial: Trial, customer: Customer, number: int) -> tuple[bool, Access]:
    """Run the verb with somebody else's close before one of its calls; return whether it stopped, and what is left."""

    def comes() -> None:
        if len(watch.calls) == number + 1:
            closes(customer.of_somebody_else(trial.hands))

    watch = Watch(comes=comes)
    try:
        with trial.watched(watch):
            trial.scenario.verb(trial.hands)
    except GatepassError:
        return True, trial.settled()
    return False, trial.settled()
