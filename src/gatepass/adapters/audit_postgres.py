"""The log in a PostgreSQL database, for several machines; triggers refuse every change but the next record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import psycopg

from gatepass.domain.audit_chain import Head, Line, next_lines
from gatepass.domain.audit_record import AuditRecord
from gatepass.domain.errors import GatepassError, NotAnswered

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

T = TypeVar("T")

# Any number that nobody else in the database takes: the first letters of "gatepass audit".
_LOCK = 0x6770_6175
_PAGE = 2000
_SECONDS = 10
_SCHEMA = """
CREATE TABLE IF NOT EXISTS gatepass_audit_records (
    place bigint PRIMARY KEY, id text NOT NULL UNIQUE, line text NOT NULL, chain bytea NOT NULL);
CREATE TABLE IF NOT EXISTS gatepass_audit_checkpoints (size bigint PRIMARY KEY, note text NOT NULL);
CREATE OR REPLACE FUNCTION gatepass_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$;
CREATE OR REPLACE FUNCTION gatepass_audit_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.place <> (SELECT coalesce(max(place), -1) + 1 FROM gatepass_audit_records) THEN
        RAISE EXCEPTION 'the log is append-only';
    END IF;
    RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER next BEFORE INSERT ON gatepass_audit_records
    FOR EACH ROW EXECUTE FUNCTION gatepass_audit_next();
CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON gatepass_audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION gatepass_audit_refuse();
CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON gatepass_audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION gatepass_audit_refuse();
"""


class PostgresAuditLog:
    """A log in two tables of a database; several machines may append at once."""

    def __init__(self, url: str) -> None:
        """Name the database; nothing is asked of it yet."""
        self._url = url
        self._connection: Connection | None = None
        # One transaction at a time on the one connection, whatever thread asks.
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"PostgresAuditLog({self.title})"

    @property
    def title(self) -> str:
        """The database, without a password."""
        place = psycopg.conninfo.conninfo_to_dict(self._url)
        return f"PostgreSQL, {place.get('host', 'this machine')}, database {place.get('dbname', 'of your name')}"

    def append(self, records: Sequence[AuditRecord]) -> int:
        """Add those that are new, in one transaction."""

        def add(cursor: Cursor) -> int:
            # Until the transaction ends nobody else adds: the chain has no fork.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            cursor.execute(
                "SELECT id FROM gatepass_audit_records WHERE id = ANY(%s)", ([record.id for record in records],)
            )
            known = {row[0] for row in cursor.fetchall()}
            lines = next_lines(_head(cursor), [record for record in records if record.id not in known])
            with cursor.copy("COPY gatepass_audit_records (place, id, line, chain) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row((line.index, line.id, line.text, bytes.fromhex(line.chain)))
            return len(lines)

        return self._asked(add)

    def lines(self, first: int = 0) -> Iterator[Line]:
        """Yield the records up to where the log ended when the first was asked for."""
        end = self.head().size
        for begin in range(first, end, _PAGE):
            yield from self._asked(partial(_page, begin=begin, end=min(begin + _PAGE, end)))

    def head(self) -> Head:
        """Return where it ends."""
        return self._asked(_head)

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a checkpoint beside the records."""
        statement = "INSERT INTO gatepass_audit_checkpoints VALUES (%s, %s) ON CONFLICT (size) DO NOTHING"
        self._asked(lambda cursor: cursor.execute(statement, (size, note)))

    def checkpoints(self) -> Sequence[str]:
        """Return them."""

        def read(cursor: Cursor) -> list[str]:
            cursor.execute("SELECT note FROM gatepass_audit_checkpoints ORDER BY size")
            return [row[0] for row in cursor.fetchall()]

        return self._asked(read)

    def close(self) -> None:
        """Let the connection go; the next use makes another."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _asked(self, ask: Callable[[Cursor], T]) -> T:
        """Do it in one transaction; once more where the connection was lost, as nothing is ever added twice."""
        with self._lock:
            for is_last in (False, True):
                try:
                    connection = self._connected()
                    with connection.transaction(), connection.cursor() as cursor:
                        return ask(cursor)
                except psycopg.OperationalError as error:
                    self.close()
                    if is_last:
                        raise self._silent(error) from None
                except psycopg.Error as error:
                    raise self._refused(error) from None
            raise AssertionError

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, connect_timeout=_SECONDS, autocommit=True)
            with self._connection.transaction(), self._connection.cursor() as cursor:
                # Who may only add and read may make no table, and need not.
                cursor.execute("SELECT to_regclass('gatepass_audit_checkpoints')")
                found = cursor.fetchone()
                if found is None or found[0] is None:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                    cursor.execute(_SCHEMA)
        return self._connection

    def _silent(self, error: psycopg.Error) -> NotAnswered:
        # The words of the library may hold the URL: the state alone is told.
        return NotAnswered(
            f"the log in {self.title} does not answer{_state(error)}",
            why="the database is down, or cannot be reached from here, or does not let you in",
            next_step="mend that and run it again; what was not delivered is kept on this machine",
        )

    def _refused(self, error: psycopg.Error) -> GatepassError:
        return GatepassError(
            f"the log in {self.title} was not changed{_state(error)}",
            why="the database refused it; the user may lack INSERT and SELECT on gatepass_audit_records",
            next_step="have the database's owner grant them, or look into the database's own log",
        )


def _state(error: psycopg.Error) -> str:
    return f": SQLSTATE {error.sqlstate}" if error.sqlstate else ""


def _head(cursor: Cursor) -> Head:
    cursor.execute("SELECT place, chain FROM gatepass_audit_records ORDER BY place DESC LIMIT 1")
    row = cursor.fetchone()
    return Head(row[0] + 1, bytes(row[1]).hex()) if row is not None else Head()


def _page(cursor: Cursor, begin: int, end: int) -> list[Line]:
    cursor.execute(
        "SELECT place, id, line, chain FROM gatepass_audit_records WHERE place >= %s AND place < %s ORDER BY place",
        (begin, end),
    )
    return [Line(place, name, text, bytes(chain).hex()) for place, name, text, chain in cursor.fetchall()]
