"""Where one customer's lines stand in a register's file, and the file with them replaced, added or taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from gatepass.adapters.yaml_source import YamlSource
from gatepass.domain.errors import Conflict
from gatepass.domain.register import Customer, CustomerName
from gatepass.render.register_text import customer_text

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_EMPTY = re.compile(r"(customers|\"customers\"):(?: +(?:\{ *\}|~|null))?( *| +#.*)")
_INDENT = 2


@dataclass(frozen=True)
class _Place:
    """The lines of one entry: from the first to before the last, counted from 0, and the column of its key."""

    begin: int
    end: int
    column: int


def with_customers(text: str, source: YamlSource, customers: list[Customer]) -> str:
    """Return the text with an entry for each customer: in place of its old one, or behind the last.

    Args:
        text: the file, with its line ends as they are.
        source: what it says.
        customers: the new entries.

    Raises:
        Conflict: its customers stand in braces.
    """
    lines = _lines(text)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    places = _places(source, lines)
    known = {customer.name: places[str(customer.name)] for customer in customers if str(customer.name) in places}
    fresh = [customer for customer in customers if customer.name not in known]
    if fresh:
        at, column = _end_of_customers(source, lines, places, newline)
        lines[at:at] = [_entry(customer, column, newline) for customer in fresh]
    # From the last to the first, so that the numbers of lines above stay right.
    for customer in sorted((one for one in customers if one.name in known), key=lambda one: -known[one.name].begin):
        place = known[customer.name]
        lines[place.begin : place.end] = [_entry(customer, place.column, newline)]
    return "".join(lines)


def without_customer(text: str, source: YamlSource, name: CustomerName) -> str:
    """Return the text without the customer's lines.

    Raises:
        Conflict: its customers stand in braces.
    """
    lines = _lines(text)
    place = _places(source, lines)[str(name)]
    del lines[place.begin : place.end]
    return "".join(lines)


def _lines(text: str) -> list[str]:
    lines: list[str] = _LINE.findall(text)
    if lines and lines[-1][-1] not in "\r\n":
        lines[-1] += "\n"
    return lines


def _entry(customer: Customer, column: int, newline: str) -> str:
    return customer_text(customer, column).replace("\n", newline)


def _places(source: YamlSource, lines: list[str]) -> dict[str, _Place]:
    """Return where each customer's entry stands."""
    data = source.data if isinstance(source.data, dict) else {}
    written = data.get("customers")
    if not written:
        return {}
    begins = {name: source.keys["customers", name] for name in written}
    if source.values["customers",] != min(begins.values()):
        raise _in_braces(source)
    top = [position[0] - 1 for path, position in source.keys.items() if len(path) == 1]
    stops = sorted([*(line - 1 for line, _ in begins.values()), *top, _end_of_document(lines, max(top))])
    following = dict(pairwise(stops))
    return {
        name: _Place(line - 1, _last(lines, line - 1, following.get(line - 1, line), column - 1), column - 1)
        for name, (line, column) in begins.items()
    }


def _end_of_document(lines: list[str], after: int) -> int:
    ends = (number for number in range(after, len(lines)) if lines[number].startswith(("...", "---")))
    return next(ends, len(lines))


def _last(lines: list[str], begin: int, end: int, column: int) -> int:
    """Return the line behind the entry: blank lines and remarks at the end that are not indented deeper stay."""
    while end > begin + 1:
        line = lines[end - 1].rstrip("\r\n")
        bare = line.lstrip(" ")
        if bare and not (bare.startswith("#") and len(line) - len(bare) <= column):
            break
        end -= 1
    return end


def _end_of_customers(source: YamlSource, lines: list[str], places: dict[str, _Place], newline: str) -> tuple[int, int]:
    """Return the line before which a new entry goes, and its column; the key is written if it is not there."""
    if places:
        last = max(places.values(), key=lambda place: place.end)
        return last.end, last.column
    if ("customers",) not in source.keys:
        lines.append(f"customers:{newline}")
        return len(lines), _INDENT
    number = source.keys["customers",][0] - 1
    match = _EMPTY.fullmatch(lines[number].rstrip("\r\n"))
    if match is None:
        raise _in_braces(source)
    lines[number] = f"{match[1]}:{match[2]}{newline}"
    return number + 1, _INDENT


def _in_braces(source: YamlSource) -> Conflict:
    return Conflict(
        f"{source.name} has its customers in braces",
        why="lines that people wrote are not rewritten",
        next_step="write each customer on lines of its own below customers:, and run it again",
    )
