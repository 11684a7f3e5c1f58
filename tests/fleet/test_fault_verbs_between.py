"""At every single call of a rotation somebody uses the switch by hand, and the process may die just then.

The machine in ``test_rotation_machine`` finds orders that nobody thought of; this one leaves no place out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict
from gatepass.domain.switch import Position, doors
from gatepass.fleet.memory_steps import Killed
from gatepass.fleet.work import Result, UnitResult
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.open_door import open_door
from gatepass.usecases.rotate_factor import rotate_factor
from tests.fleet.stub import World, admits, rotates
from tests.people import SUPPORT, declaration

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

# Longer than any unit waits.
LONG = timedelta(days=365)


def closes(world: World) -> None:
    world.hidden = True
    close_door(SUPPORT, world.roles, world.clock, timedelta())


def closes_and_opens(world: World) -> None:
    closes(world)
    open_door(declaration(), SUPPORT, world.roles, world.clock, world.randomness)
    keep_second_factor(SUPPORT, world.roles, world.customer_store)


def revokes(world: World) -> None:
    end_sessions(SUPPORT, world.roles, world.clock)


def rotates_by_hand(world: World) -> None:
    rotate_factor(SUPPORT, world.roles, world.randomness, LONG)
    keep_second_factor(SUPPORT, world.roles, world.customer_store)


def rotates_with(verb: Callable[[World], None], number: int, *, both: bool, dies: bool) -> tuple[World, UnitResult]:
    """Return what becomes of a rotation after whose call of that number somebody uses the switch."""
    world = World(overlap=LONG)
    is_used = False

    def use(what: str) -> None:
        nonlocal is_used
        del what
        if is_used or len(world.calls) <= number:
            return
        is_used = True
        try:
            verb(world)
        except Conflict:
            # Whoever comes second is told, and nothing was overwritten.
            assert verb is rotates_by_hand
        if dies:
            raise Killed

    world.afterwards = use
    result = rotates(world, both=both)
    assert is_used or number >= len(world.calls)
    world.afterwards = lambda _: None
    return world, result


def calls(*, both: bool) -> int:
    world = World(overlap=LONG)
    rotates(world, both=both)
    return len(world.calls)


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("verb", [closes, closes_and_opens, revokes, rotates_by_hand])
def test_the_switch_is_used_after_any_call(verb: Callable[[World], None], *, both: bool, dies: bool) -> None:
    for number in range(calls(both=both)):
        world, result = rotates_with(verb, number, both=both, dies=dies)

        told = (number, result.cause)
        assert result.result is not Result.FAILED or (result.cause and result.next_step), told
        assert world.role is not None
        position = doors(world.role).position
        if verb is closes:
            assert position is Position.CLOSED, told
            continue
        assert position is Position.OPEN, told
        if verb is revokes:
            assert result.result is Result.DONE, told
        if verb is not closes_and_opens:
            assert world.enters(world.held_by_provider()), told
        comes_right_again(world, told)


def comes_right_again(world: World, told: object) -> None:
    """Demand that the two sides agree after the next pass, whatever the one before it met."""
    world.clock.instant += timedelta(minutes=1)
    handed_over = rotates(world, both=False, run="run-7")
    world.clock.instant += timedelta(minutes=1)
    if handed_over.result is Result.DONE and handed_over.facts.get("stage") == "handed over":
        admitted = admits(world, "run-8")
        assert admitted.result is Result.DONE, (told, admitted.cause)
        assert rotates(world, both=False, run="run-9").facts.get("stage") == "finished", told
    if handed_over.result is Result.DONE:
        world.clock.instant += timedelta(seconds=10)
        assert world.enters(world.held_by_provider()), told
