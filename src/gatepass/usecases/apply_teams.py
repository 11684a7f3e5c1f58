"""Make the changes to the teams' policies and roles, and prove afterwards that exactly the right ones get in."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.register import Register
from gatepass.domain.team_access import TeamChange
from gatepass.ports.teams import PermissionSets, TeamPolicies
from gatepass.usecases.plan_teams import TeamsPlan
from gatepass.usecases.prove_teams import Proof, prove_teams


def apply_teams(plan: TeamsPlan, policies: TeamPolicies) -> Iterator[TeamChange | TeamRoleChange]:
    """Make each change in order, yielding it once AWS has accepted it.

    Raises:
        AccessRefused: AWS denied a change; those already yielded stand, and another run finishes.
        Conflict: AWS could not make a change; the same holds.
    """
    for change in plan.changes:
        policies.make(change)
        yield change


def proof_of(register: Register, policies: TeamPolicies, center: PermissionSets | None = None) -> Proof:
    """Read the account, and Identity Center where it lets somebody in, again and decide who gets in where."""
    sets = center.standing(register.account) if center is not None else None
    return prove_teams(register, policies.standing(), sets)
