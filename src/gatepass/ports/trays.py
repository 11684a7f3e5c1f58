"""Where the two sides leave files for each other: passes one way, receipts the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Tray(Protocol):
    """Files by name; nothing in them is secret in clear."""

    @property
    def title(self) -> str:
        """Where they lie, in words for a person."""

    def names(self) -> Sequence[str]:
        """Return the names of the files that lie there, in order.

        Raises:
            NotThere: there is no such place.
            AccessRefused: the credentials may not list it.
        """

    def get(self, name: str) -> str | None:
        """Return the text of a file, or None when there is none of that name.

        Raises:
            InvalidInput: it is no text, or far larger than any file of ours.
            AccessRefused: the credentials may not read it.
        """

    def put(self, name: str, text: str) -> None:
        """Write the file whole, in place of one of the same name.

        Raises:
            AccessRefused: the credentials may not write it.
        """
