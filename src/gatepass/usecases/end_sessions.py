"""End the live sessions of a grant; the door stays as it is, so the same people may begin new ones."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.change import PutInline
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.switch import CLOCK_STEP, deny_sessions_from_before, doors
from gatepass.ports import Clock, RoleDirectory
from gatepass.usecases.find_grant import roles_of_grant


@dataclass(frozen=True, slots=True)
class Ended:
    """What was done for one role.

    Attributes:
        changed: False when the role is denied everything already, so that no session could act anyway.
    """

    arn: RoleArn
    changed: bool


def end_sessions(name: GrantName, roles: RoleDirectory, clock: Clock) -> tuple[Ended, ...]:
    """Deny every session of the grant that began before now by AWS's clock, and return once new ones may act.

    Every role of ours can be treated so, whatever engine keeps it: a Deny never gives anything.

    Raises:
        NotThere: the account has no role of that grant.
        Conflict: somebody wrote to the role at the same time.
    """
    ended = tuple(_end(arn, role, roles) for arn, role in roles_of_grant(name, roles))
    if any(one.changed for one in ended):
        clock.sleep(CLOCK_STEP)
    return ended


def _end(arn: RoleArn, role: Role, roles: RoleDirectory) -> Ended:
    # A role that is denied everything has no acting session, and loosening that would open a door.
    if doors(role).role_is_denied:
        return Ended(arn, changed=False)
    switch = deny_sessions_from_before(roles.sight(role.name).aws_time)
    roles.make(PutInline(role.name, SWITCH_POLICY, switch))
    if roles.sight(role.name).switch != switch:
        raise Conflict(
            f"the sessions of the role {role.name} may still act",
            why="its switch was written and read back, and somebody changed it in between",
            next_step="run gatepass revoke again, or gatepass close to be sure",
        )
    return Ended(arn, changed=True)
