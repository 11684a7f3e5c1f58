"""Files of JSON that commands read, or standard input in place of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatepass.domain.errors import GatepassError, InvalidInput

_STANDARD_INPUT = Path("-")
# More than any account's details, and less than what exhausts the memory.
_MOST_BYTES = 500_000_000


def read_text(path: Path) -> str:
    """Return the whole text of a file; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
        InvalidInput: the file is too large, or not text in UTF-8.
    """
    with _readable(path):
        content = sys.stdin.buffer.read() if path == _STANDARD_INPUT else _limited(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{path} is not text in UTF-8", why="JSON is written in UTF-8", next_step="save the file as UTF-8"
        ) from None


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file as they come; ``-`` is standard input.

    Raises:
        GatepassError: the file cannot be read.
    """
    with _readable(path):
        if path == _STANDARD_INPUT:
            yield from sys.stdin.buffer
            return
        with path.open("rb") as file:
            yield from file


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise InvalidInput(f"{path} is larger than 500 MB", next_step="name a file of JSON")
    return content


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be read: {error.strerror or 'it is no file'}",
            why="it must be a file that you may read",
            next_step="name a file of JSON, or - for standard input",
        ) from None
