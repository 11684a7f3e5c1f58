"""Rows under column names: what a list of resources is, and how it is narrowed, ordered and cut."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CONDITION = re.compile(r"([^=~]+)([=~])(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column must hold: the value and nothing else, or a text that contains it; case does not matter."""

    column: str
    value: str
    is_whole: bool


def parse_condition(text: str) -> Condition | None:
    """Return the condition that ``column=value`` or ``column~part`` says, or None for a text without such a sign."""
    match = _CONDITION.fullmatch(text)
    return Condition(match[1].strip(), match[3], match[2] == "=") if match else None


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

    def where(self, condition: Condition) -> Table:
        """Return the rows that meet the condition.

        Raises:
            InvalidInput: there is no such column.
        """
        place, wanted = self._place(condition.column), condition.value.lower()
        if condition.is_whole:
            rows = (row for row in self.rows if row[place].lower() == wanted)
        else:
            rows = (row for row in self.rows if wanted in row[place].lower())
        return Table(self.columns, tuple(rows))

    def sorted_by(self, keys: Sequence[str]) -> Table:
        """Return the rows in the order of these columns, the first one first; a minus sign turns an order round.

        Numbers come in the order of their size, before texts; empty cells come last in either direction.

        Raises:
            InvalidInput: there is no such column.
        """
        rows = list(self.rows)
        for key in reversed(keys):
            backwards = key.startswith("-") and key not in self.columns
            place = self._place(key.removeprefix("-") if backwards else key)
            filled = sorted((row for row in rows if row[place]), key=lambda row: _rank(row[place]), reverse=backwards)
            rows = [*filled, *(row for row in rows if not row[place])]
        return Table(self.columns, tuple(rows))

    def selecting(self, columns: Sequence[str]) -> Table:
        """Return these columns only, in this order.

        Raises:
            InvalidInput: there is no such column.
        """
        places = [self._place(column) for column in columns]
        names = tuple(self.columns[place] for place in places)
        return Table(names, tuple(tuple(row[place] for place in places) for row in self.rows))

    def beside(self, column: str, value: str) -> Table:
        """Return the table with a column before all others that holds the same value in every row.

        It takes the place of a column of the same name.
        """
        others = self.selecting([each for each in self.columns if each != column])
        return Table((column, *others.columns), tuple((value, *row) for row in others.rows))

    def _place(self, column: str) -> int:
        if column in self.columns:
            return self.columns.index(column)
        known = {name.lower(): place for place, name in enumerate(self.columns)}
        place = known.get(column.strip().lower())
        if place is None:
            near = difflib.get_close_matches(column.strip().lower(), known, n=3)
            guess = " or ".join(repr(self.columns[known[name]]) for name in near)
            raise InvalidInput(
                f"there is no column {column.strip()!r} here",
                why=f"the columns are: {', '.join(self.columns)}",
                next_step=f"did you mean {guess}?" if guess else "name one of these; capitals do not matter",
            )
        return place


def joined(tables: Sequence[Table]) -> Table:
    """Return one table of all rows; a column that a table lacks is empty in its rows."""
    columns = tuple(dict.fromkeys(column for table in tables for column in table.columns))
    rows: list[tuple[str, ...]] = []
    for table in tables:
        if table.columns == columns:
            rows.extend(table.rows)
        else:
            cells = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
            rows.extend(tuple(found.get(column, "") for column in columns) for found in cells)
    return Table(columns, tuple(rows))


def _rank(cell: str) -> tuple[bool, float, str]:
    is_number = _NUMBER.fullmatch(cell) is not None
    return not is_number, float(cell) if is_number else 0.0, cell.lower()
