"""A customer's account in memory in which a file was applied."""

from __future__ import annotations

from datetime import timedelta

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.role import Role
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.plan_grants import plan_account
from tests.people import declaration, memory_roles, randomness

WAIT = timedelta(seconds=5)


def applied(*grants: Grant) -> MemoryRoles:
    """Return an account in which these grants, by default the support grant, were applied."""
    roles = memory_roles()
    apply_file(declaration(*grants), roles)
    return roles


def apply_file(file: Declaration, roles: MemoryRoles) -> None:
    """Apply the file, and forget which changes it took."""
    planned = plan_account(file, roles, roles.clock, randomness())
    list(apply_changes(planned.changes, roles, roles.clock, WAIT))
    roles.made.clear()


def the_role(roles: MemoryRoles) -> Role:
    """Return the one role that stands."""
    (role,) = roles.roles.values()
    return role
