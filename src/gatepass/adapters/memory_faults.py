"""Calls to a twin, counted, and failed where a test says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure of one call.

    Attributes:
        method: which; empty for every one.
        at: how many calls of it go well before, from when the fault was set.
        error: what is raised; what is no ``GatepassError`` kills the caller.
        after: whether the call did its work all the same, and only its answer was lost.
    """

    method: str
    at: int
    error: BaseException
    after: bool = False


@dataclass
class Calls:
    """Every call that was made, in order, one at a time."""

    made: list[str] = field(default_factory=list)
    _waiting: list[tuple[Fault, list[str]]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def fail(self, fault: Fault) -> None:
        """Let a later call fail, once."""
        self._waiting.append((fault, []))

    @contextmanager
    def call(self, method: str) -> Iterator[None]:
        """Note the call, and fail it before or after its work where a fault says so."""
        with self._lock:
            self.made.append(method)
            due = [fault for fault, seen in self._waiting if _is_due(fault, seen, method)]
            self._waiting = [waiting for waiting in self._waiting if waiting[0] not in due]
            for fault in due:
                if not fault.after:
                    raise fault.error
            yield
            for fault in due:
                raise fault.error


def _is_due(fault: Fault, seen: list[str], method: str) -> bool:
    if fault.method not in ("", method):
        return False
    seen.append(method)
    return len(seen) == fault.at + 1
