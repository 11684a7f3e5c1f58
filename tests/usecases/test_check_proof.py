"""The proof that a provider left, as the customer reads it: what was altered or contradicts itself is not believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gatepass.adapters.memory_keys import MemoryPins
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.parting_proof import PARTING, PartingProof
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.usecases.check_proof import check_proof
from gatepass.usecases.know_signer import Known, Standing
from tests.people import MORNING, PROVIDER
from tests.teams import NETOPS, customer

KEY = MemorySigningKey()
LEFT = replace(customer(1, NETOPS), teams={}, key="")
PROOF = PartingProof(LEFT, AccountId(str(PROVIDER)), MORNING, 7, (), ("arn:root",), (), ("netops/customer-1/x",), (), 1)


def signed(body: Mapping[str, object], key: MemorySigningKey = KEY) -> str:
    public = key.public_key
    return SignedFile(PARTING, body, public, key.sign(message_to_sign(PARTING, body, public))).text


def known(given: str | None = None) -> Known:
    return Known(MemoryPins({AccountId(str(PROVIDER)): KEY.public_key}), MemorySignatures(), given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("holds", False), ("holds", 1), ("principals", "7"), ("principals", True), ("at", "yesterday"), ("roles", []),
        ("reached_by", ["arn:maria"]), ("reached_by", "nobody"), ("administrators", ["arn\u001b[2J"]), ("provider", "x"),
        ("statement", "nobody at all gets in"), ("not_covered", []), ("second_factors_left", ["netops/customer-1/x"]),
        ("company", "acme\u001b[31m"), ("more", "that nobody reads"), ("rotations", ["none"]),
    ],
)  # fmt: skip
def test_what_the_providers_own_key_signed_and_is_no_proof_is_refused(name: str, value: object) -> None:
    """A provider whose tool was changed can sign anything."""
    with pytest.raises(InvalidInput):
        check_proof(signed({**PROOF.body, name: value}), known())


def test_a_proof_that_lacks_a_part_is_refused() -> None:
    for name in PROOF.body:
        with pytest.raises(InvalidInput, match="cannot be used"):
            check_proof(signed({key: value for key, value in PROOF.body.items() if key != name}), known())


def test_one_letter_changed_after_signing_is_noticed() -> None:
    tree = json.loads(signed(PROOF.body))
    tree[PARTING]["company"] += "."

    with pytest.raises(InvalidInput, match="signature of the proof is not right"):
        check_proof(json.dumps(tree), known())
    with pytest.raises(InvalidInput, match="cannot be used"):
        check_proof(signed(PROOF.body).replace('"gatepass": "offboarding"', '"gatepass": "receipt"'), known())


def test_who_signed_decides_whether_it_is_believed() -> None:
    assert check_proof(signed(PROOF.body), known()).standing is Standing.PINNED
    other = MemorySigningKey("two")
    assert check_proof(signed(PROOF.body, other), known()).standing is Standing.ANOTHER
    assert not check_proof(signed(PROOF.body, other), known()).is_sound
    assert check_proof(signed(PROOF.body, other), known(other.public_key.fingerprint)).is_sound
    nobody = Known(MemoryPins(), MemorySignatures())
    assert not check_proof(signed(PROOF.body), nobody).is_sound


def test_what_is_not_proved_is_not_sound_whoever_signed_it() -> None:
    for proof in (
        replace(PROOF, reached_by=("arn:maria",)),
        replace(PROOF, unread=("arn:policy",)),
        replace(PROOF, kept=("netops/customer-1/x",)),
    ):
        checked = check_proof(signed(proof.body), known())
        assert (checked.is_sound, checked.proof.holds) == (False, False)
        assert checked.proof.lines[0].startswith("not proved")


def test_of_very_many_names_the_others_are_counted() -> None:
    """A signed file has a limit, and a large account may have thousands who still get in."""
    for count, last in ((101, "user/100"), (102, "and 2 more"), (9000, "and 8900 more")):
        body = replace(PROOF, reached_by=tuple(f"user/{number}" for number in range(count))).body
        found = check_proof(signed(body), known()).proof
        assert (found.body, found.reached_by[-1]) == (body, last)
