"""A plan that was shown is applied only while it says what would be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import PolicyArn
from gatepass.domain.saved_plan import SavedPlan, account_digest
from gatepass.usecases.close_door import close_door
from gatepass.usecases.hold_plan import demand_unchanged, hold_plan
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.rotate_factor import rotate_factor
from tests.people import GRANT, MORNING, SUPPORT, declaration, randomness
from tests.usecases.applied import WAIT, applied, the_role

WANTED = replace(GRANT, permissions=("SecurityAudit",))


def plan(roles: MemoryRoles, grant: Grant = WANTED) -> SavedPlan:
    planned = plan_account(declaration(grant), roles, roles.clock, randomness())
    return hold_plan(declaration(grant), planned, [str(change) for change in planned.changes], MORNING, prune=False)


def apply_saved(saved: SavedPlan, roles: MemoryRoles) -> None:
    planned = plan_account(saved.declaration, roles, roles.clock, randomness())
    demand_unchanged(saved, planned, [str(change) for change in planned.changes])


def test_a_policy_that_somebody_attached_meanwhile_is_noticed() -> None:
    roles = applied()
    saved = plan(roles)
    role = the_role(roles)
    more = role.policies | {PolicyArn("arn:aws:iam::aws:policy/ReadOnlyAccess")}
    roles.roles[role.name] = replace(role, policies=more)

    with pytest.raises(Conflict, match="has changed since"):
        apply_saved(saved, roles)


def test_a_door_that_somebody_closed_or_rotated_meanwhile_is_noticed() -> None:
    closed, turned = applied(), applied()
    plans = plan(closed), plan(turned)
    close_door(SUPPORT, closed, closed.clock, WAIT)
    rotate_factor(SUPPORT, turned, randomness(), WAIT)

    for saved, roles in zip(plans, (closed, turned), strict=True):
        with pytest.raises(Conflict, match="has changed since"):
            apply_saved(saved, roles)


def test_an_account_as_it_was_lets_the_plan_through() -> None:
    roles = applied()

    apply_saved(plan(roles), roles)


def test_the_digest_of_an_account_tells_nothing_of_an_external_id() -> None:
    """A weak ID could be guessed against it."""
    one, other = applied(), applied()
    role = the_role(other)
    trust = replace(role.trust, text=role.trust.text.replace("gp1.", "guessable-"))

    assert trust != role.trust
    assert account_digest([the_role(one)]) == account_digest([replace(role, trust=trust)])
