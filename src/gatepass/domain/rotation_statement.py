"""What a provider's old signing key says about the new one, so that whoever knows the old can accept the new."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.offered_keys import demand_recipient
from gatepass.domain.signed_file import PublicKey, demand_keys, message_to_sign, parse_public_key, parse_signature

# What is signed calls itself; no statement passes for a file of another kind.
ROTATION = "rotation"

# More than any file of ours has.
MOST_ROTATIONS = 20


@dataclass(frozen=True, slots=True)
class RotationStatement:
    """A new pair of public keys, signed by the old signing key.

    Attributes:
        provider: whose keys they are.
        old: the key that signs this.
        new: the signing key that comes after it.
        seal_to: the age recipient that comes with the new key.
    """

    provider: AccountId
    old: PublicKey
    new: PublicKey
    seal_to: str
    signature: bytes = field(repr=False)

    @property
    def message(self) -> bytes:
        """The bytes that the signature is over."""
        return rotation_message(self.provider, self.old, self.new, self.seal_to)

    @property
    def tree(self) -> dict[str, object]:
        """The statement as a JSON object."""
        return {
            "provider": str(self.provider),
            "old": str(self.old),
            "new": str(self.new),
            "seal_to": self.seal_to,
            "signature": base64.b64encode(self.signature).decode(),
        }


def rotation_message(provider: AccountId, old: PublicKey, new: PublicKey, seal_to: str) -> bytes:
    """Return the bytes that the old key signs."""
    return message_to_sign(ROTATION, {"provider": str(provider), "new": str(new), "seal_to": seal_to}, old)


def parse_rotation_statement(tree: object) -> RotationStatement:
    """Return the statement of its JSON object; its signature is still to be checked.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(tree, dict):
        raise _wrong()
    names = {"provider", "old", "new", "seal_to", "signature"}
    demand_keys(tree, names)
    texts: Mapping[str, str] = {key: value for key, value in tree.items() if isinstance(value, str)}
    if names - set(texts):
        raise _wrong()
    return RotationStatement(
        AccountId(texts["provider"]),
        parse_public_key(texts["old"]),
        parse_public_key(texts["new"]),
        demand_recipient(texts["seal_to"]),
        parse_signature(texts["signature"]),
    )


def successors(known: PublicKey, rotations: Iterable[RotationStatement]) -> frozenset[PublicKey]:
    """Return every key that the known one leads to, itself among them; the signatures must have been checked."""
    statements = list(rotations)
    found = {known}
    while new := {each.new for each in statements if each.old in found} - found:
        found |= new
    return frozenset(found)


def _wrong() -> InvalidInput:
    return InvalidInput(
        "a rotation of keys cannot be read",
        why="it is not as Gatepass writes it",
        next_step="ask for the file again, and take it as it was written",
    )
