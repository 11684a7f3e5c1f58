"""Files and folders that only their owner may read: written whole or not at all, refused if others could write."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gatepass.domain.errors import Conflict

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700


def state_folder() -> Path:
    """Return the folder for what must outlive a command: ``$XDG_STATE_HOME/gatepass``."""
    given = os.environ.get("XDG_STATE_HOME", "")
    # The XDG specification has relative paths ignored.
    return (Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "state") / "gatepass"


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, unless it is there.

    Raises:
        Conflict: what is there is no such folder.
    """
    if not folder.parent.exists():
        # XDG Base Directory Specification: what has to be made on the way is for its owner alone too.
        make_private_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise _unsafe(folder, "is not a folder that only you may enter", f"chmod 700 {folder}")


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    # O_EXCL: nobody else's file or link is written through.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_private(path: Path) -> bytes:
    """Read a file, after checking that only its owner, who must be this user, may write or read it.

    Raises:
        FileNotFoundError: there is none.
        Conflict: it is a link, or somebody else's, or others may read or write it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unsafe(path, f"cannot be opened: {error.strerror}", f"ls -l {path}") from None
    try:
        # Of what was opened: another file may be at the path by now.
        _check_own_file(path, os.fstat(descriptor))
    except Conflict:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def demand_private(path: Path) -> None:
    """Let only a file pass that its owner, who must be this user, alone may read and write.

    Raises:
        FileNotFoundError: there is none.
        Conflict: it is a link, or somebody else's, or others may read or write it.
    """
    _check_own_file(path, path.lstat())


def _check_own_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unsafe(path, "is no plain file", f"ls -ld {path}")
    if found.st_uid != os.getuid():
        raise _unsafe(path, "belongs to somebody else", f"ls -l {path}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise _unsafe(path, "may be read or written by others", f"chmod 600 {path}")


def _unsafe(path: Path, why: str, next_step: str) -> Conflict:
    return Conflict(f"{path} is not used", why=f"it {why}", next_step=next_step)
