"""The customers that somebody entered lately, in a small private file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatepass.domain.errors import Conflict
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private

_MOST = 50


class RecentCustomers:
    """Names, the last one first; a comfort, so that nothing fails for want of it."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder()) / "recent-customers"

    def names(self) -> Sequence[str]:
        """Return the names; none when they cannot be read."""
        try:
            return read_private(self._path).decode().splitlines()
        except (OSError, Conflict, UnicodeDecodeError):
            return ()

    def add(self, name: str) -> None:
        """Put the name first; in a home that cannot be written nothing is kept."""
        names = [name, *(each for each in self.names() if each != name)][:_MOST]
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, "".join(f"{each}\n" for each in names).encode())
        except (OSError, Conflict):
            return
