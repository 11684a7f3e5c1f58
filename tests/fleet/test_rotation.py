"""A rotation between two parties: whatever goes wrong at whichever call, the right factor is never lost.

The world judges every write, so a test that ends has kept the promise all the way.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.identifiers import AccountId
from gatepass.domain.switch import Position, doors
from gatepass.fleet.memory_steps import Moment
from gatepass.fleet.work import Result, Unit
from gatepass.fleet.works.rotate import RotationDesk, rotate_kind
from gatepass.usecases.rotate_factor import rotate_factor
from tests.fleet.stub import SUBJECT, World, admits, finished, overlaps, rotates, steps_of
from tests.fleet.stub_parts import BY_HAND, Fault
from tests.people import SUPPORT

ROTATE = Unit("rotate", SUBJECT, "run-1")

# What happens to the role itself cannot be waited out, and is named.
NAMED = {Fault.DELETED, Fault.EDITED, Fault.CLOSED}


def calls_of(world: World, *, both: bool) -> int:
    rotates(world, both=both)
    return len(world.calls)


def test_both_halves_in_one_process_leave_one_new_factor() -> None:
    world = World()
    old = world.held_by_provider()

    result = rotates(world)

    assert (result.result, result.facts["stage"]) == (Result.DONE, "finished")
    assert world.held_by_provider() != old
    assert world.enters(world.held_by_provider())
    assert not world.enters(old)
    assert not world.enters(None)
    assert world.held_by_provider() in world.named_by_customer()
    for secret in (old, world.held_by_provider()):
        assert secret.reveal() not in json.dumps(dict(result.facts))


def test_two_processes_with_files_in_between() -> None:
    world = World()
    old = world.held_by_provider()

    handed_over = rotates(world, both=False)
    assert (handed_over.result, handed_over.facts["stage"]) == (Result.DONE, "handed over")
    assert world.held_by_provider() == old
    admitted = admits(world)
    assert admitted.result is Result.DONE, admitted.cause
    new = world.held_by_provider()
    assert old != new
    assert world.enters(old)
    assert world.enters(new)

    done = rotates(world, both=False, run="run-3")

    assert (done.result, done.facts["stage"]) == (Result.DONE, "finished"), done.cause
    world.clock.instant += timedelta(seconds=5)
    assert not world.enters(old)
    assert world.enters(new)
    assert admits(world, "run-4").result is Result.SKIPPED


def test_without_a_receipt_both_stay_and_the_next_run_says_so() -> None:
    world = World()
    old = world.held_by_provider()
    rotates(world, both=False)

    again = rotates(world, both=False, run="run-2")

    assert again.result is Result.FAILED
    assert "no receipt" in again.cause
    assert overlaps(world)
    assert world.enters(old)


def test_a_pass_that_could_not_be_written_is_handed_over_by_the_next_run() -> None:
    written = _calls().index("tray:put")
    world = World(faults=dict.fromkeys(range(written, 400), Fault.DISK_FULL))
    refused = rotates(world, both=False)
    assert refused.result is Result.FAILED
    assert "No space left" in refused.cause
    assert (overlaps(world), world.passes.files) == (True, {})
    world.faults.clear()

    assert rotates(world, both=False, run="run-2").result is Result.DONE
    assert rotates(world, both=False, run="run-3").result is Result.FAILED, "it was there, and nobody answered"
    world.passes.files.clear()
    world.clock.instant += timedelta(hours=2)
    assert rotates(world, both=False, run="run-4").result is Result.FAILED, "somebody took it long ago"


def test_after_the_old_ones_date_a_new_rotation_hands_over_again() -> None:
    """A provider that never came back is shut out at the date that it was told, and let in by the next pass."""
    world = World()
    rotates(world, both=False)
    world.hidden = True
    world.clock.instant += timedelta(days=2)

    rotates(world, both=False, run="run-2")
    assert admits(world).result is Result.DONE

    assert world.enters(world.held_by_provider())


def test_killed_before_or_after_any_call_it_finishes() -> None:
    calls = calls_of(World(), both=True)
    for number in range(calls):
        for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER):
            world = World(faults={number: fault})
            old = world.held_by_provider()

            result = rotates(world)

            assert result.result is Result.DONE, (number, fault, result.cause)
            assert not world.faults
            assert world.enters(world.held_by_provider())
            assert not world.enters(old)


def test_killed_at_any_moment_of_any_step_it_finishes_and_draws_once() -> None:
    world = World()
    steps = steps_of(world)
    finished(world, world.rotation(both=True), ROTATE, steps)
    for number in range(len(steps.done)):
        for moment in Moment:
            world = World()
            steps = steps_of(world)
            steps.die_at = (number, moment)

            result = finished(world, world.rotation(both=True), ROTATE, steps)

            assert (result.result, result.facts["stage"]) == (Result.DONE, "finished")
            assert steps.die_at is None
            assert len(world.drawn) == 1


@pytest.mark.parametrize("fault", [fault for fault in Fault if "KILLED" not in fault.name])
def test_each_fault_at_each_call_is_outlasted_or_named(fault: Fault) -> None:
    calls = calls_of(World(), both=True)
    for number in range(calls):
        world = World(faults={number: fault})
        if fault is Fault.DELETED:
            # There is nothing left that could open.
            world.hidden = True

        result = rotates(world)

        assert not world.faults
        if fault not in NAMED:
            assert result.result is Result.DONE, (number, result.cause)
            assert world.enters(world.held_by_provider())
        elif result.result is Result.FAILED:
            assert result.cause
            assert result.next_step
        else:
            assert result.result is Result.DONE


def test_a_role_that_somebody_edits_is_never_written_over() -> None:
    for number in range(calls_of(World(), both=True)):
        world = World(faults={number: Fault.EDITED})

        result = rotates(world)

        assert world.role is not None
        # AWS has no lock: what is written between our reading and our writing is lost, and nothing else.
        if world.calls[number] != "iam:ReplaceTrust":
            assert BY_HAND in world.role.trust.text, (number, result.cause)


def test_a_door_that_somebody_closes_stays_closed() -> None:
    for number in range(calls_of(World(), both=True)):
        world = World(faults={number: Fault.CLOSED})

        result = rotates(world)

        assert world.role is not None
        assert doors(world.role).position is Position.CLOSED, (number, result.cause)


def test_what_stays_broken_is_named_with_both_open() -> None:
    """A store that is down for good, after the trust took both."""
    world = World(faults=dict.fromkeys(range(10, 400), Fault.THROTTLED))
    old = world.held_by_provider()

    result = rotates(world)

    assert result.result is Result.FAILED
    assert "too busy" in result.cause
    assert overlaps(world)
    assert world.enters(old)

    world.faults.clear()
    assert rotates(world, run="run-2").facts["stage"] == "finished"


def test_credentials_of_another_account_change_nothing() -> None:
    world = World()
    before = world.role
    desk = RotationDesk(lambda: [SUBJECT], lambda _: replace(world.half, account=AccountId("777788889999")))

    refused = finished(world, rotate_kind(desk).work, ROTATE)

    assert refused.result is Result.FAILED
    assert "was found in account 444455556666" in refused.cause
    assert world.role == before


def test_an_edit_between_the_steps_is_named_and_left_alone() -> None:
    """Before the trust takes both, and before it takes the new one only."""
    drawn = next(number for number, call in enumerate(_calls()) if call == "store:put") + 2
    world = World(faults={drawn: Fault.EDITED})
    refused = rotates(world)
    assert (refused.result, "somebody changed the trust" in refused.cause) == (Result.FAILED, True)
    assert not overlaps(world)

    world = World()
    rotates(world, both=False)
    admits(world)
    world.roles.edit_by_hand()
    standing = world.role
    refused = rotates(world, both=False, run="run-3")
    assert (refused.result, "somebody changed the trust" in refused.cause) == (Result.FAILED, True)
    assert world.role == standing


def _calls() -> list[str]:
    world = World()
    rotates(world)
    return world.calls


def test_a_rotation_by_hand_is_left_to_end() -> None:
    world = World()
    rotate_factor(SUPPORT, world.roles, world.randomness, timedelta(hours=1))
    standing = world.role

    skipped = rotates(world, both=False)

    assert skipped.result is Result.SKIPPED
    assert "by hand" in skipped.cause
    assert world.role == standing
