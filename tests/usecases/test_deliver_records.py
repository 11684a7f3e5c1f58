"""Records reach the log once, whatever happens to their delivery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from gatepass.adapters.memory_audit import MemoryAuditLog, MemoryInbox
from gatepass.domain.audit_record import AuditRecord
from gatepass.domain.errors import GatepassError
from gatepass.usecases.deliver_records import Delivered, collect, deliver
from tests.adapters.audit_logs import records


class Batches:
    """A journal in memory."""

    def __init__(self, *batches: Sequence[str]) -> None:
        self.kept = {str(number): list(batch) for number, batch in enumerate(batches)}
        self.aside: list[str] = []

    def batches(self) -> Iterator[str]:
        yield from sorted(self.kept)

    def read(self, name: str) -> Sequence[str]:
        return self.kept[name]

    def forget(self, name: str) -> None:
        del self.kept[name]

    def set_aside(self, lines: Sequence[str]) -> None:
        self.aside += lines


class Interrupted(MemoryAuditLog):
    """A log whose answer is lost, once."""

    is_down = True

    def append(self, records: Sequence[AuditRecord]) -> int:
        added = super().append(records)
        if self.is_down:
            self.is_down = False
            raise GatepassError("no answer")
        return added


def texts(count: int, begin: int = 0) -> list[str]:
    return [record.text for record in records(count, begin)]


def test_a_journal_is_forgotten_once_it_is_delivered() -> None:
    journal, log = Batches(texts(3), texts(2, 3)), MemoryAuditLog()

    assert deliver(journal, log) == Delivered(5, 5, 0)
    assert journal.kept == {}
    assert log.head().size == 5


def test_what_was_not_confirmed_is_kept_and_delivered_again_as_the_same() -> None:
    journal, log = Batches(texts(3), texts(2, 3)), Interrupted()
    with pytest.raises(GatepassError):
        deliver(journal, log)
    assert len(journal.kept) == 2

    assert deliver(journal, log) == Delivered(5, 2, 0)
    assert [line.id for line in log.lines()] == ["r0", "r1", "r2", "r3", "r4"]


def test_a_torn_line_is_set_aside_and_holds_up_nothing() -> None:
    torn = texts(1, 9)[0][:40]
    journal, log = Batches([*texts(2), torn, *texts(1, 2)]), MemoryAuditLog()

    assert deliver(journal, log) == Delivered(3, 3, 1)
    assert journal.aside == [torn]


def test_by_way_of_an_inbox_everything_arrives_once() -> None:
    inbox, log = MemoryInbox(), MemoryAuditLog()
    for _ in range(2):
        deliver(Batches(texts(3)), inbox)
    deliver(Batches(texts(3, 2)), inbox)
    assert len(inbox.kept) == 2

    done = collect(inbox, log)

    assert (done.batches, done.records, done.new, done.refused) == (2, 6, 5, ())
    assert inbox.kept == {}
    assert sorted(line.id for line in log.lines()) == ["r0", "r1", "r2", "r3", "r4"]


def test_a_batch_that_is_none_stays_and_holds_up_no_other() -> None:
    inbox, log = MemoryInbox(), MemoryAuditLog()
    inbox.kept["0"] = "nonsense\n"
    deliver(Batches(texts(3)), inbox)

    done = collect(inbox, log)

    assert (done.batches, done.new) == (1, 3)
    assert [name for name, _ in done.refused] == ["0"]
    assert list(inbox.kept) == ["0"]


def test_a_batch_stays_where_the_log_did_not_take_it() -> None:
    inbox, log = MemoryInbox(), Interrupted()
    deliver(Batches(texts(3)), inbox)

    with pytest.raises(GatepassError):
        collect(inbox, log)
    assert len(inbox.kept) == 1

    assert collect(inbox, log).new == 0
    assert inbox.kept == {}
