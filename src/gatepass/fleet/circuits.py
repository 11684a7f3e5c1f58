"""Which runs have stopped, seen from one worker, and when it stops one itself."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from gatepass.fleet.breaker import Breaker
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.run import Outcome, Progress
from gatepass.fleet.work import Result


@dataclass
class Circuits:
    """The failures of every run that this worker does something of; any thread may ask.

    Attributes:
        tell: told when a run is stopped here.
    """

    ledger: Ledger
    tell: Callable[[str], None]
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _shut: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def may_begin(self, run: str) -> bool:
        """Say whether units of the run may begin; what was stopped may again once somebody has resumed it."""
        with self._lock:
            if run not in self._shut:
                return True
            if self.ledger.progress(run).stopped:
                return False
            self.forget(run)
            return True

    def counted(self, run: str, outcome: Outcome) -> Outcome:
        """Return the outcome, having stopped the run where it is one failure too many."""
        if outcome.result.result is Result.FAILED:
            with self._lock:
                breaker = self._breaker(run, None)
                breaker.count(outcome.subject, outcome.result.cause)
                self._stop_if_tripped(run, breaker)
        return outcome

    def look(self, progress: Progress, workers: int) -> None:
        """Take in what others did with the run: somebody stopped it, or units failed at other workers."""
        with self._lock:
            if progress.stopped:
                self._shut.add(progress.run)
            elif workers > 1:
                breaker = self._breaker(progress.run, progress)
                for one in progress.outcomes:
                    if one.result.result is Result.FAILED:
                        breaker.count(one.subject, one.result.cause)
                self._stop_if_tripped(progress.run, breaker)

    def forget(self, run: str) -> None:
        """Begin to count anew, should the run be seen again."""
        with self._lock:
            self._shut.discard(run)
            self._breakers.pop(run, None)

    def _breaker(self, run: str, known: Progress | None) -> Breaker:
        if run not in self._breakers:
            progress = known or self.ledger.progress(run)
            total = progress.total if progress.total is not None else sys.maxsize
            breaker = self._breakers[run] = Breaker(total, progress.order.max_failures)
            # What failed before somebody let the run go on does not stop it again.
            breaker.forgive(progress.forgiven)
        return self._breakers[run]

    def _stop_if_tripped(self, run: str, breaker: Breaker) -> None:
        if breaker.tripped_by and run not in self._shut:
            self.ledger.stop(run, breaker.tripped_by)
            self._shut.add(run)
            self.tell(f"{run} stopped: {breaker.tripped_by}")
