"""Delete a grant's roles with everything on them."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.domain.change import Change
from gatepass.domain.engines import Deed, demand_direct
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import GrantName
from gatepass.domain.plan import plan_withdrawal
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import roles_of_grant


def plan_withdraw(name: GrantName, roles: RoleDirectory) -> tuple[Change, ...]:
    """Return the changes that close and then delete every role of the grant.

    Raises:
        NotThere: the account has none.
        Conflict: another engine keeps one of them.
    """
    found = roles_of_grant(name, roles)
    for arn, role in found:
        demand_direct(role, arn.account, Deed.WITHDRAW)
    return tuple(change for _, role in found for change in plan_withdrawal(role))


def withdraw_changes(changes: tuple[Change, ...], roles: RoleDirectory) -> Iterator[Change]:
    """Make the changes, yielding each once AWS has accepted it, and see that nothing is left.

    Raises:
        Conflict: a role is there again after it was deleted.
    """
    for change in changes:
        roles.make(change)
        yield change
    for name in sorted({change.name for change in changes}):
        if roles.sight(name).trust is not None:
            raise Conflict(
                f"the role {name} is there again",
                why="somebody made it anew while it was being deleted",
                next_step="find out who, then run gatepass withdraw again",
            )
