"""What somebody does to a log is found: by its chain, by its signed checkpoints, by an anchor outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory_audit import MemoryAnchor, MemoryAuditLog
from gatepass.domain.audit_chain import Line, next_lines
from gatepass.domain.audit_record import AuditRecord, chained, parse_record
from gatepass.domain.checkpoint import parse_checkpoint
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.usecases.checkpoint_log import checkpoint_log
from gatepass.usecases.verify_log import LogVerdict, verify_log
from tests.adapters.audit_logs import Key, records, signer

SIGNER = signer()


def filled(count: int = 6, *, is_signed: bool = True) -> tuple[MemoryAuditLog, MemoryAnchor]:
    log, anchor = MemoryAuditLog(), MemoryAnchor()
    log.append(records(count))
    if is_signed:
        checkpoint_log(log, SIGNER, [anchor])
    return log, anchor


def verdict(log: MemoryAuditLog, *anchors: MemoryAnchor) -> LogVerdict:
    return verify_log(log, SIGNER.notary, anchors)


def rewritten(log: MemoryAuditLog, kept: list[AuditRecord]) -> None:
    """Write the log anew with a chain that is right in itself, as whoever has the file can."""
    log.kept = []
    log.append(kept)


def edited(line: Line) -> Line:
    text = replace(parse_record(line.text), customer="somebody").text
    return replace(line, text=text)


def test_a_log_as_it_was_written_is_sound() -> None:
    log, anchor = filled()

    found = verdict(log, anchor)

    assert (found.is_sound, found.size, found.witnesses, found.signed_size) == (True, 6, 2, 6)


def test_an_edited_record_is_found_and_named() -> None:
    log, _ = filled(is_signed=False)
    log.kept[2] = edited(log.kept[2])

    found = verdict(log)

    assert [(flaw.index, flaw.id) for flaw in found.flaws] == [(2, "r2")]


def test_an_edited_record_whose_own_hash_was_mended_is_found_at_the_next() -> None:
    log, _ = filled(is_signed=False)
    line = edited(log.kept[2])
    log.kept[2] = replace(line, chain=chained(log.kept[1].chain, line.text))

    assert [flaw.index for flaw in verdict(log).flaws] == [3]


def test_a_deleted_record_is_found() -> None:
    log, _ = filled(is_signed=False)
    del log.kept[2]

    assert "1 record from 2 on is gone" in verdict(log).flaws[0].what


def test_a_deleted_record_is_found_though_those_behind_were_renumbered() -> None:
    log, _ = filled(is_signed=False)
    del log.kept[2]
    log.kept = [replace(line, index=index) for index, line in enumerate(log.kept)]

    assert [flaw.index for flaw in verdict(log).flaws] == [2]


def test_records_that_changed_places_are_found() -> None:
    log, _ = filled(is_signed=False)
    log.kept[2], log.kept[3] = replace(log.kept[3], index=2), replace(log.kept[2], index=3)

    assert {2, 3} <= {flaw.index for flaw in verdict(log).flaws}


def test_a_record_filed_under_another_id_is_found() -> None:
    log, _ = filled(is_signed=False)
    log.kept[1] = replace(log.kept[1], id="r9")

    assert "another id" in verdict(log).flaws[0].what


def test_a_log_that_was_cut_is_found_by_the_checkpoint_beside_it() -> None:
    log, _ = filled()
    log.kept = log.kept[:4]

    assert [flaw.what.partition(":")[0] for flaw in verdict(log).flaws] == ["the log was cut"]


def test_a_log_that_was_cut_with_its_checkpoints_is_found_by_the_anchor_alone() -> None:
    log, anchor = filled()
    log.kept, log.notes = log.kept[:4], {}

    assert verdict(log).is_sound
    assert ["was cut" in flaw.what for flaw in verdict(log, anchor).flaws] == [True]


def test_a_log_written_anew_with_a_right_chain_is_found_by_the_checkpoint() -> None:
    log, anchor = filled()
    kept = [parse_record(line.text) for line in log.kept]
    rewritten(log, [replace(kept[0], actor="somebody"), *kept[1:]])

    assert [flaw.what.startswith("the first 6 records are not those") for flaw in verdict(log, anchor).flaws] == [
        True, True,
    ]  # fmt: skip


def test_a_log_written_anew_and_signed_by_another_key_is_found() -> None:
    log, _ = filled(is_signed=False)
    checkpoint_log(log, signer(Key("b")))

    assert ["not signed by a key of yours" in flaw.what for flaw in verdict(log).flaws] == [True]


def test_a_checkpoint_whose_signature_was_changed_is_found() -> None:
    log, _ = filled()
    signed = parse_checkpoint(log.notes[6])
    log.notes[6] = replace(signed, signature=bytes(64)).text

    assert ["not signed by a key of yours" in flaw.what for flaw in verdict(log).flaws] == [True]


def test_what_is_no_checkpoint_is_told_and_stops_nothing() -> None:
    log, anchor = filled()
    anchor.kept.append("nonsense")
    log.kept[0] = edited(log.kept[0])

    assert len(verdict(log, anchor).flaws) == 4


def test_an_anchor_with_nothing_in_it_is_no_reassurance() -> None:
    log, _ = filled()

    assert not verdict(log, MemoryAnchor()).is_sound


def test_of_a_mangled_log_the_first_flaws_are_told_and_the_rest_counted() -> None:
    log, _ = filled(100, is_signed=False)
    log.kept = [edited(line) for line in log.kept]

    found = verdict(log)

    assert (len(found.flaws), found.flaw_count) == (20, 100)


def test_each_checkpoint_continues_the_last_one() -> None:
    log, anchor = filled()
    log.append(records(5, 6))

    signed = checkpoint_log(log, SIGNER, [anchor])

    assert signed.checkpoint.size == 11
    assert len(anchor.notes()) == 2
    assert verdict(log, anchor).witnesses == 4


def test_the_same_log_is_signed_once() -> None:
    log, anchor = filled()

    again = checkpoint_log(log, SIGNER, [anchor])

    assert [again.text] == list(log.checkpoints()) == anchor.kept


def test_a_log_that_does_not_continue_what_was_signed_is_not_signed() -> None:
    log, anchor = filled()
    kept = [parse_record(line.text) for line in log.kept]
    rewritten(log, [*kept[1:], kept[0], *records(3, 6)])

    with pytest.raises(Conflict, match="not signed for"):
        checkpoint_log(log, SIGNER, [anchor])

    assert len(anchor.kept) == 1


def test_a_log_is_not_signed_under_another_accounts_name() -> None:
    log, _ = filled()
    log.append(records(7))

    with pytest.raises(Conflict, match="does not continue"):
        checkpoint_log(log, replace(SIGNER, account=AccountId("999988887777")))


def test_an_empty_log_is_not_signed() -> None:
    with pytest.raises(NotThere):
        checkpoint_log(MemoryAuditLog(), SIGNER)


def test_the_hash_of_a_line_covers_all_before_it() -> None:
    lines = next_lines(MemoryAuditLog().head(), records(3))

    assert lines[2].chain == chained(lines[1].chain, lines[2].text)
