"""What the store keeps of a door is read back whole, or not at all, and never shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ExternalId, external_id
from gatepass.domain.workspace_door import DoorRecord, Step, door_record_text, doors_variable, parse_door_record
from tests.people import MORNING, SUPPORT

NEW, OLD = external_id("7KQ2M9XW4T", "A" * 26), external_id("7KQ2M9XW4T", "B" * 26)
UNTIL = MORNING + timedelta(days=7)
ROTATING = DoorRecord("rotate-1", Step.WRITTEN, (NEW, OLD), UNTIL, "P" * 26, since="close-1")
CLOSED = DoorRecord("close-2", Step.APPLIED, (), customer_key="7KQ2M9XW4T", since="close-2")


@pytest.mark.parametrize("record", [ROTATING, CLOSED, DoorRecord("setup-1", Step.HANDED_OVER, (NEW,))])
def test_a_record_is_read_back_as_it_was_written(record: DoorRecord) -> None:
    assert parse_door_record(door_record_text(record)) == record


@pytest.mark.parametrize(
    "change",
    [
        {"ids": "x"},
        {"ids": [NEW.reveal()]},
        {"ids": [NEW.reveal(), OLD.reveal(), "gp1.X.Y"]},
        {"ids": [NEW.reveal(), 7]},
        {"ids": ["no id at all", OLD.reveal()]},
        {"old_until": "soon"},
        {"old_until": ""},
        {"step": "done"},
        {"more": "1"},
    ],
)
def test_a_record_that_somebody_else_wrote_is_refused_and_not_repeated(change: dict[str, object]) -> None:
    text = json.dumps({**json.loads(door_record_text(ROTATING)), **change})

    with pytest.raises(InvalidInput, match="what the store keeps of the door cannot be read") as caught:
        parse_door_record(text)

    told = f"{caught.value} {caught.value.why} {caught.value.next_step} {caught.value.__cause__}"
    assert NEW.reveal() not in told
    assert "no id at all" not in told


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", '"x"', "NaN"])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        parse_door_record(text)


def test_no_record_shows_its_external_ids() -> None:
    assert NEW.reveal() not in repr(ROTATING)
    assert NEW.reveal() not in repr(doors_variable({SUPPORT: ROTATING}, "salt", MORNING))


def test_three_external_ids_or_an_end_without_two_are_no_door() -> None:
    for ids, until in (((NEW, OLD, ExternalId("xx")), UNTIL), ((NEW,), UNTIL), ((NEW, OLD), None)):
        with pytest.raises(InvalidInput, match="a door opens to one external ID"):
            replace(ROTATING, ids=ids, old_until=until)


def test_an_old_one_whose_time_is_over_is_left_out_of_the_variable_and_changes_its_seal() -> None:
    during = doors_variable({SUPPORT: ROTATING}, "salt", MORNING)
    afterwards = doors_variable({SUPPORT: ROTATING}, "salt", UNTIL)

    assert json.loads(during.value) == {
        "support": {"external_ids": [NEW.reveal(), OLD.reveal()], "old_opens_until": "2026-11-29T08:00:00Z"}
    }
    assert json.loads(afterwards.value) == {"support": {"external_ids": [NEW.reveal()]}}
    assert during.seal != afterwards.seal
    assert during.seal != doors_variable({SUPPORT: ROTATING}, "another salt", MORNING).seal
