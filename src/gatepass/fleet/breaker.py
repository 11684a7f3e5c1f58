"""When a run stops by itself: too many of its units fail for the same cause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

# Fewer than these say nothing about the rest, however small the run is.
LEAST_FAILURES = 5
# What differs from one customer to the next in the same failure.
_PARTICULARS = re.compile(r"arn:[^\s:]*:[^\s]*|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b\d{12}\b|[\w.-]*\d[\w.-]*")


def same_cause(cause: str, subject: str) -> str:
    """Return the cause without what only this customer has, so that equal causes compare equal."""
    for word in sorted({subject, *subject.split("/")}, key=len, reverse=True):
        if word:
            cause = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", "…", cause)
    return _PARTICULARS.sub("…", cause)


@dataclass
class Breaker:
    """Counts a run's failures, and says when no new unit shall begin.

    Attributes:
        total: how many units the run has.
        max_failures: the part of them, 0 to 1, that may fail for one cause.
    """

    total: int
    max_failures: float
    _counted: set[str] = field(default_factory=set)
    _causes: Counter[str] = field(default_factory=Counter)

    def count(self, subject: str, cause: str) -> None:
        """Count a unit that failed; one unit counts once."""
        if subject not in self._counted:
            self._counted.add(subject)
            self._causes[same_cause(cause, subject)] += 1

    def forgive(self, subjects: Iterable[str]) -> None:
        """Leave these units out of the count."""
        self._counted.update(subjects)

    @property
    def tripped_by(self) -> str:
        """The cause for which too many failed, with their number; empty when none."""
        for cause, count in self._causes.most_common(1):
            if count >= LEAST_FAILURES and count > self.max_failures * self.total:
                return f"{count} of {self.total} failed for the same cause: {cause}"
        return ""
