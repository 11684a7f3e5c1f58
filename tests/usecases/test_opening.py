"""Openings of limited time: they end by themselves, and never bring a session from before back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gatepass.adapters.memory import MemoryRandomness, MemoryRoles
from gatepass.domain.change import Change, PutInline
from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput
from gatepass.domain.grant import Grant, Window
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.role import OPENING_POLICY, SWITCH_POLICY
from gatepass.domain.switch import Position, deny_while_changing, doors
from gatepass.domain.trust import accepted_external_id
from gatepass.usecases.close_door import close_door
from gatepass.usecases.open_door import Opened, open_door
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.rotate_factor import rotate_factor
from tests.people import GRANT, MORNING, SUPPORT, declaration, randomness
from tests.usecases.applied import WAIT, applied, apply_file, the_role
from tests.usecases.judge import allow, may_do, may_enter

ENGINEER = "arn:aws:iam::111122223333:user/netops-1"
MANAGED = {arn: allow("s3:*") for arn in the_role(applied()).policies}
HOUR = timedelta(hours=1)


def open_it(roles: MemoryRoles, until: datetime | timedelta | None = None, *grants: Grant) -> Opened:
    return open_door(declaration(*grants), SUPPORT, roles, roles.clock, randomness(), until=until)


def the_id(roles: MemoryRoles) -> ExternalId:
    found = accepted_external_id(the_role(roles).trust)
    assert found is not None
    return found


def enters(roles: MemoryRoles, at: datetime, external_id: ExternalId | None = None) -> bool:
    return may_enter(the_role(roles), ENGINEER, external_id or the_id(roles), at)


def acts(roles: MemoryRoles, began: datetime, at: datetime) -> bool:
    return may_do(the_role(roles), ENGINEER, "s3:GetObject", began, at, MANAGED)


def closed() -> MemoryRoles:
    roles = applied()
    close_door(SUPPORT, roles, roles.clock, WAIT)
    return roles


def test_nobody_enters_or_acts_after_the_end_though_nobody_came_back() -> None:
    roles = closed()

    opened = open_it(roles, 4 * HOUR)

    now = roles.clock.now()
    assert opened.until is not None
    assert not enters(roles, opened.until)
    assert not acts(roles, now, opened.until)
    assert enters(roles, now)
    assert acts(roles, now, opened.until - timedelta(seconds=1))


def test_the_end_counts_from_awss_clock() -> None:
    roles = closed()
    now = roles.clock.now()

    opened = open_it(roles, 4 * HOUR)

    assert opened.until == now + 4 * HOUR


def test_an_end_that_is_over_is_refused_before_anything_is_written() -> None:
    roles = closed()
    roles.made.clear()

    with pytest.raises(InvalidInput, match="over already"):
        open_it(roles, MORNING - HOUR)

    assert roles.made == []


def test_opening_again_after_the_end_keeps_the_id_and_ends_sessions_from_before() -> None:
    roles = closed()
    open_it(roles, HOUR)
    began, external_id = roles.clock.now(), the_id(roles)
    roles.clock.instant += 2 * HOUR

    opened = open_it(roles, HOUR)

    now = roles.clock.now()
    assert not acts(roles, began, now)
    assert opened.changed
    assert not opened.has_new_id
    assert the_id(roles) == external_id
    assert acts(roles, now, now)


def test_sessions_are_held_while_an_opening_that_is_over_opens_again() -> None:
    roles = closed()
    open_it(roles, HOUR)
    began = roles.clock.now()
    roles.clock.instant += 2 * HOUR

    class Watched(MemoryRoles):
        def make(self, change: Change) -> None:
            super().make(change)
            now = self.clock.now()
            assert not acts(self, began, now)

    watched = Watched(roles.account, roles.clock, roles.policies, roles.roles)

    open_it(watched, HOUR)

    assert watched.made[0] == PutInline(the_role(roles).name, SWITCH_POLICY, deny_while_changing())


def test_an_opening_that_runs_is_made_longer_and_its_sessions_go_on() -> None:
    roles = closed()
    open_it(roles, HOUR)
    began = roles.clock.now()

    opened = open_it(roles, 3 * HOUR)

    assert opened.changed
    assert not opened.has_new_id
    assert acts(roles, began, began + 2 * HOUR)


def test_an_opening_is_made_shorter() -> None:
    roles = applied()
    now = roles.clock.now()

    open_it(roles, HOUR)

    assert not enters(roles, now + 2 * HOUR)
    assert not acts(roles, now, now + 2 * HOUR)


def test_plain_open_keeps_the_end_of_an_opening_that_runs() -> None:
    roles = closed()
    until = open_it(roles, HOUR).until
    roles.made.clear()

    opened = open_it(roles)

    assert (opened.changed, opened.until) == (False, until)
    assert roles.made == []


def test_plain_open_of_a_closed_door_forgets_the_end_it_once_had() -> None:
    roles = closed()
    open_it(roles, HOUR)
    close_door(SUPPORT, roles, roles.clock, WAIT)

    opened = open_it(roles)

    assert opened.until is None
    assert OPENING_POLICY not in the_role(roles).inline
    assert enters(roles, roles.clock.now() + 100 * HOUR)


def test_a_plan_keeps_the_end_and_changes_nothing() -> None:
    roles = closed()
    open_it(roles, HOUR)

    assert plan_account(declaration(), roles, roles.clock, randomness()).changes == ()


def test_an_apply_of_other_terms_keeps_the_end() -> None:
    roles = closed()
    until = open_it(roles, HOUR).until
    assert until is not None

    apply_file(declaration(replace(GRANT, requires_source_identity=True)), roles)

    assert not enters(roles, until)
    assert not acts(roles, roles.clock.now(), until)


def test_the_declared_window_holds_where_it_ends_before_the_opening() -> None:
    grant = replace(GRANT, window=Window(None, MORNING + HOUR))
    roles = applied(grant)

    opened = open_it(roles, 4 * HOUR, grant)

    assert opened.window_ends == MORNING + HOUR
    assert not enters(roles, MORNING + 2 * HOUR)


def test_an_opening_during_a_rotation_ends_for_both_ids() -> None:
    roles = applied()
    old = the_id(roles)
    rotate_factor(SUPPORT, roles, MemoryRandomness(drawn=10), 24 * HOUR)

    until = open_it(roles, HOUR).until

    assert until is not None
    assert not enters(roles, until, old)
    assert not enters(roles, until)
    assert enters(roles, until - HOUR, old)


@pytest.mark.parametrize("stop", range(4))
def test_an_opening_that_was_killed_is_finished_by_the_next(stop: int) -> None:
    roles = closed()
    open_it(roles, HOUR)
    roles.clock.instant += 2 * HOUR
    began = roles.clock.now()
    roles.failures = stop

    with suppress(AccessRefused):
        open_it(roles, HOUR)
    roles.failures = None
    roles.clock.instant += timedelta(minutes=1)
    opened = open_it(roles, HOUR)

    assert opened.until is not None
    assert doors(the_role(roles)).position is Position.OPEN
    assert enters(roles, roles.clock.now())
    assert not acts(roles, began - 2 * HOUR, roles.clock.now())


def test_somebody_who_closes_meanwhile_wins_and_the_other_is_told() -> None:
    roles = closed()

    class Closing(MemoryRoles):
        def make(self, change: Change) -> None:
            super().make(change)
            if isinstance(change, PutInline) and change.policy_name == SWITCH_POLICY:
                close_door(SUPPORT, roles, roles.clock, WAIT)

    with pytest.raises(Conflict, match="not as it was just written"):
        open_it(Closing(roles.account, roles.clock, roles.policies, roles.roles), HOUR)
    assert doors(the_role(roles)).position is Position.CLOSED
