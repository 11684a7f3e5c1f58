"""A request says nothing that could deceive whoever is to decide about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gatepass.domain.access_request import AccessRequest, parse_request, request_body
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import EngineerName
from gatepass.domain.signed_words import duration_text
from tests.people import CUSTOMER, MORNING, PROVIDER, SUPPORT

REQUEST = AccessRequest(
    id="7KQ2M9XW4T7KQ2M9XW4T7KQ2M9",
    account=CUSTOMER,
    grant=SUPPORT,
    provider=PROVIDER,
    engineer=EngineerName("netops-1"),
    duration=timedelta(hours=4),
    reason="The nightly backup fails since Tuesday",
    ticket="ABC-123",
    made_at=MORNING,
    usable_until=MORNING + timedelta(hours=24),
)

DECEIVING = {
    "nothing": "",
    "spaces": "   ",
    "spaces around": " backup",
    "a second line": "backup\nticket:    APPROVED",
    "a return to the line's start": "open for 7 days\ropen for 1 hour",
    "an escape sequence": "backup \x1b[2J\x1b[1;1H",
    "another escape sequence": "backup \x9b2J",
    "a bell": "backup\x07",
    "a tab": "backup\there",
    "text that turns around": "open \u202esyad 7 rof",
    "text that turns around in isolation": "open \u2067syad 7 rof\u2069",
    "a mark of direction": "open \u200f7",
    "letters that do not show": "ba\u200bckup",
    "a joiner": "ba\u200dckup",
    "a line separator": "backup\u2028ticket: APPROVED",
    "a space that does not break": "backup\u00a0now",
    "a soft hyphen": "back\u00adup",
    "a tag character": "backup\U000e0041",
    "a private character": "backup\ue000",
    "half a character": "backup\ud800",
    "marks upon marks": "backup" + "\u0301" * 5,
    "enclosing marks": "backup" + "\u20dd" * 5,
    "too much": "x" * 301,
}


@pytest.mark.parametrize("text", DECEIVING.values(), ids=list(DECEIVING))
@pytest.mark.parametrize("name", ["reason", "ticket"])
def test_text_that_a_terminal_does_not_show_as_it_is_is_refused(name: str, text: str) -> None:
    body = request_body(REQUEST) | {name: text}

    with pytest.raises(InvalidInput, match=name) as caught:
        parse_request(body)

    assert len(text) < 4 or text not in str(vars(caught.value)) + str(caught.value)


@pytest.mark.parametrize(
    "text", ["Sicherung läuft nicht, 100 %", "バックアップ", "הגיבוי נכשל", "c'est l'été: é", "🔧 #42 <b>"]
)
def test_plain_text_of_any_language_is_taken(text: str) -> None:
    assert parse_request(request_body(REQUEST) | {"reason": text}).reason == text


WRONG: dict[str, dict[str, Any]] = {
    "a guessable id": {"id": "1"},
    "an id with a path in it": {"id": "../" * 10},
    "a long id": {"id": "7" * 41},
    "a mangled account": {"account": "44445555666"},
    "an account that is a number": {"account": 444455556666},
    "a grant that is a path": {"grant": "support/../audit"},
    "a provider that is no account": {"provider": "evil.example.com"},
    "an engineer with spaces": {"engineer": "netops 1 (approved)"},
    "no duration": {"for": ""},
    "a duration in words": {"for": "four hours"},
    "a duration without a unit": {"for": "4"},
    "a duration in digits of another script": {"for": "٤h"},
    "a negative duration": {"for": "-4h"},
    "a short duration": {"for": "14m"},
    "a long duration": {"for": "169h"},
    "an endless duration": {"for": "99999h"},
    "a long ticket": {"ticket": "x" * 65},
    "a ticket that is a list": {"ticket": ["ABC-123"]},
    "an instant without a zone": {"made_at": "2026-11-22T08:00:00"},
    "an instant of another zone": {"made_at": "2026-11-22T08:00:00+00:00"},
    "an instant that is none": {"made_at": "2026-02-30T08:00:00Z"},
    "an instant in digits of another script": {"made_at": "٢026-11-22T08:00:00Z"},
    "usable for longer than a day": {"usable_until": "2026-11-23T08:00:01Z"},
    "usable before it was made": {"usable_until": "2026-11-22T08:00:00Z"},
    "an unknown key": {"approved": "yes"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_what_is_out_of_range_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        parse_request(request_body(REQUEST) | change)


@pytest.mark.parametrize("key", list(request_body(REQUEST)))
def test_no_part_may_be_missing_or_of_another_type(key: str) -> None:
    body = request_body(REQUEST)

    with pytest.raises(InvalidInput):
        parse_request({name: value for name, value in body.items() if name != key})
    with pytest.raises(InvalidInput):
        parse_request(body | {key: 5})
    if key != "ticket":
        with pytest.raises(InvalidInput):
            parse_request(body | {key: None})


@pytest.mark.parametrize("ticket", [None, "ABC-123"])
@pytest.mark.parametrize("minutes", [15, 59, 60, 90, 240, 7 * 24 * 60])
def test_a_request_is_read_as_it_was_written(ticket: str | None, minutes: int) -> None:
    request = replace(REQUEST, ticket=ticket, duration=timedelta(minutes=minutes))

    assert parse_request(request_body(request)) == request


@pytest.mark.parametrize(("minutes", "text"), [(15, "15m"), (60, "1h"), (90, "90m"), (240, "4h")])
def test_a_duration_reads_as_people_type_it(minutes: int, text: str) -> None:
    assert duration_text(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize("duration", [timedelta(minutes=14), timedelta(days=7, minutes=1), timedelta(seconds=3601)])
def test_an_engineer_is_told_how_long_may_be_asked_for(duration: timedelta) -> None:
    with pytest.raises(InvalidInput, match="cannot be asked for") as caught:
        replace(REQUEST, duration=duration)

    assert "--for 4h" in caught.value.next_step
