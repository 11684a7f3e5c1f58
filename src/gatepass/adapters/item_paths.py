"""JMESPath over what AWS answers, with the few functions that its answers need beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from gatepass.domain.errors import InvalidInput
from gatepass.domain.table import Table


class _AwsFunctions(Functions):  # type: ignore[misc]  # jmespath ships no types
    """Functions by the names under which the catalogue calls them."""

    @signature({"types": ["string"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator]
    def _func_after_last(self, sign: str, text: str | None) -> str | None:
        """Return what stands after the last such sign: an ARN's name."""
        return None if text is None else text.rstrip(sign).rsplit(sign, 1)[-1]

    @signature({"types": ["number", "null"]})  # type: ignore[untyped-decorator]
    def _func_from_millis(self, milliseconds: float | None) -> datetime | None:
        """Return the instant that is so many milliseconds after 1970."""
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)

    @signature({"types": ["array", "string", "object", "null"]})  # type: ignore[untyped-decorator]
    def _func_length(self, value: Sequence[object] | None) -> int:
        """Return the length as usual, and 0 of nothing: AWS leaves empty lists out."""
        return 0 if value is None else len(value)


_OPTIONS = jmespath.Options(custom_functions=_AwsFunctions())


class ItemPath:
    """One JMESPath expression, compiled."""

    def __init__(self, expression: str) -> None:
        """Compile it.

        Raises:
            InvalidInput: it is none.
        """
        try:
            self._compiled = jmespath.compile(expression)
        except JMESPathError as error:
            raise _unusable(expression, error) from None
        self._expression = expression

    def of(self, item: object) -> Any:  # noqa: ANN401 - AWS answers anything
        """Return what the expression finds in the item.

        Raises:
            InvalidInput: it cannot be applied to such an item.
        """
        try:
            return self._compiled.search(item, options=_OPTIONS)
        except JMESPathError as error:
            raise _unusable(self._expression, error) from None


def cell_text(value: object) -> str:
    """Return a value as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case list() if not any(isinstance(each, dict | list) for each in value):
            return ", ".join(cell_text(each) for each in value)
        case dict() | list():
            return json.dumps(plain(value), ensure_ascii=False)
        case _:
            return str(value)


def plain(value: Any) -> Any:  # noqa: ANN401 - AWS answers anything
    """Return the value with instants and bytes as texts, so that it can be JSON and JMESPath can compare it."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            # Decimals and streams of rare answers.
            return str(value)


def as_table(value: object) -> Table:
    """Return what a query found as a table: a row for each thing, a column for each key or position."""
    things = value if isinstance(value, list) else [] if value is None else [value]
    named = [thing for thing in things if isinstance(thing, dict)]
    if named and len(named) == len(things):
        columns = tuple(dict.fromkeys(str(key) for thing in named for key in thing))
        return Table(columns, tuple(tuple(cell_text(thing.get(key)) for key in columns) for thing in named))
    rows = [thing if isinstance(thing, list) else [thing] for thing in things]
    width = max((len(row) for row in rows), default=1) or 1
    names = tuple(str(number) for number in range(1, width + 1)) if width > 1 else ("Value",)
    return Table(names, tuple(tuple(cell_text(cell) for cell in [*row, *[None] * (width - len(row))]) for row in rows))


def _unusable(expression: str, error: JMESPathError) -> InvalidInput:
    return InvalidInput(
        f"the JMESPath expression {expression!r} cannot be used",
        why=" ".join(str(error).split("\n", 1)[0].split()),
        next_step="read https://jmespath.org, or try a shorter one first, such as: [].Name",
    )
