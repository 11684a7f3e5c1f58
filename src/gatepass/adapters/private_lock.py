"""Who may write in a private folder, by a lock that the system lets go when its holder ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from gatepass.domain.errors import GatepassError
from gatepass.private_files import make_private_folder


def sole_writer(folder: Path) -> AbstractContextManager[None]:
    """Make the folder unless it is there, and hold its lock; others wait until it is let go.

    Raises:
        Conflict: the folder is not for its owner alone.
        GatepassError: something in it cannot be written.
    """
    return _locked(folder, fcntl.LOCK_EX)


def one_of_writers(folder: Path) -> AbstractContextManager[None]:
    """Hold the folder's lock together with others who write single files; whoever wants it alone waits, and they too.

    Raises:
        Conflict: the folder is not for its owner alone.
        GatepassError: something in it cannot be written.
    """
    return _locked(folder, fcntl.LOCK_SH)


@contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    try:
        make_private_folder(folder)
        # O_NOFOLLOW: a link in place of the lock would open somebody else's file.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(folder / ".lock", flags, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise GatepassError(
            f"{folder} cannot be written: {error.strerror}",
            why="what Gatepass keeps for you alone lies there",
            next_step="make the folder writable, or set XDG_STATE_HOME to one that is",
        ) from None
