"""In-memory twins of a channel of notices, and of what was told already."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepass.domain.errors import GatepassError
from gatepass.domain.notice import Notice, Told


@dataclass
class MemoryNotices:
    """A channel that keeps what it takes, unless it was told to fail."""

    channel: str = "memory"
    target: str = "this test"
    failure: GatepassError | None = None
    notices: list[Notice] = field(default_factory=list)

    def send(self, notice: Notice) -> None:
        """Keep the notice, or fail."""
        if self.failure is not None:
            raise self.failure
        self.notices.append(notice)


@dataclass
class MemoryTold:
    """What was told, kept as long as the test."""

    kept: frozenset[Told] = frozenset()

    def told(self) -> frozenset[Told]:
        """Return what was put."""
        return self.kept

    def put(self, told: frozenset[Told]) -> None:
        """Keep exactly these."""
        self.kept = told
