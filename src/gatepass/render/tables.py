"""Tables in the notations of other programs: JSON, CSV, TSV, Markdown, HTML, and text without names."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata

from gatepass.domain.table import Table
from gatepass.render.page_style import STYLE
from gatepass.render.shown_text import shown

FORMATS = ("table", "json", "csv", "tsv", "markdown", "html", "text")

# A spreadsheet takes a cell that begins so for a formula, and a formula can send data away or start programs.
# OWASP, "CSV Injection": an apostrophe before it makes it a text. What an attacker wrote may be a tag of his machine.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # full-width signs work too
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
_BREAKS = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")


def formatted(table: Table, notation: str) -> str:
    """Return the table in a notation of ``FORMATS`` other than ``table``, without the last line break."""
    match notation:
        case "json":
            return json_text([dict(zip(table.columns, row, strict=True)) for row in table.rows])
        case "csv":
            return _separated(table, ",")
        case "tsv":
            return _separated(table, "\t")
        case "markdown":
            return _markdown(table)
        case "html":
            return _html(table)
        case "text":
            return "\n".join("\t".join(line_of(cell) for cell in row) for row in table.rows)
        case _:
            raise ValueError(f"there is no notation {notation}")


def json_text(value: object) -> str:
    """Return the value as JSON; characters that are not seen are written as numbers, so that nothing is lost."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(_escaped(each) if each != "\n" and _is_unseen(each) else each for each in text)


def line_of(cell: str) -> str:
    """Return the cell on one line, with a mark for each character that is not seen."""
    return shown(_BREAKS.sub(" ", cell))


def in_one_line_each(table: Table) -> Table:
    """Return the table as a terminal may show it."""
    return Table(
        tuple(line_of(column) for column in table.columns),
        tuple(tuple(line_of(cell) for cell in row) for row in table.rows),
    )


def _separated(table: Table, sign: str) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=sign, lineterminator="\n")
    writer.writerows([[_spreadsheet_cell(cell) for cell in row] for row in (table.columns, *table.rows)])
    return written.getvalue().removesuffix("\n")


def _spreadsheet_cell(cell: str) -> str:
    line = line_of(cell)
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line) else line


def _markdown(table: Table) -> str:
    head, *rows = [
        tuple(_MARKDOWN_SIGNS.sub(r"\\\1", line_of(cell)) for cell in row) for row in (table.columns, *table.rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))


def _html(table: Table) -> str:
    head = "".join(f'<th scope="col">{_html_text(column)}</th>' for column in table.columns)
    rows = "\n".join("<tr>" + "".join(f"<td>{_html_text(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    # Whatever a resource is called or tagged, this page runs no script and fetches nothing.
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">\n'
        f"<title>AWS resources</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</body>\n</html>"
    )


def _html_text(cell: str) -> str:
    return html.escape(line_of(cell))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def _escaped(character: str) -> str:
    # JSON writes what lies beyond the first plane as two numbers.
    return json.dumps(character)[1:-1]
