"""The in-memory twin of the provider's own roles for single customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never

from gatepass.domain.account_policies import Holder
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.domain.plan_team_roles import (
    DeleteTeamRole,
    DetachFromTeamRole,
    EndTeamRoleSessions,
    MakeTeamRole,
    PutTeamRolePolicy,
    PutTeamRoleTrust,
    TagTeamRole,
    TakeTeamRolePolicy,
    TeamRoleChange,
)
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.switch import deny_sessions_from_before
from gatepass.domain.team_roles import WAY_POLICY

# The clock of this account stands still.
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def with_team_role_change(
    roles: tuple[Holder, ...], change: TeamRoleChange, partition: Partition, account: AccountId
) -> tuple[Holder, ...]:
    """Return the roles of the account after the change.

    Raises:
        NotThere: the role does not exist.
        Conflict: its name is taken, or it is not empty.
    """
    by_name = {role.name.lower(): role for role in roles}
    standing = by_name.pop(change.role.lower(), None)
    if isinstance(change, MakeTeamRole):
        made = Holder(
            f"arn:{partition}:iam::{account}:role{change.path}{change.role}", trust=change.trust, tags=change.tags
        )
        if standing is not None and (standing.arn, standing.trust) != (made.arn, made.trust):
            raise Conflict(f"the role {change.role} stands already")
        changed: Holder | None = standing or made
    elif standing is None:
        if not isinstance(change, TakeTeamRolePolicy | DetachFromTeamRole | DeleteTeamRole):
            raise NotThere(f"there is no role {change.role}")
        changed = None
    else:
        changed = _changed(standing, change)
    return (*by_name.values(), *([changed] if changed is not None else []))


def _changed(role: Holder, change: TeamRoleChange) -> Holder | None:  # noqa: PLR0911 - one case a change
    match change:
        case MakeTeamRole():
            return role
        case PutTeamRoleTrust(_, trust):
            return replace(role, trust=trust)
        case EndTeamRoleSessions():
            return replace(role, inline={**role.inline, SWITCH_POLICY: deny_sessions_from_before(_NOW)})
        case PutTeamRolePolicy(_, text):
            return replace(role, inline={**role.inline, WAY_POLICY: text})
        case TakeTeamRolePolicy(_, policy):
            return replace(role, inline={name: text for name, text in role.inline.items() if name != policy})
        case DetachFromTeamRole(_, arn):
            return replace(role, attached=tuple(each for each in role.attached if each != arn))
        case TagTeamRole(_, tags):
            return replace(role, tags={**role.tags, **tags})
        case DeleteTeamRole():
            if role.inline or role.attached:
                raise Conflict("DeleteConflict")
            return None
        case _:
            assert_never(change)
