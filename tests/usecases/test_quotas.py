"""What an account has no room for is told before anything changes, with the account's own figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.documents import policy
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Grant, PrincipalPattern
from gatepass.domain.quotas import Quotas
from gatepass.usecases.plan_grants import AccountPlan, plan_account
from tests.people import GRANT, declaration, memory_roles, randomness

ROOM = Quotas(roles=1000, roles_now=0, trust_size=2048, policies_per_role=10)


def plan(room: Quotas | None, *grants: Grant) -> AccountPlan:
    roles = memory_roles()
    roles.room = room
    return plan_account(declaration(*grants), roles, roles.clock, randomness())


@pytest.mark.parametrize(
    ("room", "grant", "told"),
    [
        (replace(ROOM, roles=7, roles_now=7), GRANT, "8 roles, and the account may have 7"),
        (replace(ROOM, policies_per_role=1), GRANT, "2 managed policies, and 1 are allowed"),
        (
            ROOM,
            replace(GRANT, principals=tuple(PrincipalPattern(f"role/engineers/team-{n:03}") for n in range(40))),
            "characters of trust policy, and 2048 are allowed",
        ),
        (
            ROOM,
            replace(
                GRANT,
                custom_policy=policy(
                    {"Effect": "Allow", "Action": [f"s3:Get{n:04}" for n in range(900)], "Resource": "*"}
                ),
            ),
            "characters of inline policies",
        ),
    ],
)
def test_what_goes_beyond_a_quota_is_refused_with_both_figures(room: Quotas, grant: Grant, told: str) -> None:
    with pytest.raises(Conflict, match="no room") as refused:
        plan(room, grant)

    assert told in refused.value.why
    assert "nothing was changed" in refused.value.next_step


def test_the_same_within_the_quotas_is_planned() -> None:
    assert plan(replace(ROOM, roles=8, roles_now=7, policies_per_role=2), GRANT).changes


def test_what_stands_already_needs_no_room() -> None:
    roles = memory_roles()
    planned = plan_account(declaration(), roles, roles.clock, randomness())
    for change in planned.changes:
        roles.make(change)
    roles.room = replace(ROOM, roles=1, roles_now=1, trust_size=1)

    assert plan_account(declaration(), roles, roles.clock, randomness()).changes == ()


def test_where_the_figures_may_not_be_read_the_plan_goes_on() -> None:
    class Blind(MemoryRoles):
        def quotas(self) -> Quotas | None:
            return None

    known = memory_roles()
    blind = Blind(known.account, known.clock, known.policies)

    assert plan_account(declaration(), blind, blind.clock, randomness()).changes
