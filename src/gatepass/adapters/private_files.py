"""Files that only their owner may read: written whole or not at all, refused when others had a hand in them."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from gatepass.domain.errors import GatepassError, InvalidInput

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def state_folder() -> Path:
    """Return the folder for what must outlive a command: ``$XDG_STATE_HOME/gatepass``."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "gatepass"


def read_private(path: Path) -> str | None:
    """Return the file's text, or None when there is no such file.

    Raises:
        InvalidInput: a link, another owner's, or readable by others; it is not read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be opened") from None
    with os.fdopen(descriptor, encoding="utf-8") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            raise _unusable(path, "it is not a plain file of yours")
        if status.st_mode & _OTHERS:
            raise _unusable(path, "others may read or write it")
        return file.read()


def write_private(path: Path, text: str) -> None:
    """Write the file with mode 0600 in a folder of mode 0700; a reader sees the old text or the new, never a part.

    Raises:
        GatepassError: the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="sessions and credentials are kept there, for you alone",
            next_step="make the folder writable, or set XDG_STATE_HOME to one that is",
        ) from None


def remove_private(path: Path) -> None:
    """Delete the file; deleting what is gone is a success."""
    path.unlink(missing_ok=True)


def _unusable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"{path} is not used", why=why, next_step=f"look who wrote it, then delete it: rm {path}")
