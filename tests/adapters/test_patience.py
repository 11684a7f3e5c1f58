"""Identity Center finishes later, and is waited for: not for ever, and never at the same pace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.patience import PATIENCE, Patience
from gatepass.domain.errors import Conflict

IN_PROGRESS, SUCCEEDED = {"Status": "IN_PROGRESS"}, {"Status": "SUCCEEDED"}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "another is under way"}}, "CreateAccountAssignment")


def test_what_failed_is_told_with_awss_own_reason() -> None:
    failed: dict[str, str] = {"Status": "FAILED", "FailureReason": "the account is suspended"}

    with pytest.raises(Conflict) as caught:
        Patience(MemoryClock(), "it").until_done(IN_PROGRESS, lambda: failed)

    assert caught.value.why == "the account is suspended"


def test_what_never_finishes_is_given_up_after_the_stated_time() -> None:
    clock = MemoryClock()

    with pytest.raises(Conflict, match="does not finish it"):
        Patience(clock, "it").until_done(IN_PROGRESS, lambda: IN_PROGRESS)

    assert PATIENCE <= clock.slept <= PATIENCE + timedelta(seconds=10)


def test_who_stays_busy_is_given_up_after_the_stated_time() -> None:
    def busy() -> None:
        raise refused("ConflictException")

    with pytest.raises(Conflict) as caught:
        Patience(MemoryClock(), "it").until_free(busy)

    assert "ConflictException: another is under way" in caught.value.why


def test_other_refusals_are_not_waited_for() -> None:
    clock = MemoryClock()

    def denied() -> None:
        raise refused("AccessDeniedException")

    with pytest.raises(ClientError):
        Patience(clock, "it").until_free(denied)
    assert clock.slept == timedelta()


def test_what_finishes_in_time_is_well() -> None:
    clock = MemoryClock()
    later: Iterator[dict[str, str]] = iter((IN_PROGRESS, IN_PROGRESS, SUCCEEDED))

    Patience(clock, "it").until_done(IN_PROGRESS, lambda: next(later))

    assert list(later) == []
    assert timedelta(seconds=3.5) <= clock.slept <= timedelta(seconds=7)


def test_two_who_wait_do_not_come_back_together() -> None:
    slept = set()
    for _ in range(20):
        clock = MemoryClock()
        Patience(clock, "it").wait("busy")
        slept.add(clock.slept)

    assert len(slept) > 1
