"""A register that is asked for thousands of times tells every change, whoever made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gatepass.adapters.register_book import FileRegisterBook
from gatepass.adapters.remembered_register import RememberedBook
from gatepass.domain.errors import NotThere
from gatepass.domain.register import Customer
from gatepass.render.register_text import register_text
from tests.teams import NETOPS, customer, register


def one(number: int) -> Customer:
    return replace(customer(number, NETOPS), key=f"K00000000{number}")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_anybody_changed_is_told_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "customers.yml" if kind == "file" else tmp_path
    file = path if kind == "file" else path / "provider.yml"
    with pytest.raises(NotThere):
        RememberedBook(tmp_path / "nowhere.yml").load()
    file.write_text(register_text(register(one(1))), encoding="utf-8")
    book, somebody = RememberedBook(path), FileRegisterBook(path)

    assert book.load() is book.load()
    for number in range(2, 6):
        (somebody if number % 2 else book).add(one(number))
        assert len(book.load().customers) == number
    somebody.add(replace(one(1), company="company-9"))
    assert book.load().customers[one(1).name].company == "company-9"
    book.remove(one(5).name)
    assert len(book.load().customers) == 4
