"""Wait for runs on a platform while a person looks on; Ctrl-C ends the waiting, and the runs go on."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from gatepass.cli.output import ExitCode, note
from gatepass.cli.workspace_progress import Progress
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.machine import Clock
from gatepass.usecases.door_records import door_records
from gatepass.usecases.watch_run import Patience, Watch, watch_run
from gatepass.wiring import machine, workspaces

# A person looks on: the end of a run is seen within a seventh of the time that it took.
_PATIENCE = Patience(first=timedelta(seconds=1), growth=1.15)


class Stopped(BaseException):
    """A person pressed Ctrl-C while this thread waited."""


@dataclass(frozen=True)
class Stop:
    """Whether everybody is to end; threads wait by its clock."""

    asked: threading.Event = field(default_factory=threading.Event)

    def demand_none(self) -> None:
        """Go on only while nobody pressed Ctrl-C.

        Raises:
            Stopped: somebody did.
        """
        if self.asked.is_set():
            raise Stopped


@dataclass(frozen=True, slots=True)
class _StoppableClock:
    """The machine's clock, whose sleep ends when everybody is to end."""

    stop: Stop
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()

    def sleep(self, duration: timedelta) -> None:
        self.stop.asked.wait(duration.total_seconds())
        self.stop.demand_none()


@dataclass(slots=True)
class _Teller:
    """Shows how far the runs of one workspace are, and of each once where a browser finds it."""

    subject: str
    progress: Progress
    last: str = ""

    def reached(self, run: Run) -> None:
        if run.id != self.last:
            self.last = run.id
            self.progress.say(f"{self.subject}: run {run.id}{f'  {run.url}' if run.url else ''}")
        self.progress.show(self.subject, "" if run.is_over else run.stage.value)

    def left(self, run: Run) -> None:
        self.progress.say(f"{self.subject}: run {run.id}: nobody waits for it any longer, and it goes on")


def watcher(
    setup: WorkspaceSetup, progress: Progress, stop: Stop | None = None, subject: str = ""
) -> Callable[[Run], Run]:
    """Return what waits until a run of the workspace is over.

    Args:
        setup: the workspace.
        progress: where it is told how far a run is.
        stop: what ends the waiting of many threads at once; None where Ctrl-C reaches this one.
        subject: what the workspace is called there; its name by default.
    """

    def masks() -> list[ExternalId]:
        records = door_records(setup.declaration, workspaces.store_of(setup.declaration))
        return [each for record in records.values() for each in record.ids]

    clock = machine.clock()
    watch = Watch(
        platform=workspaces.platform_of(setup),
        clock=_StoppableClock(stop, clock) if stop is not None else clock,
        listener=_Teller(subject or setup.workspace, progress),
        masks=masks,
        patience=_PATIENCE,
    )
    return partial(watch_run, watch=watch)


@contextlib.contextmanager
def stopped_by_hand(stop: Stop) -> Iterator[None]:
    """Let Ctrl-C end what all threads wait for, and pressed once more this process."""

    def on_signal(number: int, frame: object) -> None:
        del number, frame
        if stop.asked.is_set():
            os._exit(ExitCode.INTERRUPTED)
        stop.asked.set()
        note("\nstopping: what was sent to the platform is waited for; press Ctrl-C again to leave at once")
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
