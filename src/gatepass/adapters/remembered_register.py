"""A register that is read once and known until its files change, for the many units of a run that ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from gatepass.adapters.register_book import FileRegisterBook
from gatepass.domain.register import Customer, CustomerName, Register

# Every change of ours puts a new file in place of the old one, so its inode differs even within one tick of the clock.
_Stamps = Sequence[tuple[str, int, int, int]]


class RememberedBook:
    """A register in files, for many threads at once."""

    def __init__(self, path: Path) -> None:
        """Keep it in the file or the folder at that path."""
        self._path, self._book, self._lock = path, FileRegisterBook(path), Lock()
        self._known: tuple[_Stamps, Register] | None = None

    def load(self) -> Register:
        """Return what the files say, checked as a whole."""
        with self._lock:
            stamps = self._stamps()
            if self._known is None or self._known[0] != stamps:
                # Stamped before it is read: what changes meanwhile is read again the next time.
                self._known = (stamps, self._book.load())
            return self._known[1]

    def add(self, *customers: Customer) -> None:
        """Write the customers' entries."""
        self._book.add(*customers)

    def remove(self, name: CustomerName) -> None:
        """Take the customer's entry out."""
        self._book.remove(name)

    def _stamps(self) -> _Stamps:
        files = sorted(self._path.iterdir()) if self._path.is_dir() else [self._path]
        found = [(str(file), file.stat()) for file in files if file.is_file()]
        return [(name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in found]
