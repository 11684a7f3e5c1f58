"""Only the provider's own word about this very pass retires the external ID from before."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.domain.identifiers import GrantName
from gatepass.domain.receipt import RECEIPT
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.usecases.rotate_workspace_door import RotatedDoor, Stage, rotate_workspace
from tests.people import CUSTOMER
from tests.usecases.workspace_world import AUDIT, OVERLAP, SUPPORT, World

RECEIPT_NAME = "444455556666-support.receipt.json"


def _rotates(world: World) -> dict[GrantName, RotatedDoor]:
    return {one.grant: one for one in rotate_workspace((), world.desk(), OVERLAP)}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"grant": "audit"}, "does not say that the new second factor opens"),
        ({"second_factor": "none"}, "does not say that the new second factor opens"),
        ({"role": f"arn:aws:iam::{CUSTOMER}:role/gatepass/Other"}, "does not say that the new second factor opens"),
        ({"role": "arn:aws:iam::999900001111:role/gatepass/X", "customer": "999900001111"}, "another|account 9999"),
    ],
)
def test_a_receipt_about_something_else_retires_nothing_and_is_told(changes: dict[str, str], why: str) -> None:
    world = World()
    _rotates(world)
    world.admits(SUPPORT)
    _answers_again(world, "provider", **changes)

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.FAILED
    assert re.search(why, done[SUPPORT].cause)
    assert done[AUDIT].stage is Stage.WAITING
    assert world.takes_two(SUPPORT)


def test_a_receipt_that_somebody_else_signed_retires_nothing() -> None:
    world = World()
    _rotates(world)
    world.admits(SUPPORT)
    _answers_again(world, "a stranger")

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.FAILED
    assert "not signed by account" in done[SUPPORT].cause
    assert world.takes_two(SUPPORT)


def test_a_receipt_of_an_earlier_pass_is_left_where_it_lies() -> None:
    world = World()
    _rotates(world)
    world.admits(SUPPORT)
    early = world.receipts.files[RECEIPT_NAME]
    _rotates(world)
    world.clock.instant += timedelta(days=1)
    _rotates(world)
    world.receipts.files[RECEIPT_NAME] = early

    done = _rotates(world)

    assert done[SUPPORT].stage is Stage.WAITING
    assert world.receipts.files[RECEIPT_NAME] == early


def _answers_again(world: World, signer: str, **changes: str) -> None:
    """Sign the receipt again with other words in it."""
    body: dict[str, object] = {**json.loads(world.receipts.files[RECEIPT_NAME])[RECEIPT], **changes}
    key = MemorySigningKey(signer)
    signed = SignedFile(RECEIPT, body, key.public_key, key.sign(message_to_sign(RECEIPT, body, key.public_key)))
    world.receipts.files[RECEIPT_NAME] = signed.text
