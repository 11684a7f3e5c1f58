"""Comparing accounts in which another engine keeps a role: what differs is told, and never written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gatepass.domain.errors import Conflict
from gatepass.fleet.memory_steps import MemorySteps
from gatepass.fleet.work import Unit, UnitResult
from gatepass.fleet.works.reconcile import NAME, Accounts, reconcile_kind
from tests.people import CUSTOMER, declaration, randomness
from tests.usecases.test_engines import kept_by, put


def reconciled(session_limit: timedelta, *, apply: bool) -> UnitResult:
    """Compare an account whose one role Terraform keeps, with this limit of its sessions."""
    roles = kept_by("terraform")
    put(roles, session_limit=session_limit)
    accounts = Accounts(
        lambda: {CUSTOMER: "access.yml"},
        lambda _file: declaration(),
        lambda _account: roles,
        roles.clock,
        randomness(),
        timedelta(),
    )
    try:
        return reconcile_kind(accounts, apply=apply).work(Unit(NAME, str(CUSTOMER), "run"), MemorySteps())
    finally:
        assert roles.made == []


def test_what_another_engine_would_have_to_change_is_found_and_not_applied() -> None:
    with pytest.raises(Conflict, match="kept by terraform"):
        reconciled(timedelta(hours=4), apply=True)

    assert reconciled(timedelta(hours=4), apply=False).facts["changes"] == "1"


def test_another_engines_role_that_is_as_the_file_says_is_well() -> None:
    assert reconciled(timedelta(hours=1), apply=True).facts["changes"] == "0"
