"""The lock in PostgreSQL that says that a worker lives; every question about it ends in time."""

from __future__ import annotations

import hashlib
import select
import time
from dataclasses import dataclass, field

import psycopg

from gatepass.fleet.database import Database

# Tells our advisory locks from those of others in the same database.
LOCK_CLASS = 0x6761_7465
# A network that takes every word and answers none is out of reach too.
_ANSWER_SECONDS = 3.0
# PostgreSQL would keep the lock of a machine without power for two hours; so it asks whether we are there, as we do.
_NOTICE_US = (
    "SET tcp_keepalives_idle = 2; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 4000"
)
UPTIME = "extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())"


def seconds() -> float:
    """Return seconds of a clock that nobody moves, and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def connected(database: Database) -> psycopg.Connection:
    """Return a connection to PostgreSQL that soon notices when the other side is gone."""
    return psycopg.connect(
        database.url, autocommit=True, connect_timeout=3, application_name="gatepass",
        keepalives_idle=2, keepalives_interval=1, keepalives_count=3, tcp_user_timeout=4000,
    )  # fmt: skip


def answer(connection: psycopg.Connection, query: str) -> str:
    """Return the first value of the answer; empty when there is none.

    Raises:
        psycopg.OperationalError: there is no answer in time, or the connection is gone.
    """
    wire, end = connection.pgconn, time.monotonic() + _ANSWER_SECONDS
    found, is_refused = "", False
    wire.send_query(query.encode())
    waiting = select.poll()
    waiting.register(wire.socket, select.POLLIN)
    while True:
        wire.flush()
        while wire.is_busy():
            left = end - time.monotonic()
            if left <= 0 or not waiting.poll(left * 1000):
                raise psycopg.OperationalError("no answer in time")
            wire.consume_input()
        part = wire.get_result()
        if part is None:
            break
        is_refused |= part.status not in {psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK}
        if part.ntuples:
            found = (part.get_value(0, 0) or b"").decode()
    if is_refused:
        raise psycopg.OperationalError("the question was refused")
    return found


def number_of(worker: str) -> int:
    """Return the number by which the worker's lock is known."""
    return int.from_bytes(hashlib.sha256(worker.encode()).digest()[:4], signed=True)


def is_free(connection: psycopg.Connection, worker: str) -> bool:
    """Say whether the worker's lock was free, and hold it until the connection is closed."""
    return answer(connection, f"SELECT pg_try_advisory_lock({LOCK_CLASS}, {number_of(worker)})") == "t"


@dataclass
class HeldLock:
    """One worker's lock; only one thread asks.

    Attributes:
        sure_at: when it was last known to be held, in ``seconds``.
    """

    database: Database
    worker: str
    sure_at: float = float("-inf")
    _told_at: float = 0.0
    _pid: int = 0
    _connection: psycopg.Connection | None = field(default=None, repr=False)

    def take(self) -> bool:
        """Take the lock with a new connection, and end the one before, which PostgreSQL may still think alive.

        Raises:
            psycopg.Error: PostgreSQL cannot be reached.
        """
        self.give_up()
        connection, mark = connected(self.database), f"gatepass {number_of(self.worker)}"
        try:
            # Another process may have the number of our last connection by now.
            ours = f"pid = {self._pid} AND application_name = '{mark}' AND usename = current_user"
            answer(connection, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")  # noqa: S608 - ours
            answer(connection, f"SET application_name = '{mark}'; {_NOTICE_US}")
            is_taken = is_free(connection, self.worker)
        except BaseException:
            connection.close()
            raise
        if not is_taken:
            connection.close()
            return False
        self._connection, self._pid = connection, connection.info.backend_pid
        return self.is_held()

    def is_held(self) -> bool:
        """Say whether the connection that holds it lives."""
        begun = seconds()
        try:
            if self._connection is None:
                return False
            self._told_at = float(answer(self._connection, "SELECT extract(epoch FROM clock_timestamp())"))
        except psycopg.Error:
            return False
        self.sure_at = begun
        return True

    def retaken(self) -> float | None:
        """Take it again, and return for how many seconds others could have had it; None when that does not work."""
        since, told = self.sure_at, self._told_at
        try:
            if not self.take() or self._connection is None:
                return None
            up = float(answer(self._connection, f"SELECT {UPTIME}"))
        except psycopg.Error:
            return None
        # By PostgreSQL's clock too: ours may have stood still. While PostgreSQL was down, nobody could take anything.
        return min(max(self.sure_at - since, self._told_at - told), up)

    def give_up(self) -> None:
        """Let the lock go with the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
