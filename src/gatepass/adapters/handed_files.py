"""Files that one side hands to the other: small ones read whole, new ones written beside what is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.signed_file import LARGEST_FILE

_STANDARD_INPUT = Path("-")


def read_handed_file(path: Path) -> str:
    """Return the text of a file that somebody sent; ``-`` is standard input.

    Raises:
        GatepassError: it cannot be read.
        InvalidInput: it is larger than any file of ours, or not text in UTF-8.
    """
    try:
        if path == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be read: {error.strerror or 'it is no file'}",
            why="it must be a file that you may read",
            next_step="name the file that you were sent, or - for standard input",
        ) from None
    if len(content) > LARGEST_FILE:
        raise InvalidInput(
            f"{path} is larger than {LARGEST_FILE // 1024} KB",
            why="no file that Gatepass hands over is that large",
            next_step="name the file that you were sent",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{path} is not text in UTF-8",
            why="files that Gatepass hands over are plain text",
            next_step="name the file that you were sent, unpacked",
        ) from None


def write_new_file(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file that was not there before; a link that leads nowhere counts as there.

    Args:
        path: where.
        text: what.
        private: whether only its owner may read it.

    Raises:
        Conflict: there is something of that name.
        GatepassError: it cannot be written.
    """
    try:
        # O_CREAT with O_EXCL follows no link.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Conflict(
            f"{path} is there already", why="it is not overwritten", next_step="name another file, or move it away"
        ) from None
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="the file to hand over would go there",
            next_step="name another place, or leave it out and send what is printed",
        ) from None
