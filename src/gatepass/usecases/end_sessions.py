"""End the live sessions of a grant, of everybody or of one engineer; who may enter stays as it is."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.change import PutInline
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import EngineerName, GrantName, RoleArn
from gatepass.domain.role import REVOKED_POLICY, SWITCH_POLICY, Role
from gatepass.domain.switch import CLOCK_STEP, deny_sessions_from_before, deny_sessions_of, doors, read_doors
from gatepass.domain.trust import requires_source_identity
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import roles_of_grant


@dataclass(frozen=True, slots=True)
class Ended:
    """What was done for one role.

    Attributes:
        changed: False when the role is denied everything already, so that no session could act anyway.
    """

    arn: RoleArn
    changed: bool


def end_sessions(
    name: GrantName, roles: RoleDirectory, clock: Clock, engineer: EngineerName | None = None
) -> tuple[Ended, ...]:
    """Deny every session of the grant that began before now by AWS's clock, and return once new ones may act.

    Every role of ours can be treated so, whatever engine keeps it: a Deny never gives anything.

    Args:
        name: the grant.
        roles: the customer's account.
        clock: to wait with.
        engineer: whose sessions; None for everybody's.

    Raises:
        NotThere: the account has no role of that grant.
        Conflict: sessions need not name their engineer, or somebody wrote to the role at the same time.
    """
    found = roles_of_grant(name, roles)
    if engineer is not None:
        for _, role in found:
            _demand_names(name, role, engineer)
    ended = tuple(_end(arn, role, roles, engineer) for arn, role in found)
    if any(one.changed for one in ended):
        clock.sleep(CLOCK_STEP)
    return ended


def _end(arn: RoleArn, role: Role, roles: RoleDirectory, engineer: EngineerName | None) -> Ended:
    seen = roles.sight(role.name)
    # A role that is denied everything has no acting session, and loosening that would open a door.
    if seen.trust is None or read_doors(seen.trust, seen.switch).role_is_denied:
        return Ended(arn, changed=False)
    if engineer is not None:
        denial = deny_sessions_of(engineer, seen.aws_time, role.inline.get(REVOKED_POLICY))
        roles.make(PutInline(role.name, REVOKED_POLICY, denial))
        standing = roles.standing().get(arn)
        held = standing is None or standing.inline.get(REVOKED_POLICY) == denial
    else:
        denial = deny_sessions_from_before(seen.aws_time)
        roles.make(PutInline(role.name, SWITCH_POLICY, denial))
        held = roles.sight(role.name).switch == denial
    if not held:
        raise Conflict(
            f"the sessions of the role {role.name} may still act",
            why="what ends them was written and read back, and somebody changed it in between",
            next_step="run gatepass revoke again, or gatepass close to be sure",
        )
    return Ended(arn, changed=True)


def _demand_names(name: GrantName, role: Role, engineer: EngineerName) -> None:
    """Let only a role pass whose every session names its engineer: of others nobody knows whose they are."""
    if doors(role).trust_is_closed or requires_source_identity(role.trust):
        return
    raise Conflict(
        f"the sessions of {engineer} cannot be told from others of {name}",
        why="the grant does not require a source identity, so a session may carry none or be begun without Gatepass",
        next_step=f"end everybody's with gatepass revoke {name}, and require a source identity from then on",
    )
