"""Where the steps of units lie: beside SQLite's file, or in the PostgreSQL that the workers share."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psycopg

from gatepass.fleet.database import Database
from gatepass.fleet.runners import connected
from gatepass.fleet.step_book import Row, Shelf, Step

_SQLITE = """CREATE TABLE IF NOT EXISTS steps (
    run TEXT NOT NULL, subject TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (run, subject, number)) WITHOUT ROWID"""
_POSTGRES = """CREATE SCHEMA IF NOT EXISTS gatepass_fleet;
CREATE TABLE IF NOT EXISTS gatepass_fleet.steps (
    run text NOT NULL, subject text NOT NULL, number integer NOT NULL, name text NOT NULL, told text NOT NULL,
    PRIMARY KEY (run, subject, number))"""
_INSERT = """INSERT INTO gatepass_fleet.steps
    SELECT * FROM unnest(%s::text[], %s::text[], %s::integer[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"""
# Two workers that make the table at once would meet each other; any number that only we use.
_MAKING = 0x6761_7465_7374_6570
# SQLite takes so many values in one statement, whatever its version.
_AT_ONCE = 500
_LOCKED_SECONDS, _AGAIN_SECONDS = 30.0, 0.2
_Answer = TypeVar("_Answer")
_log = logging.getLogger("dbos.gatepass")


def open_shelf(database: Database) -> Shelf:
    """Return where the steps of this database's runs lie, made at the first use."""
    return PostgresShelf(database) if database.is_shared else SqliteShelf(database)


class SqliteShelf:
    """A file beside the one of the runs, so that neither waits for the other's writer."""

    def __init__(self, database: Database) -> None:
        """Open the file, for its owner alone."""
        file = database.folder / "steps.sqlite"
        # SQLite gives the files beside it the mode of the first one.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._connection = sqlite3.connect(file, timeout=_LOCKED_SECONDS, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A process that is killed loses nothing. A power cut may take the last steps, which are then done once more;
        # outcomes and their records are kept by DBOS, which waits for the disk.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_SQLITE)

    def write(self, rows: Sequence[Row]) -> None:
        """Keep all rows, or none; one that is there already stays as it is."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT OR IGNORE INTO steps VALUES (?, ?, ?, ?, ?)",
                [(row.run, row.subject, row.number, row.step.name, row.step.told) for row in rows],
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def read(self, run: str, subjects: Sequence[str]) -> Sequence[Row]:
        """Return what is kept of these units, each unit's steps in order."""
        found: list[Row] = []
        for begin in range(0, len(subjects), _AT_ONCE):
            some = subjects[begin : begin + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT run, subject, number, name, told FROM steps WHERE run = ? AND subject IN ({marks}) ORDER BY subject, number"  # noqa: S608, E501 - marks alone
            found += [_row(*each) for each in self._connection.execute(query, [run, *some])]
        return found

    def forget(self, run: str) -> None:
        """Keep nothing of the run any longer."""
        self._connection.execute("DELETE FROM steps WHERE run = ?", [run])

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


@dataclass
class PostgresShelf:
    """A table in the database that the workers share; while it is away, whoever asks waits until it is back."""

    database: Database
    _connection: psycopg.Connection | None = None

    def write(self, rows: Sequence[Row]) -> None:
        """Keep all rows, or none; one that is there already stays as it is."""
        columns = [
            [row.run for row in rows],
            [row.subject for row in rows],
            [row.number for row in rows],
            [row.step.name for row in rows],
            [row.step.told for row in rows],
        ]
        self._lastingly(lambda connection: connection.execute(_INSERT, columns))

    def read(self, run: str, subjects: Sequence[str]) -> Sequence[Row]:
        """Return what is kept of these units, each unit's steps in order."""
        query = """SELECT run, subject, number, name, told FROM gatepass_fleet.steps
            WHERE run = %s AND subject = ANY(%s) ORDER BY subject, number"""
        found = self._lastingly(lambda connection: connection.execute(query, [run, list(subjects)]).fetchall())
        return [_row(*each) for each in found]

    def forget(self, run: str) -> None:
        """Keep nothing of the run any longer."""
        self._lastingly(lambda one: one.execute("DELETE FROM gatepass_fleet.steps WHERE run = %s", [run]))

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lastingly(self, ask: Callable[[psycopg.Connection], _Answer]) -> _Answer:
        """Ask until there is an answer; a write that was answered too late is the same write again."""
        while True:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                return ask(self._connection)
            except psycopg.OperationalError:
                _log.exception("PostgreSQL is away; steps wait for it")
                self.close()
                time.sleep(_AGAIN_SECONDS)

    def _opened(self) -> psycopg.Connection:
        connection = connected(self.database)
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
            for statement in _POSTGRES.split(";"):
                connection.execute(statement)
        return connection


def _row(run: str, subject: str, number: int, name: str, told: str) -> Row:
    return Row(run, subject, number, Step(name, told))
