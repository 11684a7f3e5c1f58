"""The log of what was done, where it is anchored, and how other machines' records get into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from gatepass.domain.audit_chain import Head, Line
from gatepass.domain.audit_record import AuditRecord


class AuditLog(Protocol):
    """Records in the order in which they came, and checkpoints of them; nothing is changed or taken away."""

    @property
    def title(self) -> str:
        """Where it lies, for people; no password in it."""

    def append(self, records: Sequence[AuditRecord]) -> int:
        """Add those whose id is not in it yet, all or none, and return how many that were.

        However many append at once, each id is there once and the chain has no fork. Of two records with
        one id the one that came first stands.

        Raises:
            GatepassError: it cannot be written; nothing was added.
        """

    def lines(self, first: int = 0) -> Iterator[Line]:
        """Yield the records as they are kept, from an index on, as they were at one moment."""

    def head(self) -> Head:
        """Return where it ends."""

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint of that size; one that is kept already stays."""

    def checkpoints(self) -> Sequence[str]:
        """Return the kept checkpoints, the smallest size first."""


class Anchor(Protocol):
    """A place outside, where checkpoints stay when somebody cuts the log."""

    @property
    def title(self) -> str:
        """What it is, for people."""

    def put(self, size: int, note: str) -> None:
        """Add a checkpoint; those that are there stay, and the same once more is a success.

        Raises:
            GatepassError: it was not taken.
        """

    def notes(self) -> Sequence[str]:
        """Return all checkpoints, in no order.

        Raises:
            GatepassError: they cannot be read.
        """


class Inbox(Protocol):
    """A place where machines leave batches of records for whoever keeps the log."""

    @property
    def title(self) -> str:
        """What it is, for people."""

    def put(self, name: str, text: str) -> None:
        """Leave a batch; the same name once more is the same batch."""

    def names(self) -> Sequence[str]:
        """Return the names of what waits, in order."""

    def take(self, name: str) -> str:
        """Return the text of a batch, which stays.

        Raises:
            InvalidInput: it is larger than any of ours, or not text.
        """

    def done(self, name: str) -> None:
        """Take a batch away that is in the log now; one that is gone is a success."""


class Journal(Protocol):
    """What this machine has recorded and not delivered yet."""

    def batches(self) -> Iterator[str]:
        """Yield the names of batches, the oldest first, each of which no more is written to."""

    def read(self, name: str) -> Sequence[str]:
        """Return a batch's lines; the last one may be torn."""

    def forget(self, name: str) -> None:
        """Delete a batch whose delivery is confirmed."""

    def set_aside(self, lines: Sequence[str]) -> None:
        """Keep lines that are no records, for somebody to look at."""
