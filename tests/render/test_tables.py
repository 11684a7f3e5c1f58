"""Tables in other programs' notations: what others wrote stays a text there."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest

from gatepass.domain.table import Table
from gatepass.render.tables import formatted, json_text, line_of

NASTY = ("=cmd|'/C calc'!A0", "<script>alert(1)</script>", "a|b\nc\td", "\x1b[31mred\x9b2J", "\u202egpj.exe", 'a","b')


def _cells(text: str, sign: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=sign))


@pytest.mark.parametrize(("notation", "sign"), [("csv", ","), ("tsv", "\t")])
@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "-cmd"])
def test_no_cell_is_a_formula_to_a_spreadsheet(cell: str, notation: str, sign: str) -> None:
    written = _cells(formatted(Table(("Name",), ((cell,),)), notation), sign)

    assert written[1][0].startswith("'")


@pytest.mark.parametrize("cell", ["-1", "+3.5", "0", "a=b", "", "2026-11-22"])
def test_numbers_and_plain_texts_stay_as_they_are(cell: str) -> None:
    assert _cells(formatted(Table(("Name", "More"), ((cell, "x"),)), "csv"), ",")[1][0] == cell


@pytest.mark.parametrize("notation", ["csv", "tsv", "markdown", "html", "text", "json"])
def test_nothing_that_moves_a_cursor_or_turns_what_is_read_comes_out(notation: str) -> None:
    written = formatted(Table(("Name", "\x1b]0;x\x07"), tuple((cell, cell) for cell in NASTY)), notation)

    assert not set("\x1b\x9b\x07\u202e") & set(written)


@pytest.mark.parametrize(("notation", "sign"), [("csv", ","), ("tsv", "\t")])
def test_every_row_keeps_its_cells(notation: str, sign: str) -> None:
    table = Table(("A", "B"), tuple((cell, "end") for cell in NASTY))

    assert [row[-1] for row in _cells(formatted(table, notation), sign)] == ["B", *["end"] * len(NASTY)]


def test_text_is_one_line_a_row_without_names() -> None:
    written = formatted(Table(("A", "B"), tuple((cell, "end") for cell in NASTY)), "text").split("\n")

    assert len(written) == len(NASTY)
    assert all(line.split("\t")[1:] == ["end"] for line in written)


def test_markdown_has_no_cell_that_ends_early_and_no_markup() -> None:
    written = formatted(Table(("A", "B"), (("a|b", "[x](javascript:y) <b> `c` *d*"),)), "markdown")

    assert written.split("\n")[2] == r"| a\|b | \[x\]\(javascript:y\) \<b\> \`c\` \*d\* |"


def test_html_says_what_the_cells_say_and_holds_no_element_of_theirs() -> None:
    class Reader(HTMLParser):
        tags: set[str] = set()  # noqa: RUF012 - read by one test
        texts: list[str] = []  # noqa: RUF012 - as above

        def handle_starttag(self, tag: str, attrs: object) -> None:
            del attrs
            self.tags.add(tag)

        def handle_data(self, data: str) -> None:
            self.texts.append(data)

    reader = Reader()
    reader.feed(formatted(Table(("<i>",), (("<script>alert(1)</script>",), ('"&amp;',))), "html"))

    assert not reader.tags & {"script", "i"}
    assert {"<i>", "<script>alert(1)</script>", '"&amp;'} <= set(reader.texts)


def test_json_loses_nothing() -> None:
    table = Table(("A",), tuple((cell,) for cell in (*NASTY, "\U000e0041 tag")))

    assert [row["A"] for row in json.loads(formatted(table, "json"))] == [row[0] for row in table.rows]
    assert json.loads(json_text({"a": [1, None, "é"]})) == {"a": [1, None, "é"]}
    assert "é" in json_text("é")


def test_a_cell_with_line_breaks_is_one_line() -> None:
    assert line_of("one\r\n two\u2028three") == "one  two three"
