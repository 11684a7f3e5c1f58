"""Doors that a workspace keeps are closed and opened; closing wins over whatever was under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import GrantName
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.trust import is_closed
from gatepass.domain.workspace_door import Step, door_secret_name
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.close_workspace_door import close_workspace_door
from gatepass.usecases.open_workspace_door import open_workspace_door
from gatepass.usecases.rotate_workspace_door import rotate_workspace
from gatepass.usecases.watch_run import RunFailed
from tests.people import CUSTOMER, GRANT
from tests.usecases.workspace_parts import effects
from tests.usecases.workspace_world import AUDIT, DOORS, OVERLAP, SUPPORT, World

FREE = replace(GRANT, name=GrantName("free"), needs_second_factor=False)


def _is_shut(world: World) -> bool:
    role = world.roles.roles[world.role(SUPPORT)]
    return is_closed(role.trust) and SWITCH_POLICY in role.inline


def _closed(world: World) -> World:
    world.hidden.add(SUPPORT)
    close_workspace_door(SUPPORT, world.moves)
    return world


def test_closing_lets_nobody_in_and_denies_every_session_and_leaves_the_other_door_open() -> None:
    world = World()
    held, other = world.current(SUPPORT), world.current(AUDIT)
    world.hidden.add(SUPPORT)

    done = close_workspace_door(SUPPORT, world.moves)

    assert done.changed
    assert done.run is not None
    assert done.evidence == f"the run {done.run.id} of the workspace access applied it"
    assert done.at_once == "gatepass close support"
    assert _is_shut(world)
    assert not world.opens_with(SUPPORT, held)
    assert world.opens_with(AUDIT, other)
    assert world.named(SUPPORT) == set()


def test_closing_what_is_closed_and_opening_what_is_open_ask_once_and_change_nothing() -> None:
    world = _closed(World())
    world.kills.made.clear()
    runs = len(world.platform.runs)

    assert not close_workspace_door(SUPPORT, world.moves).changed
    assert not open_workspace_door(AUDIT, world.desk()).changed

    asked = [call for call in world.kills.made if call.startswith("platform")]
    assert asked == ["platform.our_workspace"] * 2
    assert len(world.platform.runs) == runs


def test_a_closed_door_whose_variable_says_something_else_is_closed_again() -> None:
    world = _closed(World())
    at = world.platform.our_workspace(world.setup)
    world.platform.write_doors(at, replace(world.platform.standing(world.setup).doors.what, seal="of somebody else"))  # type: ignore[union-attr]

    done = close_workspace_door(SUPPORT, world.moves)

    assert done.changed
    assert _is_shut(world)
    assert world.opens_with(AUDIT, world.current(AUDIT))


def test_opening_draws_under_the_customers_key_and_writes_the_pass() -> None:
    world = World((replace(DOORS[0], customer_key=None),))
    before = world.record(SUPPORT).ids[0]
    _closed(world)

    done = open_workspace_door(SUPPORT, world.desk())

    (new,) = world.record(SUPPORT).ids
    assert new != before
    assert new.customer_key == before.customer_key
    assert done.changed
    assert done.has_new_id
    assert done.sent is not None
    assert not _is_shut(world)
    world.admits(SUPPORT)
    assert world.opens_with(SUPPORT, world.current(SUPPORT))
    assert new.reveal() not in repr(done)


def test_an_end_of_an_opening_is_refused_with_what_to_do_instead() -> None:
    world = _closed(World())

    with pytest.raises(InvalidInput, match="opens no door for a time") as caught:
        open_workspace_door(SUPPORT, world.desk(), until=timedelta(hours=1))

    assert "window" in caught.value.next_step
    assert "gatepass scalr close FILE support" in caught.value.next_step
    assert _is_shut(world)


def test_what_has_no_second_factor_nobody_to_seal_to_or_no_record_is_not_opened() -> None:
    world = _closed(World())
    world.setup = replace(world.setup, declaration=replace(world.file, grants=(*DOORS, FREE)))
    with pytest.raises(InvalidInput, match="asks for no second factor"):
        open_workspace_door(FREE.name, world.desk())
    world.setup = replace(
        world.setup, declaration=replace(world.file, grants=(replace(DOORS[0], seal_to=None), DOORS[1]))
    )
    with pytest.raises(InvalidInput, match="nobody to seal the pass"):
        open_workspace_door(SUPPORT, world.desk())
    world.setup = replace(world.setup, declaration=world.file)
    del world.store.secrets[door_secret_name(CUSTOMER, SUPPORT)]
    with pytest.raises(NotThere, match="keeps no record of the doors: support"):
        open_workspace_door(SUPPORT, world.desk())
    assert _is_shut(world)


def test_a_locked_workspace_is_neither_opened_nor_closed_and_nothing_is_written() -> None:
    world = World()
    world.platform.locked.add(world.moves.platform.our_workspace(world.setup).workspace)
    kept = dict(world.store.secrets)

    with pytest.raises(Conflict, match="is locked") as caught:
        close_workspace_door(SUPPORT, world.moves)

    assert caught.value.next_step.endswith("gatepass close support")
    assert world.store.secrets == kept


def test_a_run_that_fails_while_closing_is_told_and_closing_again_goes_on() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    world.terraform.says = "Error: throttled"
    with pytest.raises(RunFailed):
        close_workspace_door(SUPPORT, world.moves)
    assert world.record(SUPPORT).step is Step.WRITTEN

    assert close_workspace_door(SUPPORT, world.moves).changed
    assert _is_shut(world)


def _one_door() -> World:
    return World(DOORS[:1])


def _both(world: World) -> None:
    rotate_workspace((SUPPORT,), world.desk(both=True), OVERLAP)


def _opening(world: World) -> None:
    open_workspace_door(SUPPORT, world.desk())


@pytest.mark.parametrize(("begin", "act"), [(_one_door, _both), (lambda: _closed(_one_door()), _opening)])
def test_closing_wins_over_what_was_interrupted_anywhere(
    begin: Callable[[], World], act: Callable[[World], None]
) -> None:
    whole = begin()
    whole.kills.made.clear()
    act(whole)

    for number in effects(whole.kills.made):
        world = begin()
        world.kills.at = number
        with pytest.raises(Killed):
            act(world)
        world.hidden.add(SUPPORT)

        close_workspace_door(SUPPORT, world.moves)

        assert _is_shut(world), number
        assert world.record(SUPPORT).step is Step.APPLIED, number
        # Whoever comes back to it opens nothing.
        rotate_workspace((), world.desk(), OVERLAP)
        assert _is_shut(world), number


def test_opening_goes_on_with_a_close_that_was_interrupted_by_replacing_it() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    world.terraform.says = "Error: throttled"
    with pytest.raises(RunFailed):
        close_workspace_door(SUPPORT, world.moves)

    done = open_workspace_door(SUPPORT, world.desk())

    assert done.has_new_id
    world.admits(SUPPORT)
    assert world.opens_with(SUPPORT, world.current(SUPPORT))
