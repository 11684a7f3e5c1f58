"""Work that leaves a line for every deed, done by workers in processes of their own that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from gatepass.domain.errors import AccessRefused
from gatepass.fleet.database import Database
from gatepass.fleet.engine import Engine
from gatepass.fleet.runners import SharedPlace, SolePlace, new_worker
from gatepass.fleet.work import Kind, Options, Result, Steps, Unit, UnitResult
from gatepass.wiring.fleet import record

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["dbos", "psycopg", "gatepass.fleet.engine", "tests.fleet.counting"])
# Longer than any test needs: what has not come by then will not come.
_PATIENCE_SECONDS = 60.0


def counting(options: Options) -> Kind:
    """Return the kind of work: two steps a unit, each of them a line in the file ``deeds``.

    Options: ``units``, ``deeds``; ``refused`` and ``broken`` name the units that fail, by ``1,2,3`` or ``all``;
    ``waits`` for units that wait between their steps; ``hangs`` names one that hangs there until the pipe ``pipe`` is written to; ``until`` names a file whose presence mends them; ``reads`` for work that only reads.
    """

    def deed(unit: Unit, step: str) -> str:
        # One write with O_APPEND is whole, whoever else writes.
        descriptor = os.open(options["deeds"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{unit.subject} {step} {os.getpid()}\n".encode())
        os.close(descriptor)
        return step

    def work(unit: Unit, steps: Steps) -> UnitResult:
        is_mended = "until" in options and Path(options["until"]).exists()
        if _names(options.get("broken", ""), unit.subject):
            raise ZeroDivisionError("gp1.AAAA.secret")
        steps.do("first", lambda: deed(unit, "first"))
        if _names(options.get("refused", ""), unit.subject) and not is_mended:
            raise AccessRefused(
                f"AWS refused to enter {unit.subject}", why="the role may be gone", next_step=f"look at {unit.subject}"
            )
        if "waits" in options:
            steps.wait(timedelta(seconds=0.5))
        if _names(options.get("hangs", ""), unit.subject):
            steps.do("hang", lambda: Path(options["pipe"]).read_text(encoding="ascii"))
        steps.do("second", lambda: deed(unit, "second"))
        return UnitResult(Result.DONE)

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        assert not wanted
        return [f"c{number}/support" for number in range(int(options["units"]))]

    return Kind("count", units, work, "reads" in options)


def _names(which: str, subject: str) -> bool:
    return which == "all" or subject.removesuffix("/support").removeprefix("c") in which.split(",")


def deeds(file: Path) -> Counter[str]:
    """Return how often each step of each unit was done."""
    return Counter(line.rsplit(" ", 1)[0] for line in _lines(file))


def doers(file: Path) -> set[int]:
    """Return the processes that did anything."""
    return {int(line.rsplit(" ", 1)[1]) for line in _lines(file)}


def _lines(file: Path) -> Sequence[str]:
    return file.read_text(encoding="ascii").splitlines() if file.exists() else ()


@dataclass
class Hand:
    """A worker in a process of its own."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        """Its process's number."""
        assert self.process.pid is not None
        return self.process.pid

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.process.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        self.process.join()


def hand(folder: Path, url: str = "", environment: Mapping[str, str] | None = None) -> Hand:
    """Start a worker on the database in the folder, or on PostgreSQL."""
    process = _CONTEXT.Process(target=_work, args=(folder, url, dict(environment or {})))
    process.start()
    return Hand(process)


def _work(folder: Path, url: str, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    database, worker = Database(folder, url), new_worker()
    database.make_ready()
    place = SharedPlace(database, worker, lambda: os._exit(1)) if url else SolePlace(database)
    until(place.take)
    Engine(database, {"count": counting}, worker, place, print, record=record, tells_within_seconds=0.3).start()
    signal.pause()


def until(claim: Callable[[], bool]) -> None:
    """Look until the claim holds; only a test that fails waits long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)
