"""Who works: one process on SQLite's file, several on PostgreSQL; and whose work is left behind."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import psycopg

from gatepass.fleet.database import Database, unreachable

# Tells our advisory locks from those of others in the same database.
_LOCK_CLASS = 0x6761_7465
# A worker that lost its connection has so long to get its lock back; others wait longer before they take its work.
BACK_WITHIN_SECONDS, GRACE_SECONDS = 5.0, 10.0
_PING_SECONDS = 1.0


def new_worker() -> str:
    """Return an id that no other process has: two of one id would repeat each other's steps."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def connected(database: Database) -> psycopg.Connection:
    """Return a connection to PostgreSQL that soon notices when the other side is gone."""
    return psycopg.connect(
        database.url, autocommit=True, connect_timeout=3, application_name="gatepass",
        keepalives_idle=2, keepalives_interval=1, keepalives_count=3, tcp_user_timeout=4000,
    )  # fmt: skip


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


@dataclass
class SharedPlace:
    """PostgreSQL: every worker holds an advisory lock on its id for as long as its connection lives.

    Attributes:
        worker: this process's id.
        on_lost: called when the lock could not be got back in time: others may do this worker's work by now.
        grace_seconds: for how long a lock must be seen free before its worker counts as dead.
    """

    database: Database
    worker: str
    on_lost: Callable[[], None]
    grace_seconds: float = GRACE_SECONDS
    _connection: psycopg.Connection | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _free_since: dict[str, float] = field(default_factory=dict)

    def take(self) -> bool:
        """Connect and take the lock on this worker's id.

        Raises:
            GatepassError: PostgreSQL does not answer.
        """
        try:
            self._connection = connected(self.database)
        except psycopg.Error as error:
            raise unreachable(self.database, error) from None
        if not self._locked(self._connection, self.worker):
            return False
        threading.Thread(target=self._keep, name="gatepass-lock", daemon=True).start()
        return True

    def give_up(self) -> None:
        """Let the lock go with the connection."""
        self._stop.set()
        if self._connection is not None:
            self._connection.close()

    def workers(self) -> int:
        """Return how many locks of workers are held."""
        with connected(self.database) as connection:
            query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = %s AND granted"
            row = connection.execute(query, [_LOCK_CLASS]).fetchone()
        return max(1, int(row[0])) if row else 1

    @contextmanager
    def if_dead(self, worker: str) -> Iterator[bool]:
        """Say so only when the lock was free twice, longer apart than its owner has for getting it back."""
        with connected(self.database) as connection:
            if worker == self.worker or not self._locked(connection, worker):
                self._free_since.pop(worker, None)
                yield False
                return
            since = self._free_since.setdefault(worker, time.monotonic())
            # The lock is held until the connection is closed, so that two survivors never take the same work.
            yield time.monotonic() - since >= self.grace_seconds

    def _keep(self) -> None:
        """Ask every second whether the connection lives, and get the lock back when it does not.

        Back too late, others may do this worker's work by now: then it stops at once.
        """
        while not self._stop.wait(_PING_SECONDS):
            if self._is_held():
                continue
            lost = time.monotonic()
            while not self._stop.is_set() and (uptime := self._regained()) is None:
                self._stop.wait(0.2)
            # While PostgreSQL itself was down, nobody could take anything.
            if not self._stop.is_set() and min(time.monotonic() - lost, uptime or 0.0) > BACK_WITHIN_SECONDS:
                self.on_lost()
                return

    def _is_held(self) -> bool:
        try:
            if self._connection is None:
                return False
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _regained(self) -> float | None:
        """Take the lock again and return for how many seconds PostgreSQL has been up; None when that does not work."""
        try:
            self._connection = connected(self.database)
            if not self._locked(self._connection, self.worker):
                return None
            query = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())"
            row = self._connection.execute(query).fetchone()
        except psycopg.Error:
            return None
        return float(row[0]) if row is not None else None

    @staticmethod
    def _locked(connection: psycopg.Connection, worker: str) -> bool:
        number = int.from_bytes(hashlib.sha256(worker.encode()).digest()[:4], signed=True)
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, number]).fetchone()
        return row is not None and bool(row[0])
