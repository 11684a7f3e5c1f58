"""Who works: one process on SQLite's file, several on PostgreSQL; and whose work is left behind."""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import psycopg

from gatepass.fleet.database import Database, unreachable
from gatepass.fleet.held_lock import LOCK_CLASS, UPTIME, HeldLock, answer, is_free, seconds
from gatepass.fleet.held_lock import connected as connected  # noqa: PLC0414 - exported

# A worker that lost its connection has so long to get its lock back; others wait longer before they take its work.
BACK_WITHIN_SECONDS, GRACE_SECONDS = 5.0, 10.0
_PING_SECONDS = 1.0


def new_worker() -> str:
    """Return an id that no other process has: two of one id would repeat each other's steps."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class Place(Protocol):
    """What tells the living from the dead."""

    def take(self) -> bool:
        """Begin to work here; False when somebody else does, and only one may."""
        ...

    def give_up(self) -> None:
        """Work no longer here."""
        ...

    def workers(self) -> int:
        """Return how many work here."""
        ...

    def if_dead(self, worker: str) -> AbstractContextManager[bool]:
        """Say whether the worker is gone, and keep others from finding so until the block ends."""
        ...

    def may_begin(self) -> None:
        """Return when a step may be begun: at once, unless others may think this worker dead."""
        ...


@dataclass
class SolePlace:
    """SQLite's file: who holds its lock is the only one alive."""

    database: Database
    _lock: int = -1

    def take(self) -> bool:
        """Take the lock, which the system lets go when this process ends."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.database.folder / "runner.lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def give_up(self) -> None:
        """Let the lock go."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def workers(self) -> int:
        """Return one: nobody else may."""
        return 1

    @contextmanager
    def if_dead(self, worker: str) -> Iterator[bool]:
        """Everybody else is dead, for this process holds the lock."""
        del worker
        yield self._lock >= 0

    def may_begin(self) -> None:
        """Return at once: the lock ends with the process alone."""


@dataclass
class SharedPlace:
    """PostgreSQL: every worker holds an advisory lock on its id for as long as its connection lives.

    Attributes:
        worker: this process's id.
        on_lost: called when the lock could not be got back in time: others may do this worker's work by now.
        tell: told in words when nothing is begun because the database is out of reach.
        grace_seconds: for how long a lock must be seen free before its worker counts as dead.
    """

    database: Database
    worker: str
    on_lost: Callable[[], None]
    tell: Callable[[str], None] = lambda _: None
    grace_seconds: float = GRACE_SECONDS
    _held: HeldLock = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _free: dict[str, tuple[float, float]] = field(default_factory=dict)
    _is_away: bool = False

    def __post_init__(self) -> None:
        self._held = HeldLock(self.database, self.worker)

    def take(self) -> bool:
        """Connect and take the lock on this worker's id.

        Raises:
            GatepassError: PostgreSQL does not answer.
        """
        try:
            if not self._held.take():
                return False
        except psycopg.Error as error:
            raise unreachable(self.database, error) from None
        threading.Thread(target=self._keep, name="gatepass-lock", daemon=True).start()
        return True

    def give_up(self) -> None:
        """Let the lock go with the connection."""
        self._stop.set()
        self._held.give_up()

    def workers(self) -> int:
        """Return how many locks of workers are held."""
        with closing(connected(self.database)) as connection:
            query = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = {LOCK_CLASS}"  # noqa: S608 - a number of ours
            return max(1, int(answer(connection, f"{query} AND granted")))

    @contextmanager
    def if_dead(self, worker: str) -> Iterator[bool]:
        """Say so only when the lock was free at every look, for longer than its owner has for getting it back."""
        with closing(connected(self.database)) as connection:
            if worker == self.worker or not is_free(connection, worker):
                self._free.pop(worker, None)
                yield False
                return
            now, up = seconds(), float(answer(connection, f"SELECT {UPTIME}"))
            since, last = self._free.get(worker, (now, now))
            # Who did not look for a while does not know, and nobody could get a lock back while PostgreSQL was down.
            since = now if now - last > BACK_WITHIN_SECONDS else since
            self._free[worker] = (since, now)
            # The lock is held until the connection is closed, so that two survivors never take the same work.
            yield min(now - since, up) >= self.grace_seconds

    def may_begin(self) -> None:
        """Wait until this worker surely counts as alive; else two might do the same step at once."""
        while not self._is_sure():
            self._stop.wait(0.1)

    def _is_sure(self) -> bool:
        is_fresh = seconds() - self._held.sure_at <= BACK_WITHIN_SECONDS
        return self._stop.is_set() or (is_fresh and not self._is_away)

    def _keep(self) -> None:
        """Ask every second whether the connection lives, and get the lock back when it does not.

        Back too late, others may do this worker's work by now: then it stops at once.
        """
        while not self._stop.wait(_PING_SECONDS):
            if self._held.is_held():
                continue
            # Until it is known whether others had the time to take over, though the lock be held again.
            self._is_away, is_told = True, False
            while not self._stop.is_set() and (away := self._held.retaken()) is None:
                if not is_told and seconds() - self._held.sure_at > BACK_WITHIN_SECONDS:
                    self.tell(f"the database {self.database.title} is out of reach; nothing is begun until it is back")
                    is_told = True
                self._stop.wait(0.2)
            if not self._stop.is_set() and (away or 0.0) > BACK_WITHIN_SECONDS:
                self.on_lost()
                return
            self._is_away = False
            if is_told:
                self.tell("the database is back, and nobody has taken over: the work goes on")
