"""The platform's own access is rotated, and at every write what the platform enters with is what its role takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict, InvalidInput, NotAnswered
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from gatepass.domain.workspace_setup import Platform
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.close_door import close_door
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.rotate_factor import rotate_factor
from gatepass.usecases.rotate_platform_access import RotatedAccess, rotate_platform_access
from gatepass.usecases.watch_run import RunFailed
from tests.usecases.workspace_parts import effects
from tests.usecases.workspace_world import OWN, World


def _rotates(world: World) -> RotatedAccess:
    return rotate_platform_access(world.half, world.moves)


def _is_done(world: World, before: str) -> bool:
    """Say whether the platform, AWS and the store hold one new external ID, and no other."""
    held, role = world.platform_holds(), world.roles.roles[world.own_role]
    assert held is not None
    is_alone = accepted_external_id(role.trust) == held and retiring_external_id(role.trust) is None
    kept = world.store.secrets[f"customer/444455556666/{OWN}"]
    return held.reveal() != before and is_alone and f'"{held.reveal()}"' in kept


def _holds(world: World) -> str:
    held = world.platform_holds()
    assert held is not None
    return held.reveal()


def _drawn(world: World) -> set[str]:
    """Return the records of rotations that were ever kept, by what they draw."""
    texts = [text for name, text in world.store.history if name.startswith("customer/rotation-/")]
    return {text.split('"new": "')[1].split('"')[0] for text in texts}


def test_the_platform_enters_with_the_new_one_only_and_a_dry_run_proved_it() -> None:
    world = World()
    before = _holds(world)

    done = _rotates(world)

    assert _is_done(world, before)
    assert done.changed
    assert done.run is not None
    assert [run.is_dry for run in world.platform.runs.values()] == [True]
    assert before not in repr(done)
    assert _holds(world) not in repr(done)


def test_killed_after_any_call_it_goes_on_and_draws_once() -> None:
    world = World()
    _rotates(world)

    for number in effects(world.kills.made):
        world = World()
        before, world.kills.at = _holds(world), number
        with pytest.raises(Killed):
            _rotates(world)
        if not _is_done(world, before):
            _rotates(world)

        assert _is_done(world, before), number
        assert len(_drawn(world)) == 1, number
        assert len(world.platform.runs) == 1, number


def test_an_answer_that_is_lost_leaves_both_accepted_and_the_same_command_goes_on() -> None:
    world = World()
    _rotates(world)

    for number in range(sum(call.startswith("platform") for call in world.kills.made)):
        world = World()
        before = _holds(world)
        world.kills.at, world.kills.what, world.kills.error = number, "platform", NotAnswered("no answer")
        with pytest.raises(NotAnswered):
            _rotates(world)
        _rotates(world)

        assert _is_done(world, before), number
        assert len(_drawn(world)) == 1, number


def test_a_dry_run_that_fails_leaves_both_accepted_and_tells_what_it_said() -> None:
    world = World()
    before = _holds(world)
    world.terraform.says = "Error: the module could not be read"

    with pytest.raises(RunFailed) as caught:
        _rotates(world)

    assert "the module could not be read" in caught.value.why
    assert "both external IDs are accepted" in caught.value.why
    for held in (before, _holds(world)):
        assert world.enters(held)
    assert len(world.platform.runs) == 1
    _rotates(world)
    assert _is_done(world, before)
    assert len(_drawn(world)) == 1


def test_a_platform_that_aws_refuses_for_a_while_is_asked_again_with_another_message() -> None:
    world = World()
    before, world.judging = _holds(world), False
    world.roles.propagation = timedelta(seconds=20)

    _rotates(world)

    assert _is_done(world, before)
    reasons = [run.reason for run in world.platform.runs.values()]
    assert len(reasons) == len(set(reasons)) == world.terraform.refused + 1 == 2


def test_a_platform_that_aws_never_lets_in_is_asked_three_times_and_both_stay_accepted() -> None:
    world = World()
    before, world.judging = _holds(world), False
    world.roles.propagation = timedelta(hours=1)

    with pytest.raises(RunFailed, match="could not prove its new access"):
        _rotates(world)

    assert world.terraform.refused == 3
    assert world.clock.slept < timedelta(seconds=120)
    world.roles.propagation = timedelta(seconds=4)
    assert world.enters(before)
    assert world.enters(_holds(world))


def test_a_rotation_by_hand_is_followed_before_its_date() -> None:
    world = World()
    before = _holds(world)
    rotate_factor(OWN, world.roles, world.randomness, timedelta(days=7))
    keep_second_factor(OWN, world.roles, world.store)

    done = _rotates(world)

    assert done.old_until is not None
    assert _holds(world) != before
    assert accepted_external_id(world.roles.roles[world.own_role].trust) == world.platform_holds()


def test_an_interrupted_rotation_locks_nobody_out_however_long_nobody_comes_back() -> None:
    world = World()
    _rotates(world)

    for number in effects(world.kills.made):
        world = World()
        before, world.kills.at = _holds(world), number
        with pytest.raises(Killed):
            _rotates(world)
        world.clock.instant += timedelta(days=400)

        assert world.enters(_holds(world)), number
        if not _is_done(world, before):
            _rotates(world)
        assert world.enters(_holds(world)), number


def test_what_the_platform_does_not_say_as_it_was_written_retires_nothing() -> None:
    world = World()
    before = _holds(world)
    access = world.platform.objects["OwnAccess", world.setup.access_name]
    desk = world.moves
    forgetful = _Forgetful(world.platform)
    desk = replace(desk, platform=world.port("platform", forgetful))

    with pytest.raises(Conflict, match="does not say of its own access what was just written"):
        rotate_platform_access(world.half, desk)

    assert world.platform.objects["OwnAccess", world.setup.access_name] == access
    assert world.enters(before)


def test_a_locked_workspace_a_closed_role_and_another_grant_are_refused_before_anything_is_drawn() -> None:
    world = World()
    with pytest.raises(InvalidInput, match="is not the access by which Scalr enters"):
        rotate_platform_access(world.half, replace(world.moves, setup=replace(world.setup, own_access=None)))
    world.platform.locked.add(world.moves.platform.our_workspace(world.setup).workspace)
    with pytest.raises(Conflict, match="is locked"):
        _rotates(world)
    world.platform.locked.clear()
    world.judging = False
    close_door(OWN, world.roles, world.clock, timedelta())
    with pytest.raises(Conflict, match="is closed"):
        _rotates(world)
    assert not _drawn(world)


def test_in_hcp_terraform_the_same_steps_write_its_variables() -> None:
    world = World(platform_kind=Platform.HCP)
    before = _holds(world)

    _rotates(world)

    assert _is_done(world, before)


class _Forgetful:
    """A platform that says it has written, and has not."""

    def __init__(self, platform: object) -> None:
        self._platform = platform

    def __getattr__(self, word: str) -> object:
        return (lambda *_: None) if word == "write_own_access" else getattr(self._platform, word)
