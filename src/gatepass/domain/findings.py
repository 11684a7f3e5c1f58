"""What a careful reviewer would say about a grant before it is applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding weighs."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: a stable id, what is so, why it matters, what to do.

    Attributes:
        grant: the grant, or the role or document, that the remark is about.
        counterexamples: requests that get through and should not, in words and without any external ID.
    """

    id: str
    severity: Severity
    grant: str
    what: str
    why: str
    next_step: str
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What a finding says, before it is known about what."""

    id: str
    severity: Severity
    what: str
    why: str
    next_step: str

    def on(self, grant: str, counterexamples: Iterable[object] = ()) -> Finding:
        """Return the finding about one thing."""
        shown = tuple(str(each) for each in counterexamples)
        return Finding(self.id, self.severity, grant, self.what, self.why, self.next_step, shown)
