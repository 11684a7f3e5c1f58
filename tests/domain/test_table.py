"""Tables narrowed, ordered and cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.table import Condition, Table, joined, parse_condition

TABLE = Table(("Name", "Size"), (("web", "10"), ("Db", "9"), ("", "100"), ("web2", "")))
NO_COLUMN = Condition("nme", "x", is_whole=True)


@pytest.mark.parametrize(
    "use", [lambda: TABLE.where(NO_COLUMN), lambda: TABLE.sorted_by(["-nme"]), lambda: TABLE.selecting(["nme"])]
)
def test_a_column_that_is_not_there_is_told_with_what_was_meant(use: Callable[[], Table]) -> None:
    with pytest.raises(InvalidInput) as refused:
        use()

    assert "'Name'" in refused.value.next_step
    assert "Name, Size" in refused.value.why


@pytest.mark.parametrize(
    ("text", "found"), [("name=WEB", ["web"]), ("Name~we", ["web", "web2"]), ("name=", [""]), ("size=10", ["web"])]
)
def test_a_condition_is_about_one_column_and_not_about_case(text: str, found: list[str]) -> None:
    condition = parse_condition(text)

    assert condition is not None
    assert [row[0] for row in TABLE.where(condition).rows] == found


def test_a_text_without_a_sign_is_no_condition() -> None:
    assert parse_condition("web") is None
    assert parse_condition("=web") is None


def test_numbers_are_ordered_by_size_and_empty_cells_are_last_either_way() -> None:
    assert [row[1] for row in TABLE.sorted_by(["Size"]).rows] == ["9", "10", "100", ""]
    assert [row[1] for row in TABLE.sorted_by(["-Size"]).rows] == ["100", "10", "9", ""]
    assert [row[0] for row in TABLE.sorted_by(["name"]).rows] == ["Db", "web", "web2", ""]


def test_rows_of_tables_with_other_columns_stand_in_one_table() -> None:
    table = joined([Table(("A", "B"), (("1", "2"),)), Table(("A", "C"), (("3", "4"),))])

    assert table == Table(("A", "B", "C"), (("1", "2", ""), ("3", "", "4")))


def test_a_region_beside_takes_the_place_of_a_column_of_its_name() -> None:
    assert Table(("Id", "Region"), (("x", "old"),)).beside("Region", "new") == Table(("Region", "Id"), (("new", "x"),))
