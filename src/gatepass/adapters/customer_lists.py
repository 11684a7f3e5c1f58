"""Lists of customers kept elsewhere: CSV with a head of columns, or role ARNs, one a line."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator

from gatepass.domain.errors import InvalidFile, Problem
from gatepass.domain.listed_role import ListedRole

COLUMNS = ("name", "company", "account", "grant", "role_arn", "team", "key")


def parse_list(text: str, name: str) -> tuple[ListedRole, ...]:
    """Return the lines of the list; blank lines and, among ARNs, remarks behind ``#`` say nothing.

    Args:
        text: what the file says.
        name: what it is called in messages.

    Raises:
        InvalidFile: every problem with its form, each with its line.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), None)
    if first is None:
        raise InvalidFile((_problem(name, 1, "the list is empty", "it holds no line with a role", "name the list"),))
    if first.strip().startswith("arn:"):
        return tuple(_arns(lines, name))
    return tuple(_rows(text, name, ";" if first.count(";") > first.count(",") else ","))


def _arns(lines: list[str], name: str) -> Iterator[ListedRole]:
    for number, line in enumerate(lines, 1):
        # Role names hold no #.
        arn = line.partition("#")[0].strip()
        if arn:
            yield ListedRole(f"{name}:{number}:1", arn)


def _rows(text: str, name: str, delimiter: str) -> list[ListedRole]:
    problems: list[Problem] = []
    found: list[ListedRole] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    begin = 0
    try:
        for cells in reader:
            begin, number = reader.line_num, begin + 1
            written = [cell.strip() for cell in cells]
            if not any(written) or written[0].startswith("#"):
                continue
            if not columns:
                columns = [cell.lower() for cell in written]
                problems += _head_problems(columns, name, number)
                if problems:
                    break
            elif len(written) != len(columns):
                what = f"this line has {len(written)} columns and the head has {len(columns)}"
                why = "a value could stand under another column's name"
                problems.append(_problem(name, number, what, why, "put values that hold the separator in quotes"))
            else:
                found.append(_listed(dict(zip(columns, written, strict=True)), f"{name}:{number}:1"))
    except csv.Error:
        why = "a quote is not closed, or stands in the middle of a value"
        problems.append(_problem(name, begin + 1, "this is not CSV", why, "mend the quotes of that line"))
    if problems:
        raise InvalidFile(tuple(problems))
    return found


def _listed(row: dict[str, str], place: str) -> ListedRole:
    return ListedRole(
        place=place,
        role_arn=row["role_arn"],
        name=row.get("name", ""),
        company=row.get("company", ""),
        account=row.get("account", ""),
        grant=row.get("grant", ""),
        teams=tuple(row.get("team", "").split()),
        key=row.get("key", ""),
    )


def _head_problems(columns: list[str], name: str, number: int) -> Iterator[Problem]:
    usable = ", ".join(COLUMNS)
    for column in columns:
        if column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1)
            guess = f"did you mean {near[0]}? " if near else ""
            # What is no column could be a value of a list without a head.
            what = f"unknown column: {column}" if column.isidentifier() else "the first line does not name columns"
            yield _problem(name, number, what, "a list begins with the names of its columns", f"{guess}use: {usable}")
        elif columns.count(column) > 1:
            yield _problem(name, number, f"two columns {column}", "only one could count", "take one of them out")
    if "role_arn" not in columns:
        why = "each line is about one role"
        yield _problem(name, number, "there is no column role_arn", why, f"use: {usable}")


def _problem(name: str, number: int, what: str, why: str, next_step: str) -> Problem:
    return Problem((), what, why, next_step, f"{name}:{number}:1")
