"""How many requests a second a platform takes, and how it tells."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from tests.platforms.fake.exchange import Problem, Request

Told = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Pace:
    """A limit in a sliding second; None for no limit.

    Attributes:
        told: returns the headers of every answer: the limit, what is left, and the seconds until it is whole again.
        refused: what is said to one request too many, by those seconds.
        rare: a pattern of paths of which a minute takes only so many.
        now: a clock that only goes forward; a test may bring its own.
    """

    told: Callable[[int, int, float], Told]
    refused: Callable[[float], Problem]
    limit: int | None = None
    rare: tuple[re.Pattern[str], int] | None = None
    now: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _passed: dict[str, deque[float]] = field(default_factory=dict)

    def passed(self, request: Request) -> Told:
        """Let a request pass, and return the headers of its answer.

        Raises:
            Problem: it is one too many.
        """
        if self.limit is None:
            return ()
        token = request.headers.get("authorization", "")
        with self._lock:
            if self.rare and self.rare[0].fullmatch(request.path) and request.method == "GET":
                self._count(f"{token} rare", self.rare[1], 60)
            left, seconds = self._count(token, self.limit, 1)
            return self.told(self.limit, left, seconds)

    def _count(self, key: str, limit: int, window: float) -> tuple[int, float]:
        times, now = self._passed.setdefault(key, deque()), self.now()
        while times and times[0] <= now - window:
            times.popleft()
        if len(times) >= limit:
            raise self.refused(times[0] + window - now)
        times.append(now)
        return limit - len(times), times[0] + window - now
