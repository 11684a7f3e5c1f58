"""Rows under column names: what a list of resources is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A list of resources.

    Attributes:
        columns: the column names, at least one.
        rows: one text for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def containing(self, text: str) -> Table:
        """Return the rows in which some column contains the text, without regard to case."""
        wanted = text.lower()
        return Table(self.columns, tuple(row for row in self.rows if any(wanted in cell.lower() for cell in row)))
