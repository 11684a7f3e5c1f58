"""A register that is asked for thousands of times tells every change, whoever made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from gatepass.adapters.register_book import FileRegisterBook
from gatepass.adapters.remembered_register import RememberedBook
from gatepass.domain.errors import GatepassError, InvalidFile, NotThere, Overtaken
from gatepass.domain.register import Customer
from gatepass.render.register_text import register_text
from tests.fleet.counting import until
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
    book, somebody = RememberedBook(path, lambda: 0.0), FileRegisterBook(path)

    assert book.load() is book.load()
    for number in range(2, 6):
        (somebody if number % 2 else book).add(one(number))
        assert len(book.load().customers) == number
    somebody.add(replace(one(1), company="company-9"))
    assert book.load().customers[one(1).name].company == "company-9"
    book.remove(one(5).name)
    assert len(book.load().customers) == 4


def test_a_look_that_takes_long_is_good_for_a_while_but_not_for_who_writes(tmp_path: Path) -> None:
    """A folder of ten thousand files cannot be looked through six times for each of ten thousand units."""
    (tmp_path / "provider.yml").write_text(register_text(register(one(1))), encoding="utf-8")
    now, slow = [0.0], [0.04]

    def monotonic() -> float:
        now[0] += slow[0]
        return now[0]

    book, somebody = RememberedBook(tmp_path, monotonic, lambda _: None), FileRegisterBook(tmp_path)
    before = book.load()
    somebody.add(one(2))
    slow[0] = 0.0

    assert book.load() is before
    with pytest.raises(Overtaken):
        book.exchange(None, replace(one(2), company="another"))
    now[0] += 1.0
    assert len(book.load().customers) == 2


class Crowd:
    """Many threads that want to write at once: the first holds the pen while the others gather."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on, self.writes, self.refused = Event(), 0, dict[str, GatepassError]()
        self.rested: list[float] = []
        self.book = RememberedBook(path, rest=self.rested.append)
        whole = FileRegisterBook._change  # noqa: SLF001 - to count the writes of files

        def change(book: FileRegisterBook, customers: list[Customer], expected: object) -> None:
            self.writes += 1
            self.go_on.wait(20)
            whole(book, customers, expected)  # type: ignore[arg-type]

        monkeypatch.setattr(FileRegisterBook, "_change", change)

    def writes_all(self, wishes: list[tuple[Customer | None, Customer]]) -> None:
        """Have each of them written by a thread of its own."""
        threads = [Thread(target=self._write, args=wish) for wish in wishes]
        threads[0].start()
        until(lambda: self.writes == 1)
        for thread in threads[1:]:
            thread.start()
        until(lambda: len(self.book._waiting) == len(wishes) - 1)  # noqa: SLF001 - who gathers is seen nowhere else
        self.go_on.set()
        for thread in threads:
            thread.join()

    def _write(self, before: Customer | None, after: Customer) -> None:
        try:
            self.book.exchange(before, after)
        except GatepassError as error:
            self.refused[after.company] = error
        else:
            assert FileRegisterBook(self.book._path).load().customers[after.name] == after  # noqa: SLF001


@pytest.fixture(params=["file", "folder"])
def crowd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    path = tmp_path / "customers.yml" if request.param == "file" else tmp_path
    file = path if request.param == "file" else path / "provider.yml"
    file.write_text(register_text(register(one(1))), encoding="utf-8")
    return Crowd(path, monkeypatch)


def test_those_who_come_at_the_same_time_are_written_together_and_each_is_told_when_it_is_in_the_file(
    crowd: Crowd,
) -> None:
    crowd.writes_all([(None, one(number)) for number in range(2, 22)])

    assert crowd.writes == 2
    assert len(crowd.book.load().customers) == 21
    assert not crowd.refused
    assert all(0 < seconds <= 3 for seconds in crowd.rested), "between two writes it rests"


def test_one_that_is_refused_takes_nobody_with_it(crowd: Crowd) -> None:
    double = replace(one(5), name=one(6).name, company="double")
    crowd.writes_all([(None, one(2)), (None, one(3)), (None, one(5)), (None, double), (None, one(4))])

    assert set(crowd.refused) in ({"double"}, {one(5).company}), "one of the two that contradict each other"
    assert isinstance(next(iter(crowd.refused.values())), InvalidFile)
    assert len(crowd.book.load().customers) == 5


def test_of_two_that_change_one_customer_the_second_learns_that_it_was_overtaken(crowd: Crowd) -> None:
    changes = [(one(1), replace(one(1), company=f"company-{number}")) for number in (7, 8)]
    crowd.writes_all([(None, one(2)), *changes])

    (loser,) = crowd.refused.values()
    assert isinstance(loser, Overtaken)
    assert crowd.book.load().customers[one(1).name].company in {"company-7", "company-8"} - set(crowd.refused)


def test_a_writer_that_dies_takes_only_its_own_with_it(crowd: Crowd) -> None:
    """The file is whole, and those who waited write for themselves."""

    class Death(BaseException):
        pass

    dead, write = one(2).name, crowd.book._write  # noqa: SLF001 - to die in the middle

    def die(together: list[object]) -> None:
        if any(each.customers[0].name == dead for each in together):  # type: ignore[attr-defined]
            crowd.writes += 1
            crowd.go_on.wait(20)
            raise Death
        write(together)  # type: ignore[arg-type]

    crowd.book._write = die  # type: ignore[assignment,method-assign]  # noqa: SLF001
    died = []
    exchange = crowd._write  # noqa: SLF001

    def survive(before: Customer | None, after: Customer) -> None:
        try:
            exchange(before, after)
        except Death:
            died.append(after.name)

    crowd._write = survive  # type: ignore[method-assign]  # noqa: SLF001
    crowd.writes_all([(None, one(number)) for number in range(2, 12)])

    assert died == [dead]
    assert len(crowd.book.load().customers) == 10
