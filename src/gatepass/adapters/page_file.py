"""Pages for people, written as files: whole or not at all, and never over something else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gatepass.domain.errors import Conflict, GatepassError
from gatepass.private_files import write_private
from gatepass.render.doors_page import BEGINNING


def write_page(path: Path, page: str) -> None:
    """Write a page that only its owner may read; an earlier page of ours is replaced.

    Raises:
        Conflict: there is something else in its place.
        GatepassError: it cannot be written.
    """
    if not page.startswith(BEGINNING):
        raise ValueError("a page begins as pages of ours do, or the next one could not replace it")
    try:
        if not _is_free(path):
            raise Conflict(
                f"{path} is not overwritten",
                why="it is there already and is not a page that gatepass doors wrote",
                next_step="name another file, or remove that one yourself",
            )
        write_private(path, page.encode())
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written",
            why=error.strerror or "",
            next_step="name a file in a folder that you may write",
        ) from None


def _is_free(path: Path) -> bool:
    """Say whether there is nothing, or an earlier page."""
    try:
        # O_NONBLOCK: whoever put a pipe there would have us wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return True
    except OSError:
        # A link, as O_NOFOLLOW tells, or a file of somebody else.
        return False
    try:
        beginning = BEGINNING.encode()
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return is_file and os.read(descriptor, len(beginning)) == beginning
    finally:
        os.close(descriptor)
