"""In-memory twins of what engineers' requests need: keys, signatures, the customer's book."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from gatepass.domain.access_request import CLOCK_SKEW, AccessRequest
from gatepass.domain.identifiers import AccountId, EngineerName
from gatepass.domain.signed_file import PublicKey


@dataclass(frozen=True)
class MemorySigningKey:
    """A key that differs by its seed; whoever knows the public half could sign too, so it is for tests only."""

    seed: str = "one"

    @property
    def public_key(self) -> PublicKey:
        """The half that anybody may have."""
        return PublicKey(hashlib.sha256(self.seed.encode()).digest())

    def sign(self, message: bytes) -> bytes:
        """Return what the checker below takes for a signature."""
        return _mark(self.public_key, message)


class MemorySignatures:
    """Tells the marks of the twin above."""

    def is_signed_by(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        """Say whether that key signed exactly this."""
        return signature == _mark(key, message)


@dataclass
class MemoryRequestBook:
    """A customer's book that is forgotten with the process."""

    keys: dict[tuple[AccountId, str], PublicKey] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)

    def known_key(self, provider: AccountId, engineer: EngineerName) -> PublicKey | None:
        """Return the key that was remembered."""
        return self.keys.get((provider, str(engineer).lower()))

    def was_used(self, request_id: str) -> bool:
        """Say whether it was remembered."""
        return request_id in self.used

    def remember(self, request: AccessRequest, key: PublicKey, now: datetime) -> None:
        """Keep both, and forget what nobody could use any more."""
        self.keys[request.provider, str(request.engineer).lower()] = key
        self.used = {one: end for one, end in self.used.items() if end > now}
        self.used[request.id] = request.usable_until + CLOCK_SKEW


def _mark(key: PublicKey, message: bytes) -> bytes:
    return hashlib.sha512(key.raw + message).digest()
