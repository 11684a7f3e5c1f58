"""When something runs by the clock: five fields that every reader of cron reads in the same way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.domain.cron import demand_cron
from gatepass.domain.errors import InvalidInput

NUMBERS = st.integers(0, 70).map(str)
RANGES = st.tuples(NUMBERS, NUMBERS).map("-".join)
PARTS = st.one_of(
    st.just("*"), NUMBERS, RANGES, st.tuples(st.just("*"), NUMBERS).map("/".join), RANGES.map("{}/2".format)
)
FIELDS = st.lists(PARTS, min_size=1, max_size=2).map(",".join)


@pytest.mark.parametrize(
    "text",
    [
        "", "*", "@daily", "0 3 * *", "0 3 * * * *", "60 3 * * *", "0 24 * * *", "0 3 0 * *", "0 3 * 13 *",
        "0 3 * * 7", "0 3 * * mon", "5-1 3 * * *", "*/0 3 * * *", "5/2 3 * * *", "1,, 3 * * *", "-1 3 * * *",
        "0 3 31 2 *", "0 3 31 4,6 *", "0 3 30 2 *", "\u0660 3 * * *", "0 3 L * *", "0 3 ? * *",
    ],
)  # fmt: skip
def test_what_is_no_cron_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        demand_cron(text)

    assert "UTC" in caught.value.why


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0 3 * * *", "0 3 * * *"),
        ("  */15   0-6,22 1,15 1-12/3 0-6 ", "*/15 0-6,22 1,15 1-12/3 0-6"),
        ("0 3 29 2 *", "0 3 29 2 *"),
        ("0 3 31 2 1", "0 3 31 2 1"),
    ],
)
def test_a_cron_is_taken_with_one_space_between_its_fields(text: str, read: str) -> None:
    assert demand_cron(text) == read


@settings(max_examples=300, deadline=None)
@given(st.tuples(FIELDS, FIELDS, FIELDS, FIELDS, FIELDS).map(" ".join))
def test_what_is_taken_another_reader_takes_too_and_finds_a_next_time(text: str) -> None:
    try:
        demand_cron(text)
    except InvalidInput:
        return
    assert croniter(text, datetime(2026, 11, 22, tzinfo=UTC)).get_next(datetime)
