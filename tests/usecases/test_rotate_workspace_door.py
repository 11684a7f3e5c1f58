"""Doors that a workspace keeps are rotated: one run, a pass for each, and the old external ID goes on proof only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.handed_pass import PASS, parse_pass
from gatepass.domain.identifiers import GrantName
from gatepass.domain.signed_file import parse_signed_file
from gatepass.domain.workspace_door import Step, door_secret_name, salt_secret_name
from gatepass.usecases.close_workspace_door import close_workspace_door
from gatepass.usecases.hand_over_door import pass_of_door
from gatepass.usecases.rotate_workspace_door import RotatedDoor, Stage, rotate_workspace
from gatepass.usecases.watch_run import RunFailed
from tests.people import CUSTOMER, GRANT
from tests.usecases.workspace_world import AUDIT, DOORS, OVERLAP, SUPPORT, World

PASS_NAME = "444455556666-support.pass.json"
FREE = replace(GRANT, name=GrantName("free"), needs_second_factor=False)


def _rotates(world: World, *names: GrantName, both: bool = False) -> dict[GrantName, RotatedDoor]:
    return {one.grant: one for one in rotate_workspace(names, world.desk(both=both), OVERLAP)}


def test_both_external_ids_open_after_one_run_and_the_pass_hands_the_new_one_over() -> None:
    world = World()
    before = world.current(SUPPORT)

    done = _rotates(world)

    assert [each.stage for each in done.values()] == [Stage.HANDED_OVER, Stage.HANDED_OVER]
    assert len(world.applies) == 1
    assert world.opens_with(SUPPORT, before)
    world.admits(SUPPORT)
    assert world.current(SUPPORT) != before
    assert world.opens_with(SUPPORT, world.current(SUPPORT))
    sent = done[SUPPORT].sent
    assert sent is not None
    assert sent.place == f"passes/{PASS_NAME}"
    assert done[SUPPORT].old_until == world.record(SUPPORT).old_until


def test_a_rotation_asks_the_platform_three_times_besides_polling_once_the_roles_are_known() -> None:
    world = World()

    _rotates(world)

    asked = [call for call in world.kills.made if call.startswith("platform") and call != "platform.run"]
    assert asked == ["platform.our_workspace", "platform.write_doors", "platform.start_run"]


def test_no_external_id_is_in_what_is_told_of_it() -> None:
    world = World()

    done = _rotates(world)

    told = repr(done) + repr(world.record(SUPPORT)) + repr(world.moves) + " ".join(world.applies)
    assert not any(one in told for one in world.named(SUPPORT) | world.named(AUDIT))


def test_while_the_overlap_runs_nothing_is_drawn_and_the_receipt_is_looked_for() -> None:
    world = World()
    _rotates(world)
    before, drawn = world.record(SUPPORT), world.drawn()

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.WAITING
    assert done[SUPPORT].old_until == before.old_until
    assert world.record(SUPPORT) == before
    assert world.drawn() == drawn
    assert len(world.applies) == 1


def test_a_sound_receipt_retires_the_old_one_and_another_door_goes_on_waiting() -> None:
    world = World()
    before = world.current(SUPPORT)
    _rotates(world)
    world.admits(SUPPORT)

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.FINISHED
    assert done[SUPPORT].receipt
    assert done[SUPPORT].digest_before != done[SUPPORT].digest_after
    assert done[AUDIT].stage is Stage.WAITING
    assert not world.takes_two(SUPPORT)
    assert not world.opens_with(SUPPORT, before)
    assert world.takes_two(AUDIT)


def test_without_a_receipt_the_old_one_ends_by_its_date_and_the_next_rotation_draws() -> None:
    world = World(DOORS[:1])
    rotate_workspace((), world.desk(), timedelta(hours=1))
    old, new = world.current(SUPPORT), world.record(SUPPORT).ids[0].reveal()
    world.hidden.add(SUPPORT)
    world.clock.instant += timedelta(hours=2)
    assert not world.opens_with(SUPPORT, old)
    assert world.opens_with(SUPPORT, new)

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.HANDED_OVER
    assert [one.reveal() for one in world.record(SUPPORT).ids][1:] == [new]


def test_with_the_provider_at_hand_it_keeps_the_new_one_before_the_old_one_goes() -> None:
    world = World()
    before = world.current(SUPPORT)

    done = _rotates(world, both=True)

    assert {each.stage for each in done.values()} == {Stage.FINISHED}
    assert world.current(SUPPORT) != before
    assert world.opens_with(SUPPORT, world.current(SUPPORT))
    assert not world.opens_with(SUPPORT, before)
    assert len(world.applies) == 2


def test_with_the_provider_at_hand_a_role_that_does_not_open_keeps_both() -> None:
    world = World(DOORS[:1])
    world.judging = False
    world.roles.propagation = timedelta(minutes=10)
    slept = world.clock.slept

    done = _rotates(world, both=True)

    assert done[SUPPORT].stage is Stage.FAILED
    assert "does not open with the new second factor a minute after" in done[SUPPORT].cause
    assert world.takes_two(SUPPORT)
    assert timedelta(seconds=60) <= world.clock.slept - slept < timedelta(seconds=90)


def test_a_pass_that_left_the_outbox_is_written_again_as_the_same_pass() -> None:
    world = World()
    _rotates(world)
    first = parse_pass(parse_signed_file(world.passes.files.pop(PASS_NAME), PASS).body)

    done = _rotates(world)

    again = parse_pass(parse_signed_file(world.passes.files[PASS_NAME], PASS).body)
    assert again.id == first.id
    assert done[SUPPORT].stage is Stage.HANDED_OVER
    assert len(world.applies) == 1


def test_a_closed_door_is_not_rotated() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    close_workspace_door(SUPPORT, world.moves)

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.CLOSED
    assert done[AUDIT].stage is Stage.HANDED_OVER
    assert not world.opens_with(SUPPORT, world.current(SUPPORT))


def test_a_run_that_fails_leaves_the_move_to_be_finished_and_the_next_rotation_does_it_with_what_was_drawn() -> None:
    world = World()
    world.terraform.says = "Error: the file access.yml cannot be used"
    with pytest.raises(RunFailed, match="run-1 failed") as caught:
        _rotates(world)
    drawn = world.record(SUPPORT).ids
    assert "access.yml cannot be used" in caught.value.why
    assert world.record(SUPPORT).step is Step.WRITTEN

    done = _rotates(world)

    assert world.record(SUPPORT).ids == drawn
    assert {each.stage for each in done.values()} == {Stage.HANDED_OVER}
    assert [reason.split(",")[-1] for reason in world.applies][1:] == [" try 2"]


def test_a_run_that_somebody_dropped_is_told_and_done_again() -> None:
    world = World()
    desk = world.desk()
    platform = world.platform

    def drops() -> None:
        for run in platform.runs.values():
            platform.discard(run.shown())

    world.switch = drops
    with pytest.raises(Conflict, match="somebody stopped the run"):
        rotate_workspace((), desk, OVERLAP)
    world.switch = lambda: None

    assert _rotates(world)[SUPPORT].stage is Stage.HANDED_OVER


def test_a_locked_workspace_is_refused_before_anything_is_drawn() -> None:
    world = World()
    kept = dict(world.store.secrets)
    world.platform.locked.add(world.moves.platform.our_workspace(world.setup).workspace)

    with pytest.raises(Conflict, match="the workspace access is locked"):
        _rotates(world)

    assert world.store.secrets == kept
    assert not world.platform.runs


def test_a_file_without_seal_to_draws_nothing_for_that_grant() -> None:
    world = World((DOORS[0], replace(DOORS[1])))
    file = replace(world.file, grants=(replace(DOORS[0], seal_to=None), DOORS[1]))
    world.setup = replace(world.setup, declaration=file)

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.FAILED
    assert "nobody to seal the pass of support to" in done[SUPPORT].cause
    assert len(world.record(SUPPORT).ids) == 1
    assert done[AUDIT].stage is Stage.HANDED_OVER


def test_grants_without_a_second_factor_are_left_alone_and_refused_by_name() -> None:
    world = World()
    world.setup = replace(world.setup, declaration=replace(world.file, grants=(*DOORS, FREE)))

    assert set(_rotates(world)) == {SUPPORT, AUDIT}
    with pytest.raises(InvalidInput, match="asks for no second factor"):
        _rotates(world, FREE.name)
    with pytest.raises(InvalidInput, match="no grant named"):
        _rotates(world, GrantName("nobody"))
    with pytest.raises(InvalidInput, match="an overlap has a length"):
        rotate_workspace((), world.desk(), timedelta())


def test_a_door_that_the_store_does_not_know_is_not_closed_by_moving_another() -> None:
    world = World()
    world.hidden.add(AUDIT)
    del world.store.secrets[door_secret_name(CUSTOMER, AUDIT)]
    value = world.platform.doors_value(world.setup)

    with pytest.raises(NotThere, match="keeps no record of the doors: audit"):
        _rotates(world, SUPPORT)

    assert world.platform.doors_value(world.setup) == value
    assert len(world.record(SUPPORT).ids) == 1


def test_another_store_than_that_of_the_set_up_is_refused() -> None:
    world = World()
    del world.store.secrets[salt_secret_name(CUSTOMER)]

    with pytest.raises(NotThere, match="keeps nothing of a workspace"):
        _rotates(world)

    assert len(world.record(SUPPORT).ids) == 1


def test_outputs_that_name_another_role_hand_nothing_over() -> None:
    world = World()
    (workspace,) = world.platform.in_state
    told = world.platform.in_state[workspace]
    for value in (None, {}, {"support": "x"}, {"support": f"arn:aws:iam::{CUSTOMER}:role/gatepass/Other"}):
        outputs = tuple(replace(one, value=value) for one in told)
        world.platform.in_state[workspace] = outputs
        with pytest.raises(Conflict, match="do not name the role ServiceProvider-111122223333-support"):
            pass_of_door(SUPPORT, world.desk())


def test_a_pass_is_written_once_more_for_an_open_door_only() -> None:
    world = World()
    first = pass_of_door(SUPPORT, world.desk())
    assert pass_of_door(SUPPORT, world.desk()).sent.pass_id == first.sent.pass_id
    world.hidden.add(SUPPORT)
    close_workspace_door(SUPPORT, world.moves)

    with pytest.raises(Conflict, match="is not open"):
        pass_of_door(SUPPORT, world.desk())
