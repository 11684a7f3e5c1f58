"""Batches of units: all are done at once, each for itself, and what became of them is told together."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from typing import Any

from gatepass.domain.errors import GatepassError
from gatepass.fleet.circuits import Circuits
from gatepass.fleet.crew import Crew, Job
from gatepass.fleet.durable_steps import ForgetfulSteps
from gatepass.fleet.kept_steps import KeptSteps
from gatepass.fleet.remembered import Unforeseen
from gatepass.fleet.run import Order, Outcome
from gatepass.fleet.step_book import Step, StepBook
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult

# For so long a batch waits for its slowest unit before it tells of the others.
TELLS_WITHIN_SECONDS = 30.0
_log = logging.getLogger("dbos.gatepass")


@dataclass(frozen=True, slots=True)
class Ready:
    """A run as this worker does it.

    Attributes:
        crew: does the units.
    """

    order: Order
    kind: Kind
    crew: Crew


@dataclass
class Batches:
    """The units that this worker has at hand.

    Attributes:
        book: what their steps came to.
        look: where to look when something happened that nobody foresaw.
    """

    book: StepBook
    circuits: Circuits
    look: str
    tells_within_seconds: float = TELLS_WITHIN_SECONDS
    _jobs: dict[tuple[str, str], Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def done(self, ready: Ready, subjects: Sequence[str], run: str) -> str:
        """Do the units of a batch, and return as JSON what became of each.

        ``done`` holds outcomes; ``left`` the subjects that did not begin, because the run was stopped; ``slow`` those
        that are still under way here, in whose place whoever calls asks for them again.
        """
        jobs = self._begun(ready, subjects, run)
        self._await(tuple(jobs.values()))
        came_to: dict[str, list[Any]] = {"done": [], "left": [], "slow": []}
        for subject, job in jobs.items():
            if not job.ended.done():
                came_to["slow"].append(subject)
                continue
            outcome = job.ended.result()
            came_to["left" if outcome is None else "done"].append(outcome or subject)
            with self._lock:
                self._jobs.pop((run, subject), None)
        return json.dumps(came_to)

    def _begun(self, ready: Ready, subjects: Sequence[str], run: str) -> Mapping[str, Job]:
        """Return the units' jobs in order: those that are under way already, and the others, begun."""
        with self._lock:
            jobs = {each: self._jobs[run, each] for each in subjects if (run, each) in self._jobs}
        fresh = [each for each in subjects if each not in jobs]
        known = self.book.read(run, fresh) if fresh and not ready.kind.only_reads else {}
        for each in fresh:
            jobs[each] = ready.crew.begin(self._act(ready.kind, Unit(ready.kind.name, each, run), known.get(each, ())))
        with self._lock:
            self._jobs.update({(run, each): jobs[each] for each in fresh})
        return {each: jobs[each] for each in subjects}

    def _await(self, jobs: Sequence[Job]) -> None:
        """Wait for all units; after a while only until some have ended and none waits to begin."""
        pending = {job.ended for job in jobs}
        while pending:
            _, pending = wait(pending, self.tells_within_seconds if len(jobs) > 1 else None)
            if len(pending) < len(jobs) and all(job.is_begun for job in jobs):
                return

    def _act(self, kind: Kind, unit: Unit, known: Sequence[Step]) -> Callable[[], dict[str, Any] | None]:
        """Return what does the unit, or goes on with it after a pause; None comes of it if the run was stopped."""
        steps = ForgetfulSteps() if kind.only_reads else KeptSteps(self.book, unit.run, unit.subject, known)
        is_begun = False

        def act() -> dict[str, Any] | None:
            nonlocal is_begun
            if not is_begun and not self.circuits.may_begin(unit.run):
                return None
            is_begun = True
            if isinstance(steps, KeptSteps):
                steps.begin_again()
            return self._outcome(kind, unit, steps)

        return act

    def _outcome(self, kind: Kind, unit: Unit, steps: Steps) -> dict[str, Any]:
        try:
            result = kind.work(unit, steps)
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            result = UnitResult(Result.FAILED, cause, error.next_step)
        except Exception as error:  # noqa: BLE001 - one unit's fault must not stop the others
            _log.exception("unit %s of %s failed in a way that nobody foresaw", unit.subject, unit.run)
            name = str(error) if isinstance(error, Unforeseen) else type(error).__name__
            result = UnitResult(Result.FAILED, f"unforeseen error: {name}", self.look)
        return self.circuits.counted(unit.run, Outcome(unit.subject, result)).facts()
