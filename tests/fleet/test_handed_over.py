"""What the two sides hand to each other in a rotation: a pass one way, a receipt the other, and neither is forged."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.domain.register import CustomerName, Register
from gatepass.fleet.work import Result, Unit
from gatepass.fleet.works.rotate import RotationDesk, rotate_kind
from gatepass.usecases.take_pass import take_pass
from tests.fleet.stub import PASS, SUBJECT, World, admits, finished, overlaps, rotates
from tests.people import SUPPORT

RECEIPT = "444455556666-support.receipt.json"


def test_a_receipt_that_answers_an_earlier_pass_ends_nothing() -> None:
    world = World()
    rotates(world)
    world.clock.instant += timedelta(days=1)

    handed_over = rotates(world, both=False, run="run-2")

    assert RECEIPT in world.receipts.files
    assert handed_over.facts["stage"] == "handed over"
    assert overlaps(world)


def test_a_receipt_that_somebody_else_signed_ends_nothing() -> None:
    world = World()
    rotates(world, both=False)
    impostor = replace(world.provider_half, key=MemorySigningKey("impostor"))
    world.clock.instant += timedelta(seconds=5)
    take_pass(world.passes.files[PASS], impostor)

    refused = rotates(world, both=False, run="run-2")

    assert refused.result is Result.FAILED
    assert "not signed by account 111122223333" in refused.cause
    assert overlaps(world)


def test_a_pass_that_was_changed_or_is_a_strangers_is_named_and_left() -> None:
    world = World()
    rotates(world, both=False)
    held, good = world.held_by_provider(), world.passes.files[PASS]
    forged = {
        "changed": good.replace('"grant": "support"', '"grant": "other"'),
        "no pass": "hello",
        "another key": write_as(world, "stranger"),
    }

    for why, text in forged.items():
        world.passes.files[PASS] = text
        refused = admits(world, f"run {why}")

        assert refused.result is Result.FAILED, why
        assert refused.next_step
        assert world.passes.files[PASS] == text
        assert world.held_by_provider() == held
        assert not world.receipts.files


def write_as(world: World, seed: str) -> str:
    desk = RotationDesk(
        lambda: [SUBJECT],
        lambda _: replace(world.half, tools=replace(world.half.tools, key=MemorySigningKey(seed))),
    )
    assert finished(world, rotate_kind(desk).work, Unit("rotate", SUBJECT, "run-9")).facts["pass"]
    return world.passes.files[PASS]


def test_a_forged_copy_of_an_admitted_pass_gets_no_receipt() -> None:
    """With one, a stranger who can write into the inbox could make the customer end the factor that the provider has."""
    world = World()
    assert rotates(world).result is Result.DONE
    admitted = json.loads(world.passes.files[PASS])
    world.clock.instant += timedelta(days=1)
    rotates(world, both=False, run="run-3")
    fresh = json.loads(world.passes.files[PASS])
    for key in ("made_at", "usable_until"):
        fresh["pass"][key] = admitted["pass"][key]
    world.passes.files[PASS] = json.dumps(fresh)

    refused = admits(world)

    assert refused.result is Result.FAILED
    assert "signature" in refused.cause
    assert overlaps(world)


def test_two_passes_of_one_second_are_told_apart() -> None:
    """The receipt of the first must never stand for the second, or the customer would end what the provider has."""
    world = World()
    rotates(world)
    written = world.register.load().customers[CustomerName("acme-prod")].last_pass[SUPPORT]
    held = world.held_by_provider()
    world.clock.instant += timedelta(days=1)
    of_then = replace(world.half, tools=replace(world.half.tools, clock=MemoryClock(written)))
    finished(
        world, rotate_kind(RotationDesk(lambda: [SUBJECT], lambda _: of_then)).work, Unit("rotate", SUBJECT, "run-2")
    )

    refused = admits(world)

    assert refused.result is Result.FAILED
    assert "in the same second" in refused.cause
    assert world.held_by_provider() == held
    assert overlaps(world)


@dataclass
class Meddled(MemoryRegister):
    """A register that somebody edits between two readings of it."""

    loads: int = 0
    edited_at: int = 0

    def load(self) -> Register:
        self.loads += 1
        if self.loads == self.edited_at:
            (customer,) = self.register.customers.values()
            self.add(replace(customer, company="Acme, renamed"))
        return super().load()


def test_a_register_that_changes_meanwhile_is_read_again() -> None:
    """As when two passes of one customer are admitted at once: the second is examined anew, not refused."""
    for edited_at in count(1):
        world = World()
        rotates(world, both=False)
        world.register = register = Meddled(world.register.register, edited_at=edited_at)

        admitted = admits(world)

        assert admitted.result is Result.DONE, (edited_at, admitted.cause)
        if register.loads < edited_at:
            assert edited_at > 5
            return
        assert register.load().customers[CustomerName("acme-prod")].company == "Acme, renamed"
