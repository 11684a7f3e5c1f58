"""What is done is recorded once, with what came of it, and without a secret of any kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.adapters.memory_audit import MemoryAuditLog
from gatepass.cli import recording
from gatepass.cli.main import cli
from gatepass.cli.recording import Kind, about, declined, recorded
from gatepass.domain.audit_record import AuditRecord, Outcome, parse_record
from gatepass.domain.audit_words import NOTES
from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, RoleArn
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.usecases.find_records import Wanted, find_records
from gatepass.usecases.record_deeds import Deed, outcome_of, record_of
from gatepass.usecases.record_entry import noted_entry
from tests.adapters.audit_logs import ALICE, AT, records

ID = "gp1.7KQ2M9XW4T.pJ4MARKERd8kQ0vXn3"
SECRETS = (
    ID,
    ID.upper(),
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRQDJN",
    "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa",
)
# Words around a secret, as messages, commands and tickets have them.
AROUND = st.text(st.characters(max_codepoint=0x2FF), max_size=40)


@given(
    st.sampled_from(SECRETS),
    AROUND,
    AROUND,
    st.sampled_from(["action", "customer", "grant", "ticket", "before", "after", "note", "actor"]),
)
def test_no_secret_gets_into_a_record_by_whatever_field_it_comes(
    secret: str, before: str, after: str, field: str
) -> None:
    # A letter that stands right beside it could be one of its own.
    planted = f"{before} {secret} {after}"
    deed = Deed("close", "customer", Outcome.DONE, "acme-prod", "support")
    if field != "actor":
        deed = replace(deed, **{field: planted})  # type: ignore[arg-type]

    record = record_of(deed, planted if field == "actor" else ALICE, AT, "id")

    assert secret not in record.text
    assert secret.lower() not in record.text.lower()
    assert parse_record(record.text) == record


@pytest.mark.parametrize("note", ["User: alice is not authorized, sts:ExternalId someone-elses-id", "x", ID])
def test_a_note_is_of_the_closed_list_or_nothing(note: str) -> None:
    assert record_of(Deed("open", "customer", Outcome.FAILED, note=note), ALICE, AT, "id").note == ""
    assert all(
        record_of(Deed("open", "customer", Outcome.FAILED, note=each), ALICE, AT, "id").note == each for each in NOTES
    )


@pytest.mark.parametrize(
    ("error", "outcome", "note"),
    [
        (CredentialsRefused(ID), Outcome.REFUSED, "credentials refused"),
        (AccessRefused(ID, message=ID), Outcome.REFUSED, "access denied"),
        (Conflict(ID), Outcome.FAILED, "conflict"),
        (NotAnswered(ID), Outcome.FAILED, "no answer"),
        (NotThere(ID), Outcome.FAILED, "not there"),
        (InvalidInput(ID), Outcome.FAILED, "invalid input"),
        (GatepassError(ID), Outcome.FAILED, ""),
        (KeyboardInterrupt(ID), Outcome.FAILED, "stopped by the person"),
        (ZeroDivisionError(ID), Outcome.FAILED, "an error nobody foresaw"),
    ],
)
def test_what_a_failure_counts_as_is_told_without_its_words(error: BaseException, outcome: Outcome, note: str) -> None:
    assert outcome_of(error) == (outcome, note)
    assert note in NOTES


class Sts:
    """STS, which refuses the first so many times."""

    def __init__(self, *answers: BaseException | None) -> None:
        self.answers = list(answers)

    def caller(self) -> Caller:
        return Caller(AccountId("111122223333"), ALICE)

    def enter(self, entry: Entry) -> Session:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        return Session(entry.role, entry.engineer, AT, Credentials("ASIAEXAMPLE", "s", "t"))


ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")


def entered(sts: Sts, times: int = 1) -> list[tuple[str, str, str]]:
    noted: list[tuple[str, str, str]] = []
    entry = Entry(ROLE, EngineerName("alice"), timedelta(hours=1), ExternalId(ID))
    with suppress(GatepassError, KeyboardInterrupt), noted_entry(sts, lambda *words: noted.append(words)) as tokens:
        tokens.caller()
        for _ in range(times):
            tokens.enter(entry)
    return noted


def test_an_entry_that_was_refused_is_noted_as_that() -> None:
    assert entered(Sts(AccessRefused(ID, message=ID))) == [(ALICE, "refused", "access denied")]
    assert entered(Sts(NotAnswered(ID))) == [(ALICE, "failed", "no answer")]
    assert entered(Sts(KeyboardInterrupt())) == [(ALICE, "failed", "stopped by the person")]


def test_an_entry_is_noted_once_however_often_sts_was_asked() -> None:
    assert entered(Sts(), times=3) == [(ALICE, "done", "")]


def test_what_never_asked_sts_is_no_entry() -> None:
    noted: list[object] = []

    assert entered(Sts(), times=0) == []
    with suppress(NotThere), noted_entry(Sts(), lambda *words: noted.append(words)):
        raise NotThere("no second factor is kept")
    assert noted == []


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Deed]:
    deeds: list[Deed] = []
    monkeypatch.setattr(recording, "_note", lambda _kind, told: deeds.extend(told))
    return deeds


def ran(work: Callable[[], object], kind: Kind, **options: object) -> None:
    command = click.Command("word", callback=lambda **_: work())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "KINDS", {"word": kind})
        # A command is asked for more than once in a process, and recorded once.
        recorded(recorded(command, "word"), "word")
    assert command.callback is not None
    with suppress(GatepassError, click.UsageError, KeyboardInterrupt):
        command.callback(**options)


CLOSE = Kind("customer", "close", grant="grant", only_told=True)
REMOVE = Kind("provider", "remove", customer="name")


def fails(error: BaseException) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def test_a_command_that_was_refused_is_recorded_by_its_options(written: list[Deed]) -> None:
    ran(fails(AccessRefused(ID)), CLOSE, grant="support")

    assert written == [Deed("close", "customer", Outcome.REFUSED, grant="support", note="access denied")]


@pytest.mark.parametrize("error", [click.UsageError("x"), InvalidInput("x"), NotThere("x")])
def test_wrong_words_are_no_deed(written: list[Deed], error: Exception) -> None:
    ran(fails(error), CLOSE, grant="support")

    assert written == []


def test_a_command_that_changed_nothing_is_no_deed(written: list[Deed]) -> None:
    ran(lambda: None, CLOSE, grant="support")

    assert written == []


def test_a_persons_no_is_no_deed(written: list[Deed]) -> None:
    ran(declined, REMOVE, name="acme-prod")

    assert written == []


def test_each_grant_that_was_told_of_is_recorded_once(written: list[Deed]) -> None:
    def work() -> None:
        for name in ("a", "b", "a"):
            about(customer="444455556666", grant=name)

    ran(work, CLOSE, grant="support")

    assert [(deed.customer, deed.grant, deed.outcome) for deed in written] == [
        ("444455556666", "a", Outcome.DONE),
        ("444455556666", "b", Outcome.DONE),
    ]


def test_what_was_told_before_a_failure_keeps_what_came_of_it(written: list[Deed]) -> None:
    def work() -> None:
        about(customer="acme", outcome="failed", note="quarantined")
        about(customer="zeta")
        raise KeyboardInterrupt

    ran(work, Kind("provider", "verify", only_told=True))

    assert [(deed.customer, deed.outcome, deed.note) for deed in written] == [
        ("acme", Outcome.FAILED, "quarantined"),
        ("zeta", Outcome.FAILED, "stopped by the person"),
    ]


def test_options_say_whether_it_is_a_deed_at_all(written: list[Deed]) -> None:
    kind = replace(REMOVE, only_with=("reveal",), not_with=("status",))

    ran(lambda: None, kind, reveal=False, name="a")
    ran(lambda: None, kind, reveal=True, status=True, name="b")
    ran(lambda: None, kind, reveal=True, status=False, name="c")

    assert [deed.customer for deed in written] == ["c"]


def test_every_recorded_command_is_there_with_the_options_that_are_read_of_it() -> None:
    for path, kind in recording.KINDS.items():
        command: click.Command | None = cli
        for name in path.split():
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), name)
        assert command is not None, path
        known = {parameter.name for parameter in command.params}
        read = {kind.customer, kind.grant, kind.file, *kind.only_with, *kind.not_with} - {""}
        assert read <= known, path


def test_records_are_found_by_what_is_asked() -> None:
    log = MemoryAuditLog()
    log.append(records(4))
    other = replace(
        records(1, 9)[0], action="open", actor="arn:aws:sts::1:assumed-role/Lead/bob", at=AT.replace(hour=9)
    )
    log.append([other])

    def found(wanted: Wanted) -> list[str]:
        return [record.id for _, record in find_records(log, wanted) if record is not None]

    assert found(Wanted()) == ["r0", "r1", "r2", "r3", "r9"]
    assert found(Wanted(customer="zeta")) == ["r1", "r3", "r9"]
    assert found(Wanted(customer="zeta", action="enter")) == ["r1", "r3"]
    assert found(Wanted(engineer="bob")) == ["r9"] == found(Wanted(engineer=other.actor))
    assert found(Wanted(engineer="ali")) == []
    assert found(Wanted(since=AT.replace(minute=1))) == ["r9"]
    assert {each.name for each in fields(Wanted)} == {"customer", "engineer", "action", "since"}


def test_a_line_that_is_no_record_is_told_of_and_hides_no_other() -> None:
    log = MemoryAuditLog()
    log.append(records(3))
    log.kept[1] = replace(log.kept[1], text="nonsense")

    found = list(find_records(log, Wanted()))

    assert [index for index, record in found if record is None] == [1]
    assert [record.id for _, record in found if isinstance(record, AuditRecord)] == ["r0", "r2"]
