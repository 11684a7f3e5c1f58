"""A disk without room, made by the system itself: no file of a process may grow past its first byte.

The limit is EFBIG where a full disk is ENOSPC; to whoever writes both are an OSError, and to SQLite an error in writing.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

_NONE = 1


def fill_up(process: int = 0) -> None:
    """Take all room from a process that runs; by default from this one."""
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (_NONE, most))


@contextmanager
def full_disk(room: int = _NONE) -> Iterator[None]:
    """Give this process no room until the end of the block: no file may become larger than so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
