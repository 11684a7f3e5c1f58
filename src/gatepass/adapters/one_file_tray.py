"""One new file as a place where files are handed over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatepass.adapters.handed_files import write_new_file


class OneFileTray:
    """A file that a person named; it is written once, and never over anything."""

    def __init__(self, path: Path) -> None:
        """Write to that path, whatever the file is called that is handed over."""
        self._path = path

    @property
    def title(self) -> str:
        """The file's path."""
        return str(self._path)

    def names(self) -> Sequence[str]:
        """Return nothing: what lies there was not handed over by us."""
        return ()

    def get(self, name: str) -> None:
        """Return nothing, whatever lies there."""
        del name

    def put(self, name: str, text: str) -> None:
        """Write the file, for whoever may read the folder.

        Raises:
            Conflict: something is there.
        """
        del name
        write_new_file(self._path, text, private=False)
