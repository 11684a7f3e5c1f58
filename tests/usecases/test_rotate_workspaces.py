"""Many workspaces are worked on some at a time, and one that fails stops no other."""

from __future__ import annotations

import threading

import pytest

from gatepass.domain.errors import Conflict
from gatepass.usecases.rotate_workspaces import each_workspace


def test_one_that_fails_stops_no_other_and_says_why() -> None:
    def work(subject: str) -> str:
        if subject == "b.yml":
            raise Conflict("the workspace b is locked", next_step="unlock it")
        return subject.upper()

    results = {one.subject: one for one in each_workspace(["a.yml", "b.yml", "c.yml", "a.yml"], work)}

    assert {name: one.done for name, one in results.items()} == {"a.yml": "A.YML", "b.yml": None, "c.yml": "C.YML"}
    error = results["b.yml"].error
    assert error is not None
    assert (error.what, error.next_step) == ("the workspace b is locked", "unlock it")


def test_as_many_as_asked_for_are_worked_on_at_once() -> None:
    together = threading.Barrier(4, timeout=20)
    most, now, lock = 0, 0, threading.Lock()

    def work(subject: str) -> None:
        nonlocal most, now
        del subject
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1

    list(each_workspace([str(number) for number in range(8)], work, max_in_flight=4))

    assert most == 4


def test_what_nobody_foresaw_is_raised_once_the_others_are_done() -> None:
    done: list[str] = []

    def work(subject: str) -> None:
        if subject == "a":
            raise ZeroDivisionError
        done.append(subject)

    with pytest.raises(ZeroDivisionError):
        list(each_workspace(["a", "b", "c"], work, max_in_flight=1))

    assert done == ["b", "c"]
