"""Threads that do units by turns: one that waits gives its thread to another."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from gatepass.fleet.kept_steps import Paused

# Measured: enough to wait for AWS at the pace of its limits. What only reads does little but wait; what writes took a
# sixth more of the processor with 96 threads.
READING_THREADS, WRITING_THREADS = 96, 40


class CrewEnded(BaseException):
    """This process does the unit no more; whoever finds it begun goes on."""


@dataclass(eq=False)
class Job:
    """A unit that is to be done, is being done, or is done.

    Attributes:
        act: does it; called again from the beginning after each pause.
        is_begun: whether it was called at all.
        ended: what it came to.
    """

    act: Callable[[], Any]
    is_begun: bool = False
    ended: Future[Any] = field(default_factory=Future)


@dataclass
class Crew:
    """The hands of one run in this process.

    Attributes:
        in_flight: how many units are begun and not ended at most; those that wait count, and hold no thread.
        threads: how many of them are at work at once.
    """

    in_flight: int
    threads: int = WRITING_THREADS
    _pool: ThreadPoolExecutor = field(init=False)
    _queued: deque[Job] = field(default_factory=deque)
    _under_way: int = 0
    _paused: list[tuple[float, int, Job]] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _has_ended: bool = False

    def __post_init__(self) -> None:
        # Its threads are made as they are needed.
        self._pool = ThreadPoolExecutor(min(self.in_flight, self.threads), thread_name_prefix="gatepass-unit-")
        threading.Thread(target=self._wake, name="gatepass-wake", daemon=True).start()

    def begin(self, act: Callable[[], Any]) -> Job:
        """Have the unit done as soon as fewer than ``in_flight`` others are under way."""
        job = Job(act)
        with self._changed:
            if self._under_way >= self.in_flight and not self._has_ended:
                self._queued.append(job)
                return job
            self._under_way += 1
        self._submit(job)
        return job

    def end(self) -> None:
        """Begin nothing more, and let those that wait be."""
        with self._changed:
            self._has_ended = True
            left = [*self._queued, *(job for _, _, job in self._paused)]
            self._queued.clear()
            self._paused.clear()
            self._changed.notify()
        self._pool.shutdown(wait=False)
        for job in left:
            job.ended.set_exception(CrewEnded())

    def _submit(self, job: Job) -> None:
        try:
            self._pool.submit(self._do, job)
        except RuntimeError:
            job.ended.set_exception(CrewEnded())

    def _do(self, job: Job) -> None:
        if self._has_ended:
            job.ended.set_exception(CrewEnded())
            return
        job.is_begun = True
        try:
            came_to = job.act()
        except Paused as pause:
            with self._changed:
                if not self._has_ended:
                    heapq.heappush(self._paused, (time.monotonic() + pause.seconds, next(self._order), job))
                    self._changed.notify()
                    return
            job.ended.set_exception(CrewEnded())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for the unit
            job.ended.set_exception(error)
        else:
            job.ended.set_result(came_to)
        with self._changed:
            following = self._queued.popleft() if self._queued else None
            if following is None:
                self._under_way -= 1
        if following is not None:
            self._submit(following)

    def _wake(self) -> None:
        """Have each unit go on when its wait is over."""
        while True:
            with self._changed:
                if self._has_ended:
                    return
                left = self._paused[0][0] - time.monotonic() if self._paused else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                _, _, job = heapq.heappop(self._paused)
            self._submit(job)
