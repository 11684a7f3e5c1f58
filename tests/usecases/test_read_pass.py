"""A pass that was changed, is old, was admitted, or is not for us is refused before anybody is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.adapters.sealing import AgeSealer
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.handed_pass import PASS
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import Customer
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.usecases.admit_pass import Trust
from tests.people import CUSTOMER, GRANT, OTHER_PROVIDER
from tests.usecases.handover import (
    NAME,
    SEAL_ELSEWHERE,
    SEAL_TO,
    Scene,
)


def signed(body: dict[str, Any], seed: str = "one") -> str:
    """Return a file with this body, signed by whoever holds the key."""
    key = MemorySigningKey(seed)
    return SignedFile(PASS, body, key.public_key, key.sign(message_to_sign(PASS, body, key.public_key))).text


def tampered(text: str, **changes: object) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(text)
    tree[PASS].update(changes)
    return tree


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "999900001111"},
        {"customer_key": "0000000000"},
        {"grant": "audit"},
        {"usable_until": "2026-11-23T08:00:00Z"},
        {"id": "0" * 26},
        {"offer": "0" * 26},
        {"sealed": AgeSealer().seal("{}", SEAL_TO)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_pass_that_was_changed_on_the_way_is_refused(change: dict[str, str]) -> None:
    scene = Scene()

    with pytest.raises(InvalidInput, match="signature of the pass is not right"):
        scene.examines(json.dumps(tampered(scene.hands_over(), **change)), trust=Trust(key=True))


@pytest.mark.parametrize("text", ["", "[]", '{"gatepass": "offer"}', "Dear provider", " " * 65_537])
def test_what_is_no_pass_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Scene().examines(text)


def test_a_pass_for_another_provider_is_refused() -> None:
    scene = Scene(replace(GRANT, provider=OTHER_PROVIDER))

    with pytest.raises(Conflict, match=f"for the provider of account {OTHER_PROVIDER}"):
        scene.examines(scene.hands_over())


def test_a_pass_expires_with_five_minutes_for_clocks_that_differ() -> None:
    scene = Scene()
    text, written = scene.hands_over(), scene.clock.instant

    scene.clock.instant = written + timedelta(days=30, minutes=5) - timedelta(seconds=1)
    scene.examines(text)
    scene.clock.instant += timedelta(seconds=1)
    with pytest.raises(Conflict, match="has expired"):
        scene.examines(text)
    scene.clock.instant = written - timedelta(minutes=5, seconds=1)
    with pytest.raises(Conflict, match="from the future"):
        scene.examines(text)


def test_a_pass_is_admitted_once_however_it_is_written() -> None:
    scene = Scene()
    text = scene.hands_over()
    scene.examines(text)
    scene.admits(text)

    with pytest.raises(Conflict, match="was admitted already"):
        scene.examines(json.dumps(json.loads(text)), trust=Trust(key=True))


def test_a_changed_key_is_refused_until_a_person_vouches_for_it() -> None:
    scene = Scene()
    scene.admits(scene.hands_over())

    with pytest.raises(Conflict, match="another key than before") as caught:
        scene.examines(scene.hands_over("two"))
    scene.admits(scene.hands_over("two"), trust=Trust(key=True))

    assert MemorySigningKey("two").public_key.fingerprint in caught.value.why
    assert not scene.examines(scene.hands_over("two")).read.key_is_new
    with pytest.raises(Conflict, match="another key than before"):
        scene.examines(scene.hands_over("one"))


def test_a_pass_that_is_sealed_to_another_key_is_refused() -> None:
    scene = Scene()

    with pytest.raises(InvalidInput, match="cannot be opened"):
        scene.examines(scene.hands_over(recipient=SEAL_ELSEWHERE))


@pytest.mark.parametrize(
    "sealed", ["{}", '{"arn:aws:iam::444455556666:role/gatepass/Other": {"external_id": "x1", "also_valid": null}}']
)
def test_what_is_sealed_must_be_what_stands_in_clear(sealed: str) -> None:
    scene = Scene()
    body = tampered(scene.hands_over(), sealed=AgeSealer().seal(sealed, SEAL_TO))[PASS]

    with pytest.raises(InvalidInput, match="contradicts itself"):
        scene.examines(signed(body))


def test_the_customer_key_in_clear_must_be_the_sealed_one() -> None:
    scene = Scene()
    body = tampered(scene.hands_over(), customer_key="0000000000")[PASS]

    with pytest.raises(InvalidInput, match="contradicts itself"):
        scene.examines(signed(body))


def test_a_refused_pass_asks_nobody_and_keeps_nothing() -> None:
    scene = Scene()
    text = scene.hands_over("two")
    known = Customer(NAME, "acme", CUSTOMER, "AAAAAAAAAA", signed_by=MemorySigningKey("one").public_key)
    scene.registers(known)

    with pytest.raises(Conflict):
        scene.examines(text)

    assert not scene.verifier.entries
    assert not scene.secrets.secrets
    assert scene.register.load().customers == {NAME: known}


def test_no_older_pass_is_admitted_whoever_brings_it() -> None:
    """The register remembers, so another user and another machine refuse it too."""
    scene = Scene()
    older, newer = scene.hands_over(), scene.hands_over()
    scene.admits(newer)

    elsewhere = Scene(register=MemoryRegister(scene.register.load()), clock=scene.clock)
    for text, words in ((older, "is older than the one that was admitted last"), (newer, "was admitted already")):
        with pytest.raises(Conflict, match=words):
            elsewhere.examines(text, trust=Trust(key=True))


def test_passes_of_two_grants_may_come_in_any_order() -> None:
    scene = Scene()
    support = scene.hands_over()
    scene.registers(Customer(NAME, "acme", CUSTOMER, scene.examines(support).placed.after.key,
                             last_pass={GrantName("audit"): scene.clock.now()}))  # fmt: skip
    scene.admits(support)

    assert set(scene.register.load().customers[NAME].last_pass) == {GrantName("audit"), GRANT.name}
