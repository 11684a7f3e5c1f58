"""A provider's book of passes, in a file and in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gatepass.adapters.admission_book import FileAdmissionBook
from gatepass.adapters.memory_admission import MemoryAdmissionBook
from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.domain.errors import Conflict
from gatepass.ports.books import AdmissionBook
from tests.domain.test_handed_pass import HANDED
from tests.people import CUSTOMER, MORNING, PROVIDER

KEY = MemorySigningKey().public_key


@pytest.fixture(params=["file", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> AdmissionBook:
    return FileAdmissionBook(tmp_path / "book") if request.param == "file" else MemoryAdmissionBook()


def test_an_empty_book_knows_nothing(book: AdmissionBook) -> None:
    assert book.known_key(CUSTOMER) is None
    assert not book.was_admitted(HANDED.id)


def test_what_was_remembered_is_known_and_nothing_else(book: AdmissionBook) -> None:
    book.remember(HANDED, KEY, MORNING)

    assert book.known_key(CUSTOMER) == KEY
    assert book.known_key(PROVIDER) is None
    assert book.was_admitted(HANDED.id)
    assert not book.was_admitted("1" * 26)


def test_a_pass_is_forgotten_only_when_nobody_could_admit_it(book: AdmissionBook) -> None:
    later, other = replace(HANDED, id="1" * 26), replace(HANDED, id="2" * 26)
    book.remember(HANDED, KEY, MORNING)

    book.remember(later, KEY, HANDED.usable_until + timedelta(minutes=4))
    assert book.was_admitted(HANDED.id)
    book.remember(other, KEY, HANDED.usable_until + timedelta(minutes=5))

    assert not book.was_admitted(HANDED.id)
    assert book.known_key(CUSTOMER) == KEY


@pytest.mark.parametrize(
    "content", ["", "{}", '{"keys": {}, "used": {"x": "soon"}}', '{"keys": {"1": "x"}, "used": {}}']
)
def test_a_book_that_somebody_changed_is_not_used(tmp_path: Path, content: str) -> None:
    book = FileAdmissionBook(tmp_path / "book")
    book.remember(HANDED, KEY, MORNING)
    (tmp_path / "book" / "book.json").write_text(content, encoding="utf-8")

    with pytest.raises(Conflict, match="is not used"):
        book.known_key(CUSTOMER)


def test_a_book_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    book = FileAdmissionBook(tmp_path / "book")
    book.remember(HANDED, KEY, MORNING)
    (tmp_path / "book" / "book.json").chmod(0o644)

    with pytest.raises(Conflict, match="is not used"):
        book.was_admitted(HANDED.id)
