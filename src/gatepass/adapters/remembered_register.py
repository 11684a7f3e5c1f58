"""A register for the many units of a run: read once until its files change, and written for many at once."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from gatepass.adapters.provider_file import RegisterFiles
from gatepass.adapters.register_book import FileRegisterBook
from gatepass.domain.errors import GatepassError
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.register_rules import Expected

# Every change of ours puts a new file in place of the old one, so its inode differs even within one tick of the clock.
_Stamp = tuple[int, int, int]
# After a write its writers rest for so many times as long as it took, and others gather; a large file takes a second.
_REST, _LONGEST_REST_SECONDS = 9.0, 3.0
# A look at the files is good for so many times as long as it took, but not for longer than a second; whoever writes
# looks anew.
_LOOK_GOOD_FOR, _LOOK_GOOD_FOR_SECONDS = 20.0, 1.0


@dataclass
class _Waiting:
    """Customers that somebody wants written."""

    customers: tuple[Customer, ...]
    expected: Expected
    is_done: bool = False
    error: GatepassError | None = None


class RememberedBook(FileRegisterBook):
    """A register in files, for many threads at once."""

    def __init__(
        self, path: Path, monotonic: Callable[[], float] = time.monotonic, rest: Callable[[float], None] = time.sleep
    ) -> None:
        """Keep it in the file or the folder at that path."""
        super().__init__(path)
        self._monotonic, self._rest = monotonic, rest
        self._waiting: deque[_Waiting] = deque()
        self._knowing, self._writing, self._rested_at = Lock(), Lock(), 0.0
        self._known: tuple[Mapping[str, _Stamp], RegisterFiles] | None = None
        self._looked_until = float("-inf")

    def load(self) -> Register:
        """Return what the files say, checked as a whole; a folder of thousands is not looked through at every call."""
        with self._knowing:
            if self._known is not None and self._monotonic() < self._looked_until:
                return self._known[1].register
            began = self._monotonic()
            stamps = self._stamps()
            ended = self._monotonic()
            self._looked_until = ended + min(_LOOK_GOOD_FOR_SECONDS, (ended - began) * _LOOK_GOOD_FOR)
            return self._as_of(stamps).register

    def _change(self, customers: Sequence[Customer], expected: Expected) -> None:
        """Write the customers' entries, together with those of others that come at the same time.

        It returns when they are in the files.
        """
        mine = _Waiting(tuple(customers), expected)
        self._waiting.append(mine)
        with self._writing:
            # Of two that change one customer the second comes with the next ones, and may learn that it was overtaken.
            while not mine.is_done:
                self._write_together(mine)
        if mine.error is not None:
            raise mine.error

    def _write_together(self, mine: _Waiting) -> None:
        if (early := self._rested_at - self._monotonic()) > 0:
            self._rest(early)
        began = self._monotonic()
        together, again = self._gathered()
        try:
            self._write(together)
        finally:
            left = [*(one for one in together if not one.is_done), *again]
            if sys.exc_info()[0] is not None:
                # The others try for themselves, without what nobody foresaw.
                left = [one for one in left if one is not mine]
            self._waiting.extendleft(reversed(left))
            ended = self._monotonic()
            self._rested_at = ended + min(_LONGEST_REST_SECONDS, (ended - began) * _REST)

    def _gathered(self) -> tuple[list[_Waiting], list[_Waiting]]:
        """Return who waits, and apart from them those who want to change a customer that one before them changes."""
        together: list[_Waiting] = []
        again: list[_Waiting] = []
        names: set[CustomerName] = set()
        while self._waiting:
            one = self._waiting.popleft()
            theirs = {customer.name for customer in one.customers}
            (again if names & theirs else together).append(one)
            names |= theirs
        return together, again

    def _write(self, together: list[_Waiting]) -> None:
        """Write all in one; where that is refused, each alone, so that nobody pays for another's mistake."""
        with self._knowing:
            try:
                self._add(*together)
            except GatepassError as error:
                if len(together) == 1:
                    together[0].error, together[0].is_done = error, True
                    return
                for one in together:
                    try:
                        self._add(one)
                    except GatepassError as its_own:
                        one.error, one.is_done = its_own, True

    def _add(self, *together: _Waiting) -> None:
        expected = {name: seen for one in together for name, seen in one.expected.items()}
        super()._change([customer for one in together for customer in one.customers], expected)
        for one in together:
            one.is_done = True

    def _read(self) -> RegisterFiles:
        """Return what the files say."""
        return self._as_of(self._stamps())

    def _as_of(self, stamps: Mapping[str, _Stamp]) -> RegisterFiles:
        """Return what the files say; they are read again only if they are not as they were."""
        if self._known is None or self._known[0] != stamps:
            # Stamped before it is read: what changes meanwhile is read again the next time.
            self._known = (stamps, super()._read())
        return self._known[1]

    def _has_written(self, files: RegisterFiles, written: Mapping[Path, os.stat_result | None]) -> None:
        """Know what was written without reading it again; what others changed meanwhile is not in it, and differs."""
        if self._known is None:
            return
        stamps = dict(self._known[0])
        for file, looks in written.items():
            stamps.pop(str(file), None)
            if looks is not None:
                stamps[str(file)] = _stamp(looks)
        self._known = (stamps, files)

    def _stamps(self) -> Mapping[str, _Stamp]:
        if not self._path.is_dir():
            return {str(self._path): _stamp(self._path.stat())} if self._path.exists() else {}
        with os.scandir(self._path) as found:
            return {
                entry.path: _stamp(entry.stat())
                for entry in found
                if entry.name.endswith((".yml", ".yaml")) and not entry.name.startswith(".") and entry.is_file()
            }


def _stamp(looks: os.stat_result) -> _Stamp:
    return looks.st_ino, looks.st_mtime_ns, looks.st_size
