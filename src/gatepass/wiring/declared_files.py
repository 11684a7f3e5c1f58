"""What customers' files declare, read once while they stay as they are, for a run asks for each several times."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatepass.domain.grant import Declaration

# More files than one run's; each costs some kilobytes.
_MOST_FILES = 20_000


def declaration(path: Path) -> Declaration:
    """Return what the file declares; raises as ``file_access.load_customer_file``."""
    try:
        looks = path.stat()
    except OSError:
        return _declaration(path, 0, 0, 0)
    return _declaration(path, looks.st_ino, looks.st_mtime_ns, looks.st_size)


@lru_cache(_MOST_FILES)
def _declaration(path: Path, *looks: int) -> Declaration:
    del looks
    from gatepass.wiring.file_access import load_customer_file

    return load_customer_file(path).declaration
