"""Records and checkpoints of the log: one way to write each, and nothing else is read."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.audit_record import BEGINNING, AuditRecord, Outcome, chained, parse_record
from gatepass.domain.checkpoint import Checkpoint, SignedCheckpoint, key_id, parse_checkpoint
from gatepass.domain.errors import InvalidInput
from gatepass.domain.signed_file import PublicKey

WORDS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)
RECORDS = st.builds(
    AuditRecord, id=WORDS, actor=WORDS, side=WORDS, action=WORDS, customer=WORDS, grant=WORDS, ticket=WORDS,
    before=WORDS, after=WORDS, note=WORDS, outcome=st.sampled_from(Outcome),
    at=st.integers(1_600_000_000, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
)  # fmt: skip
RECORD = AuditRecord("run-1", datetime(2026, 11, 22, 8, tzinfo=UTC), "worker-1", "provider", "rotate", Outcome.DONE)
CHECKPOINT = Checkpoint("gatepass/111122223333", 3, bytes(range(32)))


@given(RECORDS)
def test_a_record_is_read_as_it_was_written(record: AuditRecord) -> None:
    assert parse_record(record.text) == record


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", RECORD.text + " ", RECORD.text.replace('"done"', '"fine"'), RECORD.text.replace(":00Z", ":61Z"),
     RECORD.text.replace('"note":""', '"note":7'), RECORD.text[:-1] + ',"more":""}'],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_record(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_record(text)


@pytest.mark.parametrize("word", ["two\nlines", "\x1b[31m", "ä", "x" * 257])
def test_no_word_of_a_record_can_look_like_another_line(word: str) -> None:
    with pytest.raises(InvalidInput):
        replace(RECORD, note=word)


def test_each_record_seals_all_before_it() -> None:
    first = chained(BEGINNING, RECORD.text)

    changed = chained(BEGINNING, replace(RECORD, action="open").text)

    assert chained(first, RECORD.text) != chained(changed, RECORD.text)


def test_a_checkpoint_is_written_as_other_logs_write_it() -> None:
    """C2SP tlog-checkpoint and signed-note."""
    key = PublicKey(bytes(32))
    note = SignedCheckpoint(CHECKPOINT, key_id(CHECKPOINT.origin, key), b"s" * 64)

    lines = note.text.split("\n")

    assert lines[:4] == ["gatepass/111122223333", "3", base64.b64encode(bytes(range(32))).decode(), ""]
    assert lines[4].startswith("— gatepass/111122223333 ")
    assert lines[5:] == [""]
    assert parse_checkpoint(note.text) == note
    assert note.names(key)
    assert not note.names(PublicKey(b"x" * 32))


@pytest.mark.parametrize(
    "change",
    [("3\n", "03\n"), ("3\n", "-1\n"), ("—", "-"), ("AAEC", "AA"), ("\n\n", "\n"), ("gatepass/", "gate pass/")],
)
def test_what_is_no_checkpoint_is_refused(change: tuple[str, str]) -> None:
    note = SignedCheckpoint(CHECKPOINT, b"1234", b"s" * 64).text

    with pytest.raises(InvalidInput):
        parse_checkpoint(note.replace(*change, 1))
