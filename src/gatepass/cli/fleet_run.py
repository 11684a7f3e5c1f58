"""Begin a run or go on with one, and stay until it is over: working, and telling how far it has come."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from gatepass.cli.fleet_text import count_line, outcome_facts, progress_facts, time_text
from gatepass.cli.output import ExitCode, json_result, note, report, result
from gatepass.domain.errors import GatepassError
from gatepass.wiring import fleet, machine

if TYPE_CHECKING:
    from gatepass.fleet.database import Database
    from gatepass.fleet.engine import Engine
    from gatepass.fleet.ledger import Ledger
    from gatepass.fleet.run import Order, Progress

# How often the run is looked at; plain lines come less often, for they stay.
_LOOK_SECONDS, _LINE_SECONDS = 0.25, 10.0
# How long what is under way in a run that stopped may take to end; it is found again if it takes longer.
_END_SECONDS = 60.0
BY_HAND = "stopped by hand"


class Stopped(Exception):
    """A person pressed Ctrl-C, or the system asks for an end."""


@dataclass
class Run:
    """One run, followed from this terminal."""

    place: Database
    ledger: Ledger
    name: str
    engine: Engine | None = None
    over_since: float = 0.0

    def follow(self, *, as_json: bool) -> int:
        """Work until the run is over, and return the exit code."""
        self._tell_begin(as_json=as_json)
        try:
            with _asked_to_stop():
                try:
                    progress = self._watched(as_json=as_json)
                except (KeyboardInterrupt, Stopped):
                    return self._stop()
        except GatepassError as error:
            # What is under way in other threads would keep the process.
            failed(error)
            raise
        return self._tell_end(progress, as_json=as_json)

    def _tell_begin(self, *, as_json: bool) -> None:
        self._work()
        if not as_json:
            note(f"run {self.name}, kept in {self.place.title}")
        if self.engine is None:
            note("another process of this machine works; it does this run too")

    def _watched(self, *, as_json: bool) -> Progress:
        shown = _Bar() if sys.stderr.isatty() and not as_json else _Lines(silent=as_json)
        with shown:
            while True:
                progress = self.ledger.progress(self.name)
                shown.show(progress)
                if progress.is_over and self._is_quiet(progress):
                    return self.ledger.progress(self.name)
                self._work()
                time.sleep(_LOOK_SECONDS)

    def _is_quiet(self, progress: Progress) -> bool:
        """Say whether what was under way when the run stopped has ended, so that it is told too; or took too long."""
        self.over_since = self.over_since or time.monotonic()
        is_late = time.monotonic() - self.over_since > _END_SECONDS
        return not progress.stopped or is_late or not self.ledger.under_way(self.name)

    def _work(self) -> None:
        """Become a worker when nobody else is one, where only one may be."""
        if self.engine is None:
            engine = fleet.engine(self.place, self._tell, lost, failed)
            if engine is not None:
                engine.start()
                self.engine = engine

    def _tell(self, words: str) -> None:
        """Tell what a worker is told; that the run stopped is told at its end."""
        if not words.startswith(f"{self.name} stopped"):
            note(words)

    def _stop(self) -> int:
        self.ledger.stop(self.name, BY_HAND)
        progress = self.ledger.progress(self.name)
        fleet.deliver(note)
        note(f"\nstopped: {count_line(progress)}; nothing is lost")
        note(f"  go on with: gatepass fleet resume {self.name}")
        # Units that wait for an answer would keep the process; what they are at is remembered or begun again.
        leave(ExitCode.INTERRUPTED)
        return ExitCode.INTERRUPTED

    def _tell_end(self, progress: Progress, *, as_json: bool) -> int:
        if as_json:
            json_result({**progress_facts(progress), "units": outcome_facts(progress)})
        elif not progress.problem:
            result(f"{progress.run}: {count_line(progress)}")
        if progress.problem:
            report(
                GatepassError(f"{progress.run} could not begin", why=progress.problem, next_step=progress.next_step),
                as_json=False,
            )
        if progress.stopped:
            note(f"stopped: {progress.stopped}")
            note(f"  mend the cause, then: gatepass fleet resume {progress.run}")
        code = exit_code(progress)
        if code and not progress.problem:
            note(f"  each with its cause: gatepass fleet failures {progress.run}")
        if self.engine is not None:
            self.engine.end()
        fleet.deliver(note)
        return code


def begin(place: Database, order: Order, *, as_json: bool) -> int:
    """Begin a run and follow it."""
    ledger = fleet.ledger(place)
    name = ledger.begin(order, machine.clock().now())
    return Run(place, ledger, name).follow(as_json=as_json)


def exit_code(progress: Progress) -> int:
    """Return 1 when the run could not begin or stopped, 3 when units failed or found something, else 0."""
    if progress.problem or progress.stopped:
        return ExitCode.FAILED
    return ExitCode.FOUND_SOMETHING if progress.causes or progress.found else ExitCode.DONE


def lost() -> None:
    """End at once: the database thinks this worker dead, and others do its work by now."""
    note("the database was out of reach for too long; others may have taken over what was begun here")
    leave(ExitCode.FAILED)


def failed(error: GatepassError) -> None:
    """End at once: nothing more can be remembered, so nothing more may be done."""
    report(error, as_json=False)
    leave(ExitCode.FAILED)


def leave(code: int) -> None:
    """End this process without waiting for what its threads are at."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[None]:
    """Take the system's friendly request to end for Ctrl-C."""

    def stop(number: int, frame: object) -> None:
        raise Stopped(number, frame)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Lines:
    """A line now and then, for logs."""

    def __init__(self, *, silent: bool) -> None:
        self._next = 0.0 if silent else time.monotonic() + _LINE_SECONDS
        self._silent = silent

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, progress: Progress) -> None:
        if not self._silent and time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_SECONDS
            note(count_line(progress))


class _Bar:
    """A bar with the rate, the failures and the time left, for a person at a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(), TextColumn("{task.description}"))
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("looking for the units", total=None)
        self._begun: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        done = len(progress.outcomes)
        if progress.total is not None and self._begun is None:
            self._begun = (time.monotonic(), done)
        words = count_line(progress) + self._pace(progress)
        self._bar.update(self._task, description=words, total=progress.total, completed=done)

    def _pace(self, progress: Progress) -> str:
        if self._begun is None or progress.left is None:
            return ""
        since, before = self._begun
        done, passed = len(progress.outcomes) - before, time.monotonic() - since
        if done <= 0 or passed < 1:
            return ""
        left = timedelta(seconds=progress.left * passed / done)
        return f"; {done / passed:.0f} a second, {time_text(left)} left"
