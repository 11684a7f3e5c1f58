"""Terminal sessions kept as text files: commands, their output, their exit codes, and their input files below.

A line that begins with ``$ `` is typed; what follows is what it must print, standard output and
standard error together; ``exit N`` must follow when the code is not 0. After a line ``--- NAME``
comes the content of an input file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Exchange:
    """One command and what it must print."""

    command: str
    printed: list[str] = field(default_factory=list)
    exit_code: int = 0


@dataclass(frozen=True)
class Transcript:
    """A terminal session and its input files."""

    exchanges: tuple[Exchange, ...]
    files: dict[str, str]


def read_transcript(path: Path) -> Transcript:
    """Return what the file says."""
    session, *parts = ("\n" + path.read_text(encoding="utf-8")).split("\n--- ")
    files = dict(part.split("\n", 1) for part in parts)
    return Transcript(tuple(_exchanges(session.strip("\n").split("\n"))), files)


def _exchanges(lines: list[str]) -> Iterator[Exchange]:
    current: Exchange | None = None
    for line in lines:
        if line.startswith("$ "):
            if current is not None:
                yield current
            current = Exchange(line[2:])
        elif current is not None and line.startswith("exit "):
            current.exit_code = int(line.removeprefix("exit "))
        elif current is not None:
            current.printed.append(line)
    if current is not None:
        yield current
