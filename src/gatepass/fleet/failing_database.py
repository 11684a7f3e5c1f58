"""When the database itself fails and no unit is to blame: a disk without room, a damaged file, a server gone."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gatepass.domain.errors import GatepassError
from gatepass.fleet.database import Database

# How SQLite calls what no second try helps against, whatever follows the word.
_FOR_GOOD = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CANTOPEN")

# How often it is told that nothing goes on.
_TOLD_AGAIN_SECONDS = 30.0


class _HasDatabase(Protocol):
    database: Database
    leaves: bool


_Asked = TypeVar("_Asked", bound=_HasDatabase)
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class DatabaseFailed(GatepassError):
    """Nothing can be remembered any more, so nothing may be done."""


class LeftAsItIs(BaseException):
    """Ends what was under way without a word about it in the database; whoever goes on finds it begun."""

    def __init__(self, error: BaseException) -> None:
        """Keep what the database met."""
        super().__init__()
        self.error = error


def failed(database: Database, error: BaseException) -> DatabaseFailed:
    """Return what to say; never the statement that failed, which may quote anything."""
    if isinstance(error, DatabaseFailed):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = f"SQLite says: {cause}" if isinstance(cause, sqlite3.Error) else f"it answered with {type(cause).__name__}"
    return DatabaseFailed(
        f"the database {database.title} cannot be used",
        why=f"{said}; what was begun is remembered as far as it came",
        next_step="see that its disk has room and that you may write there, then: gatepass fleet resume",
    )


@contextmanager
def told(database: Database) -> Iterator[None]:
    """Tell the library's errors in our words.

    Raises:
        DatabaseFailed: the database cannot be used.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise failed(database, error) from None
    except LeftAsItIs as left:
        raise failed(database, left.error) from None


@contextmanager
def leaving() -> Iterator[None]:
    """Leave what is under way when the database fails: no ``except Exception`` may take that for the unit's own fault.

    Raises:
        LeftAsItIs: nothing more can be remembered.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise LeftAsItIs(error) from None


def in_words(ask: Callable[Concatenate[_Asked, _Given], _Answer]) -> Callable[Concatenate[_Asked, _Given], _Answer]:
    """Have a method of something that has a database tell the library's errors, or leave where a worker asks."""

    @wraps(ask)
    def asked(one: _Asked, /, *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        with leaving() if one.leaves else told(one.database):
            return ask(one, *given, **named)

    return asked


@dataclass
class Failures:
    """Ends a worker whose database has failed, once.

    Attributes:
        ends: told why; in a process of its own it does not return.
        waits: told in words when the library waits for the database.
    """

    database: Database
    ends: Callable[[DatabaseFailed], None]
    waits: Callable[[str], None]
    _is_over: bool = False
    _told_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def guarded(self, act: Callable[[], _Answer]) -> _Answer:
        """Do what a worker's thread does; what the database fails at is left as it is remembered.

        Raises:
            LeftAsItIs: nothing more can be remembered.
        """
        try:
            with leaving():
                return act()
        except LeftAsItIs as left:
            self.fail(left.error)
            raise

    def fail(self, error: BaseException) -> None:
        """End the worker; whoever else meets the failure meanwhile is held here, before it is taken for a unit's."""
        with self._lock:
            if not self._is_over:
                self._is_over = True
                self.ends(failed(self.database, error))

    def wait(self) -> None:
        """Tell now and then that nothing goes on."""
        with self._lock:
            now = time.monotonic()
            is_due = now - self._told_at > _TOLD_AGAIN_SECONDS
            if is_due:
                self._told_at = now
        if is_due:
            self.waits(f"the database {self.database.title} does not answer; nothing is begun until it does")

    def listen(self) -> None:
        """Hear of what the library meets in its own threads."""
        logger = logging.getLogger("dbos")
        logger.setLevel(logging.WARNING)
        logger.handlers = [each for each in logger.handlers if not isinstance(each, _Listener)]
        logger.addHandler(_Listener(self))


class _Listener(logging.Handler):
    """Hears of failures where nobody could catch them."""

    def __init__(self, failures: Failures) -> None:
        super().__init__(logging.WARNING)
        self._failures = failures

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the error that is being told; its words are not read."""
        error = record.exc_info[1] if record.exc_info else sys.exc_info()[1]
        if not isinstance(error, SQLAlchemyError):
            return
        cause = error.orig if isinstance(error, DBAPIError) else error
        if record.levelno >= logging.ERROR or _is_for_good(cause):
            self._failures.fail(error)
        elif isinstance(cause, psycopg.Error):
            self._failures.wait()


def _is_for_good(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        # None where the driver itself complains.
        return str(getattr(cause, "sqlite_errorname", "")).startswith(_FOR_GOOD)
    return isinstance(cause, (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction))
