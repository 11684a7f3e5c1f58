"""Where a secret can come out: what is printed, what other users see of a process, and every file."""

from __future__ import annotations

import base64
import os
import re
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

# Shorter texts stand somewhere by chance.
_SHORTEST = 12


def forms(secret: str) -> frozenset[bytes]:
    """Return the ways in which the secret could be written: plainly, in a URL, in base64 at any offset."""
    assert len(secret) >= _SHORTEST, "too short to be searched for"
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), raw[::-1], raw.hex().encode()}
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw)
        # The first and the last characters depend on what stands around it.
        found.add(text[4 if offset else 0 : -4])
    return frozenset(found)


def kinds_in(content: bytes, secrets: Mapping[str, Sequence[str]]) -> set[str]:
    """Return which kinds of secret stand in the content."""
    return {kind for kind, texts in secrets.items() for text in texts if any(form in content for form in forms(text))}


@dataclass(frozen=True)
class Place:
    """Files that may hold some kinds of secret.

    Attributes:
        pattern: of the path below the folder that is searched.
    """

    pattern: str
    kinds: frozenset[str]


def leaks_in_files(folder: Path, secrets: Mapping[str, Sequence[str]], places: Sequence[Place]) -> list[str]:
    """Return what lies where it should not, and what others may read of what may lie there."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()):
        name = path.relative_to(folder).as_posix()
        seen = kinds_in(path.read_bytes() + name.encode(), secrets)
        allowed = {kind for place in places if re.fullmatch(place.pattern, name) for kind in place.kinds}
        found += [f"{kind} in {name}" for kind in sorted(seen - allowed)]
        if seen and stat.S_IMODE(path.lstat().st_mode) & 0o077:
            found.append(f"{name} holds {', '.join(sorted(seen))} and is {oct(stat.S_IMODE(path.lstat().st_mode))}")
    return found


def open_to_others(folder: Path) -> list[str]:
    """Return the files and folders below that anybody but their owner may read, write or enter."""
    return [
        f"{path.relative_to(folder).as_posix()} is {oct(stat.S_IMODE(path.lstat().st_mode))}"
        for path in sorted(folder.rglob("*"))
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


@dataclass
class Watch:
    """Looks at every process below this one again and again, as another user or an administrator could.

    Attributes:
        arguments: every command line that was seen.
        environments: every variable that was seen.
    """

    arguments: set[bytes] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        # A command lives a hundred times longer; without the pause this thread would hold up the cloud's.
        while not self._over.wait(0.004):
            for number in _below(os.getpid()):
                for name, seen in (("cmdline", self.arguments), ("environ", self.environments)):
                    content = _read(Path(f"/proc/{number}/{name}"))
                    seen.update([content] if name == "cmdline" else content.split(b"\0"))


def _below(root: int) -> Iterator[int]:
    """Yield the processes that this one began, and theirs; the kernel lists the children of a thread."""
    waiting = [root]
    while waiting:
        for task in _entries(Path(f"/proc/{waiting.pop()}/task")):
            children = [int(word) for word in _read(task / "children").split()]
            waiting += children
            yield from children


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        # It has ended.
        return b""


@dataclass(frozen=True)
class Step:
    """One command of the day.

    Attributes:
        words: the command line behind ``gatepass``.
        stdin: what is typed or piped in.
        codes: the exit codes that are right.
        prints: the kinds of secret that it is for to print.
        before: what happens first.
    """

    words: str
    stdin: str = ""
    codes: tuple[int, ...] = (0,)
    prints: frozenset[str] = frozenset()
    before: Callable[[], object] | None = None
