"""The log, an anchor and an inbox in memory: twins for tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatepass.domain.audit_chain import Head, Line, next_lines
from gatepass.domain.audit_record import AuditRecord


class MemoryAuditLog:
    """A log in a list; tests tamper with ``kept``."""

    title = "memory"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: list[Line] = []
        self.notes: dict[int, str] = {}

    def append(self, records: Sequence[AuditRecord]) -> int:
        """Add those that are new."""
        known = {line.id for line in self.kept}
        lines = next_lines(self.head(), [record for record in records if record.id not in known])
        self.kept.extend(lines)
        return len(lines)

    def lines(self, first: int = 0) -> Iterator[Line]:
        """Yield them."""
        return iter([line for line in self.kept if line.index >= first])

    def head(self) -> Head:
        """Return where it ends."""
        return Head(self.kept[-1].index + 1, self.kept[-1].chain) if self.kept else Head()

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep it."""
        self.notes.setdefault(size, note)

    def checkpoints(self) -> Sequence[str]:
        """Return them."""
        return [self.notes[size] for size in sorted(self.notes)]


class MemoryAnchor:
    """Checkpoints in a list."""

    title = "memory"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: list[str] = []

    def put(self, size: int, note: str) -> None:
        """Add one."""
        del size
        if note not in self.kept:
            self.kept.append(note)

    def notes(self) -> Sequence[str]:
        """Return them."""
        return list(self.kept)


class MemoryInbox:
    """Batches in a dictionary."""

    title = "memory"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: dict[str, str] = {}

    def put(self, name: str, text: str) -> None:
        """Leave a batch."""
        self.kept[name] = text

    def names(self) -> Sequence[str]:
        """Return what waits."""
        return sorted(self.kept)

    def take(self, name: str) -> str:
        """Return a batch."""
        return self.kept[name]

    def done(self, name: str) -> None:
        """Take a batch away."""
        self.kept.pop(name, None)
