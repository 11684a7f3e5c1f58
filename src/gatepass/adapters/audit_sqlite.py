"""The log in one SQLite file that only its owner may read; triggers refuse every change but the next record."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from gatepass.domain.audit_chain import Head, Line, next_lines
from gatepass.domain.audit_record import AuditRecord
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.private_files import demand_private, make_private_folder, state_folder

# How long a writer waits for another one's batch.
_WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.01
_PAGE = 2000
# The trigger on insert closes INSERT OR REPLACE too, which deletes without asking the trigger on delete.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, line TEXT NOT NULL, chain BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS records_insert BEFORE INSERT ON records
WHEN NEW.place <> (SELECT coalesce(max(place), -1) + 1 FROM records)
    OR EXISTS (SELECT 1 FROM records WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_update BEFORE UPDATE ON records
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_delete BEFORE DELETE ON records
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_insert BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_update BEFORE UPDATE ON checkpoints
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_delete BEFORE DELETE ON checkpoints
BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
"""


class SqliteAuditLog:
    """A log in a file; several processes may append at once."""

    def __init__(self, path: Path | None = None) -> None:
        """Keep it at the path, by default in the user's state folder; the file is made at the first use."""
        self._path = path or state_folder() / "audit.db"
        # Kept open: closing the last one writes everything anew. One thread at a time writes by it.
        self._writer: sqlite3.Connection | None = None
        self._writer_of = 0
        self._lock = threading.Lock()

    @property
    def title(self) -> str:
        """The file."""
        return str(self._path)

    def append(self, records: Sequence[AuditRecord]) -> int:
        """Add those that are new, in one transaction."""
        with self._writing() as database:
            known = _known(database, [record.id for record in records])
            lines = next_lines(_head(database), [record for record in records if record.id not in known])
            rows = ((line.index, line.id, line.text, bytes.fromhex(line.chain)) for line in lines)
            database.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
            return len(lines)

    def lines(self, first: int = 0) -> Iterator[Line]:
        """Yield the records, as they were when the first was asked for."""
        with self._opened() as database:
            found = database.execute(
                "SELECT place, id, line, chain FROM records WHERE place >= ? ORDER BY place", (first,)
            )
            while rows := found.fetchmany(_PAGE):
                for place, name, text, chain in rows:
                    yield Line(place, name, text, chain.hex())

    def head(self) -> Head:
        """Return where it ends."""
        with self._opened() as database:
            return _head(database)

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a checkpoint beside the records."""
        with self._writing() as database:
            if database.execute("SELECT 1 FROM checkpoints WHERE size = ?", (size,)).fetchone() is None:
                database.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, note))

    def checkpoints(self) -> Sequence[str]:
        """Return them."""
        with self._opened() as database:
            return [note for (note,) in database.execute("SELECT note FROM checkpoints ORDER BY size")]

    def close(self) -> None:
        """Let the file go; the next use opens it again."""
        with self._lock:
            self._let_go()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the database in a transaction whose only writer this is: the chain has no fork."""
        with self._lock:
            try:
                self._make()
                # A connection is of the process that made it.
                if self._writer is None or self._writer_of != os.getpid():
                    self._writer, self._writer_of = self._connected(), os.getpid()
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                raise self._translated(error) from None
            except BaseException:
                self._let_go()
                raise

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connected()) as database:
                yield database
        except (sqlite3.Error, OSError) as error:
            raise self._translated(error) from None

    def _connected(self) -> sqlite3.Connection:
        self._make()
        database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _set_up(database)
            # A power cut loses no record that was told to be in the log.
            database.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _let_go(self) -> None:
        """Close the writer's connection, which ends what it had begun."""
        if self._writer is not None and self._writer_of == os.getpid():
            self._writer.close()
        self._writer = None

    def _make(self) -> None:
        """Make the file before SQLite does, which would let others read it; its companions take the file's mode."""
        if not self._path.parent.exists():
            make_private_folder(self._path.parent)
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            demand_private(self._path)

    def _translated(self, error: sqlite3.Error | OSError) -> GatepassError:
        # What SQLite says names a table or the disk, never a value.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            return Conflict(
                f"{self._path} is not used as a log: {error}",
                why="it is no log as Gatepass writes it, or somebody changed it",
                next_step="look who changed it; put the file back from a backup, or name another with --log",
            )
        return GatepassError(
            f"the log {self._path} cannot be used: {error}",
            why="the disk may be full, the folder read-only, or another program holds the file",
            next_step="mend that and run it again; what was not delivered is kept on this machine",
        )


def _set_up(database: sqlite3.Connection) -> None:
    """Make the tables unless they are there; whoever else is making them is waited for."""
    began = time.monotonic()
    while True:
        try:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints_delete'").fetchone() is None:
                # SQLite waits for others everywhere but here.
                database.execute("PRAGMA journal_mode = WAL")
                database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        except sqlite3.OperationalError as error:
            # The low byte says busy; the others say in which way.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() - began > _WAIT_SECONDS:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _head(database: sqlite3.Connection) -> Head:
    row = database.execute("SELECT place, chain FROM records ORDER BY place DESC LIMIT 1").fetchone()
    return Head(row[0] + 1, row[1].hex()) if row is not None else Head()


def _known(database: sqlite3.Connection, names: Sequence[str]) -> set[str]:
    """Return those of the ids that are in the log."""
    known: set[str] = set()
    for begin in range(0, len(names), _PAGE // 4):
        part = names[begin : begin + _PAGE // 4]
        marks = ",".join("?" * len(part))
        found = database.execute(f"SELECT id FROM records WHERE id IN ({marks})", part)  # noqa: S608 - marks only
        known.update(name for (name,) in found)
    return known
