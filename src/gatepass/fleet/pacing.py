"""How fast AWS is asked: each account's limits, left alone by a tenth, and given way to when it says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# Calls a second for each account and Region: STS's request quota; Secrets Manager's for writing together, which cannot
# be raised, and for reading; Parameter Store's at its default throughput, which costs money to raise. IAM tells none
# for its token buckets; ten a second were never throttled in a customer's account.
KNOWN_LIMITS: Mapping[str, float] = MappingProxyType(
    {
        "sts": 600.0,
        "secretsmanager-write": 50.0,
        "secretsmanager-read": 10_000.0,
        "ssm-read": 40.0,
        "ssm-write": 3.0,
        "iam": 10.0,
    }
)
# For a family that nobody measured.
_CAREFUL = 5.0
# What is left to everybody else in the account.
_OUR_PART = 0.9
# How far a throttle can slow us down, and how much of the full pace comes back each second without one.
_SLOWEST_PART, _REGAINED_EACH_SECOND = 0.01, 0.05
# Throttles within this time are one: what was under way at the first says nothing about the new pace.
_ONE_THROTTLE_SECONDS = 1.0
# How much of a second may be spent at once after a pause.
_BURST_SECONDS = 0.1


@dataclass(slots=True)
class Pace:
    """The pace of one family of calls in one account and Region; pure, so instants are given.

    Attributes:
        full: calls a second when nothing is throttled.
        part: the part of it that is used now.
    """

    full: float
    part: float = 1.0
    _next: float = float("-inf")
    _seen: float = float("-inf")
    _throttled: float = float("-inf")

    def turn(self, now: float, workers: int = 1) -> float:
        """Take the next turn and return when it is; the pace is shared by so many workers."""
        self._regain(now)
        rate = self.full * self.part / max(1, workers)
        turn = max(self._next, now - _BURST_SECONDS)
        self._next = turn + 1 / rate
        return max(turn, now)

    def throttled(self, now: float) -> None:
        """Halve the pace; throttles of the same moment count once."""
        self._regain(now)
        if now - self._throttled >= _ONE_THROTTLE_SECONDS:
            self._throttled = now
            self.part = max(_SLOWEST_PART, self.part / 2)

    def _regain(self, now: float) -> None:
        quiet_since = max(self._seen, self._throttled + _ONE_THROTTLE_SECONDS)
        if now > quiet_since:
            self.part = min(1.0, self.part + (now - quiet_since) * _REGAINED_EACH_SECOND)
        self._seen = max(self._seen, now)


@dataclass
class Pacer:
    """The paces that all workers of a process share; every method may be called from any thread.

    Attributes:
        workers: how many processes share the limits; each takes its part of them.
        limits: calls a second by family.
    """

    workers: Callable[[], int] = lambda: 1
    limits: Mapping[str, float] = field(default_factory=lambda: KNOWN_LIMITS)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _paces: dict[tuple[str, str, str], Pace] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pass_(self, family: str, account: str, region: str) -> None:
        """Wait until the call may be made."""
        wait = self.delay(family, account, region)
        if wait > 0:
            self.sleep(wait)

    def delay(self, family: str, account: str, region: str) -> float:
        """Take the next turn, and return how many seconds it is away, for those who wait otherwise."""
        with self._lock:
            now = self.monotonic()
            return self._pace(family, account, region).turn(now, self.workers()) - now

    def throttled(self, family: str, account: str, region: str) -> None:
        """Slow down: AWS said that it is too much."""
        with self._lock:
            self._pace(family, account, region).throttled(self.monotonic())

    def _pace(self, family: str, account: str, region: str) -> Pace:
        key = (family, account, region)
        if key not in self._paces:
            self._paces[key] = Pace(self.limits.get(family, _CAREFUL) * _OUR_PART)
        return self._paces[key]
