"""What the provider tells the customer about a handshake, as a signed file; no external ID is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput
from gatepass.domain.handshake import Answer, Handshake, Probe, Subject, Trial, probe_facts
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.limits import VERIFIER
from gatepass.domain.rotation_statement import MOST_ROTATIONS, RotationStatement, parse_rotation_statement
from gatepass.domain.signed_file import demand_keys
from gatepass.domain.signed_words import is_file_id, read_instant
from gatepass.domain.trust import instant_text

# What a signed file that tells of a handshake calls itself.
RECEIPT = "receipt"
_FACTORS = {"required": True, "none": False}
_KEYS = {
    "id", "provider", "customer", "grant", "role", "pass", "made_at", "made_as", "second_factor", "probes",
    "verdict", "rotations",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """One handshake with what it was about.

    Attributes:
        id: random, at least 128 bits.
        rotations: how the key that signs it came after older ones, for customers who know one of those.
    """

    id: str
    subject: Subject
    handshake: Handshake
    rotations: tuple[RotationStatement, ...] = ()


def receipt_body(receipt: Receipt) -> dict[str, object]:
    """Return the body of the signed file."""
    subject, handshake = receipt.subject, receipt.handshake
    return {
        "id": receipt.id,
        "provider": str(subject.provider),
        "customer": str(handshake.role.account),
        "grant": str(subject.grant),
        "role": str(handshake.role),
        "pass": subject.pass_id,
        "made_at": instant_text(handshake.at),
        "made_as": VERIFIER,
        "second_factor": "required" if handshake.has_second_factor else "none",
        "probes": [probe_facts(probe) for probe in handshake.probes],
        "verdict": handshake.verdict.value,
        "rotations": [rotation.tree for rotation in receipt.rotations],
    }


def parse_receipt(body: Mapping[str, object]) -> Receipt:
    """Return the receipt of a file's body.

    Raises:
        InvalidInput: a key is missing, unknown or of another type, or it contradicts itself.
    """
    demand_keys(body, _KEYS)
    made_at = read_instant(body["made_at"])
    match body:
        case {
            "id": str(receipt_id),
            "provider": str(provider),
            "grant": str(grant),
            "role": str(role),
            "pass": None | str() as pass_id,
            "second_factor": str(factor),
            "probes": list(probes),
            "rotations": list(rotations),
        } if factor in _FACTORS and made_at is not None and probes and len(rotations) <= MOST_ROTATIONS:
            subject = Subject(AccountId(provider), GrantName(grant), pass_id)
            seen = tuple(_probe(each) for each in probes)
            handshake = Handshake(RoleArn(role), made_at, _FACTORS[factor], seen)
            statements = tuple(parse_rotation_statement(each) for each in rotations)
        case _:
            raise _wrong("a part of it is not as Gatepass writes it")
    if not is_file_id(receipt_id) or not (pass_id is None or is_file_id(pass_id)):
        raise _wrong("an id in it is not one that Gatepass draws")
    receipt = Receipt(receipt_id, subject, handshake, statements)
    if receipt_body(receipt) != dict(body):
        raise _wrong("it contradicts itself: what it concludes is not what it says was seen")
    return receipt


def _probe(tree: object) -> Probe:
    match tree:
        case {"tried": str(tried), "expected": str(expected), "seen": str(seen), **more} if not more:
            try:
                return Probe(Trial(tried), Answer(expected), Answer(seen))
            except ValueError:
                pass
    raise _wrong("it tells of a trial that this Gatepass does not know")


def _wrong(why: str) -> InvalidInput:
    return InvalidInput(
        "the receipt cannot be used",
        why=why,
        next_step="ask the provider for it again: gatepass verify CUSTOMER -o FILE",
    )
