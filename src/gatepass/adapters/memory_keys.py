"""In-memory twins of the handover's locks and keys; they hide nothing, so they are for tests only."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.json_text import read_json
from gatepass.domain.offer import Offer
from gatepass.domain.offered_keys import demand_recipient
from gatepass.domain.provider_keys import PublicHalves, SecretHalves
from gatepass.domain.signed_file import PublicKey, SignedFile
from gatepass.ports.signatures import SigningKey

_LETTERS = "023456789acdefghjklmnpqrstuvwxyz"


class MemorySealer:
    """Writes the recipient beside the text."""

    def seal(self, text: str, recipient: str) -> str:
        """Return the text with its recipient."""
        return _written(demand_recipient(recipient), text)


@dataclass(frozen=True)
class MemoryOpener:
    """Opens what the twin above sealed to one of the identities."""

    identities: Sequence[str] = field(repr=False)

    def open(self, sealed: str) -> str:
        """Return what was sealed."""
        return _read(sealed, [memory_recipient(each) for each in self.identities])


class MemoryStrongbox:
    """Writes a mark of the passphrase beside the text."""

    def lock(self, text: str, passphrase: str) -> str:
        """Return the text with the mark."""
        return _written(_mark(passphrase), text)

    def unlock(self, locked: str, passphrase: str) -> str:
        """Return what was locked."""
        return _read(locked, [_mark(passphrase)])


@dataclass
class MemoryLocksmith:
    """Keys that differ but are the same in every run."""

    made: int = 0

    def make(self) -> SecretHalves:
        """Return the next keys."""
        self.made += 1
        return SecretHalves(f"identity-{self.made}", f"seed-{self.made}")

    def public_halves(self, secret: SecretHalves) -> PublicHalves:
        """Return what may be shown of them."""
        return PublicHalves(memory_recipient(secret.identity), self.signing_key(secret).public_key)

    def signing_key(self, secret: SecretHalves) -> SigningKey:
        """Return the twin of a signing key."""
        if not secret.seed.startswith("seed-"):
            raise InvalidInput("that is not a key of this test")
        return MemorySigningKey(secret.seed)


@dataclass
class MemoryPins:
    """Pins that are forgotten with the process."""

    keys: dict[AccountId, PublicKey] = field(default_factory=dict)

    def known_key(self, provider: AccountId) -> PublicKey | None:
        """Return the key that was pinned."""
        return self.keys.get(provider)

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        """Keep it instead."""
        self.keys[provider] = key


@dataclass
class MemoryOffers:
    """Offers that are forgotten with the process."""

    offers: list[Offer] = field(default_factory=list)

    def made(self) -> Sequence[Offer]:
        """Return what was kept."""
        return tuple(self.offers)

    def keep(self, offer: Offer, signed: SignedFile) -> None:
        """Keep one more."""
        del signed
        self.offers.append(offer)


def memory_recipient(identity: str) -> str:
    """Return what stands for the public half of an identity."""
    return "age1" + "".join(_LETTERS[byte & 31] for byte in hashlib.sha512(identity.encode()).digest()[:58])


def _mark(passphrase: str) -> str:
    return hashlib.sha256(passphrase.encode()).hexdigest()


def _written(holder: str, text: str) -> str:
    return base64.b64encode(json.dumps([holder, text]).encode()).decode()


def _read(sealed: str, holders: Sequence[str]) -> str:
    try:
        tree = read_json(base64.b64decode(sealed, validate=True).decode())
    except ValueError:
        tree = None
    match tree:
        case [str(holder), str(text)] if holder in holders:
            return text
        case _:
            raise InvalidInput(
                "the sealed part cannot be opened", why="it was sealed to another key", next_step="ask for it anew"
            )
