"""Where runs are kept: a file of SQLite's for one machine, or PostgreSQL for several workers."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.private_files import make_private_folder

_POSTGRES = ("postgresql", "postgres")
_PASSWORD_PARAMETER = re.compile(r"(?i)[?&]password=")
_FILE = "runs.sqlite"
# By when libpq finds out that nobody is there any more.
_NOTICE = "keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=10000"


@dataclass(frozen=True, slots=True)
class Database:
    """A place that keeps runs; its address may hold a password and stays out of ``repr``.

    Attributes:
        folder: the private folder for the file, the locks and the log of this machine.
        url: PostgreSQL's address; empty for the file.
    """

    folder: Path
    url: str = field(default="", repr=False)

    @property
    def is_shared(self) -> bool:
        """Whether several workers may use it."""
        return bool(self.url)

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return self.folder / _FILE

    @property
    def address(self) -> str:
        """What the library opens; it may hold a password."""
        if not self.url:
            return f"sqlite:///{self.file}"
        # Else a connection that the network has forgotten would be waited for, for a quarter of an hour.
        return f"{self.url}{'&' if '?' in self.url else '?'}{_NOTICE}"

    @property
    def title(self) -> str:
        """What a person may see of it."""
        if not self.url:
            return str(self.file)
        parts = urlsplit(self.url)
        where = parts.hostname or "localhost"
        return f"postgresql://{where}{f':{parts.port}' if parts.port else ''}{parts.path}"

    def make_ready(self) -> None:
        """Make the folder, and the file for its owner alone, in the mode that lets readers and a writer work at once.

        Raises:
            Conflict: the folder is not for its owner alone.
            GatepassError: the file cannot be written.
        """
        make_private_folder(self.folder)
        if self.is_shared:
            return
        # SQLite gives the files beside it the mode of the first one.
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self.file.chmod(0o600)
        try:
            with sqlite3.connect(self.file, timeout=30) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            connection.close()
        except sqlite3.Error as error:
            raise GatepassError(
                f"{self.file} cannot be used",
                why=f"SQLite says: {error}",
                next_step="see that the disk has room and that the file is not damaged; moved away, it is made anew",
            ) from None


def chosen_database(folder: Path, typed: str | None, environment: Mapping[str, str]) -> Database:
    """Return the database that was typed, or the one that the environment names, or the file in the folder.

    Raises:
        InvalidInput: it is no address of PostgreSQL, or a password was typed.
    """
    if typed and has_password(typed):
        raise InvalidInput(
            "a password is not taken from the command line",
            why="every user of the machine sees there what others type",
            next_step="leave it out of --database and put it into ~/.pgpass, PGPASSWORD or GATEPASS_DATABASE",
        )
    url = typed or environment.get("GATEPASS_DATABASE", "")
    if url and not _is_postgres(url):
        raise InvalidInput(
            "the database has no address that Gatepass knows",
            why="several workers share PostgreSQL; without an address one machine uses a file of SQLite's",
            next_step="write it as: postgresql://USER@HOST:5432/DATABASE",
        )
    return Database(folder, url.replace("postgres://", "postgresql://", 1) if url else "")


def unreachable(database: Database, error: Exception) -> GatepassError:
    """Return what to say when the database does not answer; never its address, which may hold a password."""
    return GatepassError(
        f"the database {database.title} cannot be used",
        why=f"it answered with {type(error).__name__}"
        if database.is_shared
        else "its file may be damaged or unwritable",
        next_step="see that it runs and that you may create tables in it" if database.is_shared else "look at the file",
    )


def has_password(url: str) -> bool:
    """Say whether a password stands in the address."""
    try:
        return bool(urlsplit(url).password) or bool(_PASSWORD_PARAMETER.search(url))
    except ValueError:
        # Whatever stands in an address that cannot be read is not shown.
        return True


def _is_postgres(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _POSTGRES and (parts.port or 1) > 0 and len(parts.path) > 1
    except ValueError:
        return False
