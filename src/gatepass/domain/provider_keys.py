"""The provider's own keys: one pair to sign with, one to be sealed to, and what is left of those before."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.json_text import read_json
from gatepass.domain.rotation_statement import RotationStatement, parse_rotation_statement
from gatepass.domain.signed_file import PublicKey

_VERSION = 1
# A store takes 4 KB. Customers who know a key older than that many rotations compare the new one by telephone.
KEPT_ROTATIONS = 5
# Passes that were sealed longer ago than that many rotations have been admitted, or are asked for anew.
KEPT_IDENTITIES = 12


def keys_name(account: AccountId) -> str:
    """Return the name under which the provider's store keeps its keys."""
    return f"provider/{account}/keys"


@dataclass(frozen=True, slots=True)
class SecretHalves:
    """The two secrets, as text; whoever has them is the provider to every customer.

    Attributes:
        identity: the age X25519 identity, ``AGE-SECRET-KEY-1...``.
        seed: the Ed25519 private key, 32 bytes in base64.
    """

    identity: str = field(repr=False)
    seed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicHalves:
    """What of the two may be shown to anybody."""

    seal_to: str
    key: PublicKey


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """All keys of one provider account.

    Attributes:
        name: what the provider calls itself in its offers.
        secret: the halves in use.
        public: their public halves.
        older_identities: identities from before, the youngest first, that still open older passes.
        rotations: how the keys came one after the other, the youngest last.
    """

    account: AccountId
    name: str
    secret: SecretHalves = field(repr=False)
    public: PublicHalves
    older_identities: tuple[str, ...] = field(default=(), repr=False)
    rotations: tuple[RotationStatement, ...] = ()

    @property
    def identities(self) -> tuple[str, ...]:
        """Every identity that a pass may be sealed to, the one in use first."""
        return (self.secret.identity, *self.older_identities)

    def rotated(self, secret: SecretHalves, public: PublicHalves, statement: RotationStatement) -> ProviderKeys:
        """Return the keys with new ones in use, which the statement of the old ones vouches for."""
        older = self.identities[:KEPT_IDENTITIES]
        rotations = (*self.rotations, statement)[-KEPT_ROTATIONS:]
        return ProviderKeys(self.account, self.name, secret, public, older, rotations)


def keys_text(keys: ProviderKeys) -> str:
    """Return the keys, secrets included, as a store keeps them."""
    tree = {
        "gatepass": "keys",
        "version": _VERSION,
        "account": str(keys.account),
        "name": keys.name,
        "identity": keys.secret.identity,
        "seed": keys.secret.seed,
        "older": list(keys.older_identities),
        "rotations": [rotation.tree for rotation in keys.rotations],
    }
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """Keys as a store kept them, before their public halves are worked out again."""

    account: AccountId
    name: str
    secret: SecretHalves = field(repr=False)
    older_identities: tuple[str, ...] = field(repr=False)
    rotations: tuple[RotationStatement, ...]


def parse_keys(text: str) -> KeptKeys:
    """Return the keys of their text.

    Raises:
        InvalidInput: it is not as Gatepass writes it; nothing of it is repeated.
    """
    match read_json(text):
        case {
            "gatepass": "keys",
            "version": 1,
            "account": str(account),
            "name": str(name),
            "identity": str(identity),
            "seed": str(seed),
            "older": list(older),
            "rotations": list(rotations),
        } if all(isinstance(each, str) for each in older):
            statements = tuple(parse_rotation_statement(each) for each in rotations)
            return KeptKeys(AccountId(account), name, SecretHalves(identity, seed), tuple(older), statements)
        case _:
            raise InvalidInput(
                "these are no keys of a provider",
                why="they are not as Gatepass writes them",
                next_step="name the backup that gatepass keys export wrote, or restore it into the store",
            )
