"""What a run is asked to do, and how far it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gatepass.fleet.breaker import same_cause
from gatepass.fleet.work import Result, UnitResult

# As many units stand in one batch at most, so that a batch that is begun again repeats little.
LARGEST_BATCH = 50
# Runs are cut into about so many batches: fewer, and progress would come in jumps.
_BATCHES = 40
# Measured: with so many in flight the limits of AWS are reached, and memory stays under 500 MB.
DEFAULT_IN_FLIGHT = 500
# The fact by which a unit that is done tells what it found, such as changes that wait.
FOUND = "found"


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for; it is kept with the run, so nothing in it is secret.

    Attributes:
        kind: the kind of work.
        options: what the kind is made ready with, such as the register's file.
        wanted: the filter; empty for everybody.
        max_failures: the part of a run, 0 to 1, that may fail for one cause before it stops.
        max_in_flight: how many units each worker does at once.
        by: who asked, and on which machine.
    """

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)
    wanted: Mapping[str, str] = field(default_factory=dict)
    max_failures: float = 0.05
    max_in_flight: int = DEFAULT_IN_FLIGHT
    by: str = ""

    def facts(self) -> dict[str, Any]:
        """Return the order as JSON keeps it."""
        return {
            "kind": self.kind,
            "options": dict(self.options),
            "wanted": dict(self.wanted),
            "max_failures": self.max_failures,
            "max_in_flight": self.max_in_flight,
            "by": self.by,
        }

    @staticmethod
    def of(facts: Mapping[str, Any]) -> Order:
        """Return the order that these facts keep."""
        return Order(**facts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One unit of a run with what became of it."""

    subject: str
    result: UnitResult

    def facts(self) -> dict[str, Any]:
        """Return the outcome as JSON keeps it."""
        return {
            "subject": self.subject,
            "result": self.result.result.value,
            "cause": self.result.cause,
            "next": self.result.next_step,
            "facts": dict(self.result.facts),
        }

    @staticmethod
    def of(facts: Mapping[str, Any]) -> Outcome:
        """Return the outcome that these facts keep."""
        result = UnitResult(Result(facts["result"]), facts["cause"], facts["next"], facts["facts"])
        return Outcome(facts["subject"], result)

    @property
    def found(self) -> str:
        """What it found that somebody should look at; empty for nothing."""
        return self.result.facts.get(FOUND, "")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        run: the run's id.
        started: when it was asked for, UTC.
        total: how many units it has; None while they are still being looked for.
        outcomes: of the units that are finished.
        stopped: why it does not go on; empty when it does.
        problem: why it could not begin; empty when it could.
        next_step: what to do about the problem.
        forgiven: the units that failed before the run was last resumed; they do not stop it again.
    """

    run: str
    order: Order
    started: datetime
    total: int | None
    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    problem: str = ""
    forgiven: frozenset[str] = frozenset()
    next_step: str = ""

    def count(self, result: Result) -> int:
        """Return how many ended so."""
        return sum(1 for one in self.outcomes if one.result.result is result)

    @property
    def found(self) -> int:
        """How many are done and found something."""
        return sum(1 for one in self.outcomes if one.found and one.result.result is not Result.FAILED)

    @property
    def left(self) -> int | None:
        """How many are not finished; None while nobody knows."""
        return None if self.total is None else max(0, self.total - len(self.outcomes))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen unless somebody resumes it."""
        return bool(self.stopped or self.problem) or self.left == 0

    @property
    def causes(self) -> Mapping[str, int]:
        """How many failed for each cause, the commonest first."""
        failed = (
            same_cause(one.result.cause, one.subject) for one in self.outcomes if one.result.result is Result.FAILED
        )
        return dict(Counter(failed).most_common())


def run_id(kind: str, now: datetime, mark: str) -> str:
    """Return a run's id, which says what it is and when it was begun; the mark tells it from others of the second."""
    return f"{kind}-{now.astimezone(UTC):%Y%m%d-%H%M%S}-{mark}"


def batches(subjects: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the subjects in parts that are done together."""
    size = min(LARGEST_BATCH, max(1, -(-len(subjects) // _BATCHES)))
    return tuple(tuple(subjects[start : start + size]) for start in range(0, len(subjects), size))


def batches_at_once(max_in_flight: int, size: int) -> int:
    """Return how many batches a worker takes from the queue, so that enough units are at hand and others get some."""
    return 1 + -(-max_in_flight // max(1, size))
