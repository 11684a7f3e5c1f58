"""Make the changes to the teams' policies, and prove afterwards that exactly the right ones get in."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.domain.register import Register
from gatepass.domain.team_access import TeamChange
from gatepass.ports.teams import TeamPolicies
from gatepass.usecases.plan_teams import TeamsPlan
from gatepass.usecases.prove_teams import Proof, prove_teams


def apply_teams(plan: TeamsPlan, policies: TeamPolicies) -> Iterator[TeamChange]:
    """Make each change in order, yielding it once AWS has accepted it.

    Raises:
        AccessRefused: AWS denied a change; those already yielded stand, and another run finishes.
        Conflict: AWS could not make a change; the same holds.
    """
    for change in plan.changes:
        policies.make(change)
        yield change


def proof_of(register: Register, policies: TeamPolicies) -> Proof:
    """Read the account again and decide who gets in where."""
    return prove_teams(register, policies.standing())
