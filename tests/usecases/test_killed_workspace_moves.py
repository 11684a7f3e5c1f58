"""A process that moves doors dies after any of its calls; begun again it ends right, and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from gatepass.domain.errors import NotAnswered
from gatepass.domain.identifiers import GrantName
from gatepass.domain.workspace_door import Step
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.close_workspace_door import close_workspace_door
from gatepass.usecases.open_workspace_door import open_workspace_door
from gatepass.usecases.rotate_workspace_door import rotate_workspace
from tests.usecases.workspace_parts import PROPAGATION, effects
from tests.usecases.workspace_world import DOORS, OVERLAP, SUPPORT, World


@dataclass(frozen=True)
class Deed:
    """Something that a person sets out to do.

    Attributes:
        begin: brings the world to where it is done.
        act: does it, or goes on with it.
        is_done: whether it ended right.
        runs: how many runs it takes that apply something.
        ids: how many external IDs are drawn for each door.
        doors: how many doors it is done to. Stopped between two of them, each needs a run of its own.
    """

    name: str
    begin: Callable[[World], object]
    act: Callable[[World], object]
    is_done: Callable[[World], bool]
    runs: int
    ids: int
    doors: int = 1


def _nothing(world: World) -> None:
    del world


def _rotates(world: World) -> None:
    rotate_workspace((), world.desk(), OVERLAP)


def _rotates_both(world: World) -> None:
    rotate_workspace((), world.desk(both=True), OVERLAP)


def _answered(world: World) -> None:
    _rotates(world)
    for grant in world.grants:
        world.admits(grant.name)


def _closes(world: World) -> None:
    world.hidden.add(SUPPORT)
    close_workspace_door(SUPPORT, world.moves)


def _opens(world: World) -> None:
    open_workspace_door(SUPPORT, world.desk())


def _handed_over(world: World) -> bool:
    records = [world.record(grant.name) for grant in world.grants]
    is_sent = all(record.pass_id in world.passes.ids for record in records)
    return is_sent and all(record.step is Step.HANDED_OVER and len(record.ids) == 2 for record in records)


def _finished(world: World) -> bool:
    return all(_is_finished(world, grant.name) for grant in world.grants)


def _is_finished(world: World, name: GrantName) -> bool:
    record = world.record(name)
    is_applied = record.step is Step.APPLIED and len(record.ids) == 1
    return is_applied and world.current(name) == record.ids[0].reveal() and not world.takes_two(name)


def _is_closed(world: World) -> bool:
    is_shut = not world.opens_with(SUPPORT, world.current(SUPPORT))
    return world.record(SUPPORT).step is Step.APPLIED and not world.record(SUPPORT).ids and is_shut


def _is_open(world: World) -> bool:
    record = world.record(SUPPORT)
    world.clock.instant += PROPAGATION
    is_open = len(record.ids) == 1 and world.opens_with(SUPPORT, record.ids[0].reveal())
    return record.step is Step.HANDED_OVER and is_open and record.pass_id in world.passes.ids


DEEDS = (
    Deed("rotation without the provider", _nothing, _rotates, _handed_over, 1, 1),
    Deed("retirement on a receipt", _answered, _rotates, _finished, 1, 0),
    Deed("rotation with both sides", _nothing, _rotates_both, _finished, 2, 1),
    Deed("rotation of two doors with both sides", _nothing, _rotates_both, _finished, 2, 1, doors=2),
    Deed("close", _nothing, _closes, _is_closed, 1, 0),
    Deed("open", _closes, _opens, _is_open, 1, 1),
)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_killed_after_any_call_and_begun_again_it_ends_right_and_doubles_nothing(deed: Deed) -> None:
    for number in effects(_calls(deed)):
        world = _ready(deed)
        drawn, passes = world.drawn(), set(world.passes.ids)
        world.kills.at = number

        with pytest.raises(Killed):
            deed.act(world)
        _again(deed, world)

        _demand_right(deed, world, drawn)
        assert len(set(world.passes.ids) - passes) == deed.ids * deed.doors, number


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_after_an_answer_of_the_platform_that_is_lost_the_same_command_goes_on(deed: Deed) -> None:
    for number in range(sum(call.startswith("platform") for call in _calls(deed))):
        world = _ready(deed)
        drawn = world.drawn()
        world.kills.at, world.kills.what = number, "platform"
        world.kills.error = NotAnswered("the platform did not answer")

        with suppress(NotAnswered):
            deed.act(world)
        _again(deed, world)

        _demand_right(deed, world, drawn)


def _ready(deed: Deed) -> World:
    world = World(DOORS[: deed.doors])
    deed.begin(world)
    world.kills.made.clear()
    world.platform.runs.clear()
    return world


def _calls(deed: Deed) -> list[str]:
    """Return the calls that it makes where nothing goes wrong."""
    world = _ready(deed)
    drawn = world.drawn()
    deed.act(world)
    _demand_right(deed, world, drawn)
    return list(world.kills.made)


def _again(deed: Deed, world: World) -> None:
    """Begin it again, unless it had ended: nobody would know to."""
    assert world.kills.at is None
    if not deed.is_done(world):
        deed.act(world)


def _demand_right(deed: Deed, world: World, drawn: int) -> None:
    assert deed.is_done(world), world.kills.made
    assert deed.runs <= len(world.applies) < deed.runs + deed.doors, world.applies
    assert world.drawn() - drawn == deed.ids * deed.doors, world.kills.made
