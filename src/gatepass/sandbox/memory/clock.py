"""The sandbox's clock: the machine's own, moved forward by hand."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

# A century: enough for any test, and far below what datetime can hold.
LONGEST_ADVANCE = timedelta(days=36_525)

_ALMOST_A_SECOND = 0.999_999


class Clock:
    """Wall time plus every advance so far.

    Clients sign with the machine's clock, whatever this one shows. The history of advances tells what this
    clock showed when a signature was made.
    """

    def __init__(self, wall_time: Callable[[], float] = time.time, pause: Callable[[float], None] = time.sleep) -> None:
        self._wall_time = wall_time
        self._pause = pause
        self._lock = Lock()
        # Wall time, ascending, each with the sum of all advances up to then.
        self._advanced_at: list[float] = []
        self._offsets: list[float] = []

    def wall_time(self) -> float:
        """Return the machine's time, in seconds since 1970."""
        return self._wall_time()

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.at_wall_time(self._wall_time())

    def at_wall_time(self, wall_time: float) -> datetime:
        """Return what this clock showed when the machine's clock showed a number of seconds since 1970."""
        position = bisect_right(self._advanced_at, wall_time)
        offset = self._offsets[position - 1] if position else 0.0
        return datetime.fromtimestamp(wall_time, UTC) + timedelta(seconds=offset)

    def signed_at(self, second: int, *, at_latest: bool) -> datetime:
        """Return what this clock showed in a whole second of wall time, which is all that a signature tells.

        Only within the second of an advance does it matter whether the second's beginning is meant, or its end.
        """
        return self.at_wall_time(second + _ALMOST_A_SECOND) if at_latest else self.at_wall_time(second)

    def advance(self, by: timedelta, *, settle: bool = True) -> datetime:
        """Move the clock forward, and return the new time.

        To settle is to wait for the next whole second of wall time first: then a URL that was signed just
        before the advance can be told from one that is signed just after it.

        Raises:
            ValueError: the clock would go backwards, or further than a century.
        """
        if not timedelta(0) <= by <= LONGEST_ADVANCE:
            raise ValueError(f"the clock moves forward by up to {LONGEST_ADVANCE.days} days, not by {by}")
        with self._lock:
            moment = self._wall_time()
            if settle:
                moment = math.floor(moment) + 1
                while (remaining := moment - self._wall_time()) > 0:
                    self._pause(remaining)
            offset = (self._offsets[-1] if self._offsets else 0.0) + by.total_seconds()
            # The offset first: a reader that finds a position must find what belongs to it.
            self._offsets.append(offset)
            self._advanced_at.append(moment)
        return self.now()

    def history(self) -> list[tuple[float, float]]:
        """Return every advance: the wall time it was made at, and the sum of all up to then."""
        return list(zip(self._advanced_at, self._offsets, strict=False))

    def restore(self, history: list[tuple[float, float]]) -> None:
        """Replace the history, as read from `history` before."""
        with self._lock:
            self._advanced_at = [wall_time for wall_time, _ in history]
            self._offsets = [offset for _, offset in history]
