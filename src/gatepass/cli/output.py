"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum

import click

from gatepass.domain.errors import AccessRefused, GatepassError, InvalidFile
from gatepass.domain.table import Table

# An external ID of ours that ended up where words are echoed, such as a usage error.
_EXTERNAL_ID = re.compile(r"gp1\.[A-Za-z0-9.-]+")


class ExitCode(IntEnum):
    """What a command tells the shell."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CHANGES_PENDING = 3
    FOUND_SOMETHING = 3
    INTERRUPTED = 130


def result(text: str) -> None:
    """Print a line of the result."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line that is not part of the result."""
    click.echo(text, err=True)


def json_result(facts: Mapping[str, object]) -> None:
    """Print the facts as one JSON object."""
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False))


def masked(text: str) -> str:
    """Return the text without external IDs of ours."""
    return _EXTERNAL_ID.sub("****", text)


def report(error: GatepassError, *, as_json: bool) -> None:
    """Print a failure in its three parts; as JSON too, when that was asked for."""
    if as_json:
        json_result({"error": error_facts(error)})
    parts = [(p.place and f"{p.place}: ") + p.what for p in error.problems] if isinstance(error, InvalidFile) else []
    if isinstance(error, InvalidFile):
        for what, problem in zip(parts, error.problems, strict=True):
            _print_parts(what, problem.why, problem.next_step)
    else:
        _print_parts(error.what, error.why, error.next_step)


def error_facts(error: GatepassError) -> dict[str, object]:
    """Return the same parts as facts."""
    facts: dict[str, object] = {"what": error.what, "why": error.why, "next": error.next_step}
    if isinstance(error, AccessRefused):
        facts |= {"refused": True, "code": error.code, "message": error.message}
    if isinstance(error, InvalidFile):
        facts["problems"] = [
            {"place": problem.place, "what": problem.what, "why": problem.why, "next": problem.next_step}
            for problem in error.problems
        ]
    return facts


def print_table(table: Table) -> None:
    """Print the table: boxed for a person at a terminal, plain columns without breaks elsewhere."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    terminal = sys.stdout.isatty()
    drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in table.columns:
        drawn.add_column(Text(column), overflow="fold", no_wrap=not terminal)
    for row in table.rows:
        # As Text: what others wrote in square brackets is no instruction to rich.
        drawn.add_row(*(Text(cell) for cell in row))
    # A pipe has no width; rich would take it for 80 columns and cut.
    console = Console() if terminal else Console(width=_widest(table), no_color=True)
    console.print(drawn)


def _widest(table: Table) -> int:
    widths = [max(len(cell) for cell in cells) for cells in zip(table.columns, *table.rows, strict=True)]
    return sum(widths) + 4 * len(widths)


def _print_parts(what: str, why: str, next_step: str) -> None:
    note(f"{click.style('gatepass: error:', fg='red')} {masked(what)}")
    if why:
        _print_part("why: ", why)
    if next_step:
        _print_part("next:", next_step)


def _print_part(label: str, text: str) -> None:
    first, *rest = masked(text).split("\n")
    note(f"  {label} {first}")
    for line in rest:
        note(f"        {line}")


def bullet_list(lines: Sequence[str]) -> str:
    """Return the lines as an indented list."""
    return "\n".join(f"  - {line}" for line in lines)
