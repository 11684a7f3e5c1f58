"""A customer believes a receipt only when the key that it knows the provider by has signed it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemorySecrets
from gatepass.adapters.memory_keys import MemoryLocksmith, MemoryPins
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.handshake import Answer, Handshake, Probe, Subject, Trial
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.receipt import RECEIPT, Receipt, receipt_body
from gatepass.domain.signed_file import SignedFile, is_of_kind, message_to_sign
from gatepass.render.receipt_words import receipt_lines
from gatepass.usecases.provider_keys import KeyRing, init_keys, load_keys, rotate_keys
from gatepass.usecases.read_receipt import ReadReceipt, read_receipt
from gatepass.usecases.review_offer import OfferDesk
from gatepass.usecases.write_receipt import write_receipt
from tests.people import CUSTOMER, MORNING, OTHER_PROVIDER, PROVIDER, SUPPORT

ROLE = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-support")
HANDSHAKE = Handshake(
    ROLE,
    MORNING,
    has_second_factor=True,
    probes=(
        Probe(Trial.RIGHT, Answer.OPENED, Answer.OPENED),
        Probe(Trial.WITHOUT, Answer.REFUSED, Answer.REFUSED),
    ),
)
UNSAFE = replace(HANDSHAKE, probes=(Probe(Trial.WITHOUT, Answer.REFUSED, Answer.OPENED),))


class Scene:
    """A provider with keys, and a customer who accepted an offer of its."""

    def __init__(self) -> None:
        self.ring = KeyRing(PROVIDER, MemorySecrets(), MemoryLocksmith())
        self.pins = MemoryPins()
        self.pins.pin(PROVIDER, init_keys(self.ring, "Harbour").public.key)

    def writes(self, handshake: Handshake = HANDSHAKE, provider: AccountId = PROVIDER) -> str:
        keys = load_keys(self.ring)
        signer = self.ring.locksmith.signing_key(keys.secret)
        subject = Subject(provider, SUPPORT, "0" * 26)
        return write_receipt(handshake, subject, signer, MemoryRandomness(), keys.rotations).text

    def reads(self, text: str, own: AccountId | None = CUSTOMER) -> ReadReceipt:
        return read_receipt(text, own, OfferDesk(self.pins, MemorySignatures(), MemoryClock(MORNING)))


def resigned(text: str, seed: str, **changes: object) -> str:
    """Return the receipt changed, and signed by whoever changed it."""
    body: dict[str, Any] = {**json.loads(text)[RECEIPT], **changes}
    key = MemorySigningKey(seed)
    return SignedFile(RECEIPT, body, key.public_key, key.sign(message_to_sign(RECEIPT, body, key.public_key))).text


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "shut"},
        {"made_at": "2026-11-23T08:00:00Z"},
        {"role": str(ROLE) + "2"},
        {"grant": "x"},
        {"probes": []},
    ],
)
def test_a_receipt_that_was_changed_on_the_way_is_refused(change: dict[str, object]) -> None:
    scene = Scene()
    tree = json.loads(scene.writes())
    tree[RECEIPT].update(change)

    with pytest.raises(InvalidInput, match="signature of the receipt is not right"):
        scene.reads(json.dumps(tree))


def test_a_receipt_of_another_key_of_another_provider_or_of_another_account_is_refused() -> None:
    scene = Scene()
    thief = MemorySigningKey("thief").public_key

    with pytest.raises(Conflict, match=f"not signed by account {PROVIDER}") as caught:
        scene.reads(resigned(scene.writes(), "thief"))
    assert thief.fingerprint in caught.value.why
    with pytest.raises(Conflict, match=f"nobody here knows the key of account {OTHER_PROVIDER}"):
        scene.reads(scene.writes(provider=OTHER_PROVIDER))
    scene.pins.pin(OTHER_PROVIDER, thief)
    with pytest.raises(Conflict, match=f"not signed by account {OTHER_PROVIDER}"):
        scene.reads(scene.writes(provider=OTHER_PROVIDER))
    with pytest.raises(Conflict, match=f"about a role of account {CUSTOMER}"):
        scene.reads(scene.writes(), AccountId("777788889999"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": "unsafe"}, "contradicts itself"),
        ({"customer": "777788889999"}, "contradicts itself"),
        ({"made_as": "somebody"}, "contradicts itself"),
        ({"probes": [{"tried": "luck", "expected": "refused", "seen": "refused"}]}, "does not know"),
        ({"probes": ["luck"]}, "does not know"),
        ({"probes": []}, "not as Gatepass writes it"),
        ({"second_factor": "maybe"}, "not as Gatepass writes it"),
        ({"made_at": "yesterday"}, "not as Gatepass writes it"),
        ({"pass": "7"}, "an id in it"),
        ({"more": 1}, "nobody would read"),
    ],
)
def test_a_signed_receipt_that_gatepass_did_not_write_is_refused(change: dict[str, object], words: str) -> None:
    scene = Scene()
    scene.pins.pin(PROVIDER, MemorySigningKey("one").public_key)

    with pytest.raises(InvalidInput) as caught:
        scene.reads(resigned(scene.writes(), "one", **change))
    assert words in caught.value.why


def test_a_receipt_says_in_words_what_was_seen() -> None:
    scene = Scene()

    sound, unsafe = scene.reads(scene.writes()), scene.reads(scene.writes(UNSAFE), None)

    text = "\n".join(receipt_lines(sound.receipt, sound.key))
    assert "the door is sound" in text
    assert "2026-11-22T08:00:00Z" in text
    assert "  ok  no external ID: AWS refused it" in text
    told = "\n".join(receipt_lines(unsafe.receipt, unsafe.key))
    assert "THE DOOR IS NOT SAFE" in told
    assert "  BAD no external ID: AWS let it in" in told


def test_a_receipt_signed_after_the_keys_were_exchanged_is_believed() -> None:
    scene = Scene()
    rotate_keys(scene.ring)

    assert scene.reads(scene.writes()).receipt.subject.provider == PROVIDER


def test_what_a_receipt_says_comes_back_as_it_was() -> None:
    scene = Scene()
    text = scene.writes()

    assert receipt_body(scene.reads(text).receipt) == json.loads(text)[RECEIPT]
    assert isinstance(scene.reads(text).receipt, Receipt)
    assert is_of_kind(text, RECEIPT)
    assert not any(is_of_kind(other, RECEIPT) for other in ("", "[]", "{", '{"gatepass": "offer"}', " " * 70_000))
