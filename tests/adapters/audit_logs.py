"""Logs of every kind for tests, and records to put into them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.adapters.memory_audit import MemoryAuditLog
from gatepass.adapters.signing_keys import Ed25519Signatures
from gatepass.domain.audit_record import AuditRecord, Outcome
from gatepass.domain.identifiers import AccountId
from gatepass.domain.signed_file import PublicKey
from gatepass.usecases.checkpoint_log import Signer

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ACCOUNT = AccountId("111122223333")
ALICE = "arn:aws:iam::111122223333:user/alice"


class Key:
    """A signing key that is the same for the same letter."""

    def __init__(self, letter: str = "a") -> None:
        """Make it."""
        self._key = Ed25519PrivateKey.from_private_bytes(letter.encode() * 32)

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return base64.b64encode(self.public_key.raw).decode()


def signer(key: Key | None = None) -> Signer:
    """Return who signs for a log."""
    key = key or Key()
    return Signer(ACCOUNT, key, frozenset({key.public_key}), (), Ed25519Signatures())


def records(count: int, begin: int = 0, customer: str = "") -> tuple[AuditRecord, ...]:
    """Return records with ids of their own, of two customers in turns unless one is named."""
    return tuple(
        AuditRecord(
            f"r{number}", AT, ALICE, "provider", "enter", Outcome.DONE,
            customer=customer or ("acme-prod", "zeta")[number % 2], grant="support",
        )
        for number in range(begin, begin + count)
    )  # fmt: skip


LOGS: dict[str, Callable[[Path], MemoryAuditLog | SqliteAuditLog]] = {
    "memory": lambda _: MemoryAuditLog(),
    "sqlite": lambda folder: SqliteAuditLog(folder / "audit.db"),
}
