"""Replace the second factor of an open door; with an overlap the old one opens beside the new one for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.change import ReplaceTrust, TagRole
from gatepass.domain.documents import Document
from gatepass.domain.engines import Deed, demand_direct
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import GrantName, RoleArn, RoleName
from gatepass.domain.role import CUSTOMER_KEY_TAG, SWITCH_POLICY, Role
from gatepass.domain.rotation import rotated, without_old
from gatepass.domain.switch import Position, doors, read_doors
from gatepass.domain.trust import accepted_external_id, closed_trust, retiring_external_id
from gatepass.ports.machine import Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import roles_of_grant
from gatepass.usecases.plan_grants import draw_external_id


@dataclass(frozen=True, slots=True)
class Rotated:
    """Where the rotation of one role stands.

    Attributes:
        changed: False when there was nothing to do: a rotation is under way already, or none to finish.
        old_until: until when the external ID from before still opens; None when it does not.
    """

    arn: RoleArn
    changed: bool
    old_until: datetime | None


def rotate_factor(
    name: GrantName, roles: RoleDirectory, randomness: Randomness, overlap: timedelta
) -> tuple[Rotated, ...]:
    """Draw a new external ID for every role of the grant, in one write each; who may enter stays the same.

    While the overlap of an earlier rotation runs nothing is drawn: three IDs would be one too many, and a
    run that was stopped and repeated must not draw twice.

    Args:
        name: the grant.
        roles: the customer's account.
        randomness: for the external ID.
        overlap: how long the old ID still opens, by AWS's clock; zero for not at all.

    Raises:
        NotThere: the account has no role of that grant.
        Conflict: the door is not open, it asks for no second factor, another engine keeps the role,
            or somebody else wrote meanwhile.
    """
    found = roles_of_grant(name, roles)
    for arn, role in found:
        demand_rotatable(name, arn, role)
    return tuple(_rotate(arn, role, roles, randomness, overlap) for arn, role in found)


def finish_rotation(name: GrantName, roles: RoleDirectory) -> tuple[Rotated, ...]:
    """End the overlap now: from here on only the new external ID opens.

    Raises:
        NotThere: the account has no role of that grant.
        Conflict: another engine keeps the role, or somebody else wrote meanwhile.
    """
    found = roles_of_grant(name, roles)
    for arn, role in found:
        demand_direct(role, arn.account, Deed.ROTATE)
    return tuple(_finish(arn, role, roles) for arn, role in found)


def rotation_status(name: GrantName, roles: RoleDirectory) -> tuple[tuple[Rotated, Role], ...]:
    """Return where the rotation of each role stands, as AWS shows it; nothing is changed.

    Raises:
        NotThere: the account has no role of that grant.
    """
    return tuple(
        (Rotated(arn, changed=False, old_until=_running_until(role, roles)), role)
        for arn, role in roles_of_grant(name, roles)
    )


def _rotate(arn: RoleArn, role: Role, roles: RoleDirectory, randomness: Randomness, overlap: timedelta) -> Rotated:
    seen = roles.sight(role.name)
    now = seen.aws_time
    if (seen.trust, seen.switch) != (role.trust, role.inline.get(SWITCH_POLICY)):
        raise _overtaken(role.name)
    retiring = retiring_external_id(role.trust)
    if retiring is not None and retiring.until > now:
        return Rotated(arn, changed=False, old_until=retiring.until)
    fresh = draw_external_id(role, randomness)
    if fresh.customer_key and role.tags.get(CUSTOMER_KEY_TAG) != fresh.customer_key:
        roles.make(TagRole(role.name, {CUSTOMER_KEY_TAG: fresh.customer_key}))
    until = now + overlap if overlap else None
    _write(role, rotated(role.trust, fresh, until), roles)
    return Rotated(arn, changed=True, old_until=until)


def _finish(arn: RoleArn, role: Role, roles: RoleDirectory) -> Rotated:
    only_new = without_old(role.trust)
    if only_new == role.trust:
        return Rotated(arn, changed=False, old_until=None)
    _write(role, only_new, roles)
    return Rotated(arn, changed=True, old_until=None)


def _running_until(role: Role, roles: RoleDirectory) -> datetime | None:
    retiring = retiring_external_id(role.trust)
    if retiring is None or retiring.until <= roles.sight(role.name).aws_time:
        return None
    return retiring.until


def _write(role: Role, trust: Document, roles: RoleDirectory) -> None:
    """Write the trust and read it back: the loser of two runs at once holds an ID that opens nothing, and is told."""
    roles.make(ReplaceTrust(role.name, trust))
    seen = roles.sight(role.name)
    if seen.trust is not None and read_doors(seen.trust, seen.switch).role_is_denied:
        # Somebody closed the door just before: its trust is closed again.
        roles.make(ReplaceTrust(role.name, closed_trust()))
        raise _overtaken(role.name)
    if seen.trust != trust:
        raise _overtaken(role.name)


def _overtaken(name: RoleName) -> Conflict:
    return Conflict(
        f"the role {name} is not as it was just read or written",
        why="somebody else rotated, opened or closed it at the same time, and the last one wins",
        next_step="hand out what gatepass pass shows now, and agree on who holds the switch",
    )


def demand_rotatable(name: GrantName, arn: RoleArn, role: Role) -> None:
    """Let only an open door of ours pass that asks for a second factor.

    Raises:
        Conflict: it is closed, half-way, asks for none, or another engine keeps the role.
    """
    demand_direct(role, arn.account, Deed.ROTATE)
    position = doors(role).position
    if position is not Position.OPEN:
        raise Conflict(
            f"the door of {name} is {position.value}, so there is nothing to rotate",
            why="nobody enters by it now, and opening it draws a new second factor anyway",
            next_step=f"gatepass open {name}"
            if position is not Position.CHANGING
            else "run gatepass apply again, it was stopped half-way",
        )
    if accepted_external_id(role.trust) is None:
        raise Conflict(
            f"the role {role.name} asks for no second factor of ours",
            why="there is nothing that could be replaced",
            next_step="write second_factor: required, apply, and open the door again",
        )
