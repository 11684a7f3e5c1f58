"""Open a grant's door with a new second factor; sessions from before stay ended."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.change import PutInline, ReplaceTrust, TagRole
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, digest
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.role import CUSTOMER_KEY_TAG, DIGEST_TAG, SWITCH_POLICY, Role, demand_direct
from gatepass.domain.switch import CLOCK_STEP, Position, deny_sessions_from_before, doors
from gatepass.domain.trust import open_trust
from gatepass.ports import Clock, Randomness, RoleDirectory
from gatepass.usecases.find_grant import declared_role
from gatepass.usecases.plan_grants import demand_account, draw_external_id


@dataclass(frozen=True, slots=True)
class Opened:
    """What was done.

    Attributes:
        changed: False when the door was open already, with the external ID that it has.
        has_new_id: whether a new external ID was drawn, so that a new pass must be handed over.
        window_is_over: whether the declared window ended already, so that nobody can enter all the same.
    """

    arn: RoleArn
    changed: bool
    has_new_id: bool
    window_is_over: bool


def open_door(
    declaration: Declaration, name: GrantName, roles: RoleDirectory, clock: Clock, randomness: Randomness
) -> Opened:
    """Open the grant's role as it is declared; opening what is open is a success and draws nothing.

    The trust is written first, while the role is still denied everything. Then the denial becomes
    one of all sessions from before, by AWS's own clock as it was just before the trust was written.

    Raises:
        NotThere: the grant has not been applied.
        Conflict: the file says something else than what was applied, or somebody else wrote meanwhile.
    """
    partition, account = roles.owner()
    demand_account(declaration, account)
    grant = declaration.grant(name)
    arn, role = declared_role(declaration, name, roles)
    demand_direct(role, account)
    _demand_applied(declaration, grant, role)
    over = grant.window.has_ended(clock.now())
    if doors(role).position is Position.OPEN:
        return Opened(arn, changed=False, has_new_id=False, window_is_over=over)
    fresh = draw_external_id(role, randomness) if grant.needs_second_factor else None
    _write(role, open_trust(grant, partition, fresh), fresh, roles)
    # From here on sessions are younger than the line that ends the older ones.
    clock.sleep(CLOCK_STEP)
    return Opened(arn, changed=True, has_new_id=fresh is not None, window_is_over=over)


def _write(role: Role, trust: Document, fresh: ExternalId | None, roles: RoleDirectory) -> None:
    if not doors(role).role_is_denied:
        # No session may act while the trust is new.
        raise Conflict(
            f"the role {role.name} is only half closed",
            why="its trust is closed, but its live sessions can still act",
            next_step="run gatepass close first, then gatepass open",
        )
    if fresh is not None and fresh.customer_key and role.tags.get(CUSTOMER_KEY_TAG) != fresh.customer_key:
        roles.make(TagRole(role.name, {CUSTOMER_KEY_TAG: fresh.customer_key}))
    before = roles.sight(role.name).aws_time
    roles.make(ReplaceTrust(role.name, trust))
    switch = deny_sessions_from_before(before)
    roles.make(PutInline(role.name, SWITCH_POLICY, switch))
    seen = roles.sight(role.name)
    if seen.trust != trust or seen.switch != switch:
        raise Conflict(
            f"the role {role.name} is not as it was just written",
            why="somebody else opened, closed or changed it at the same time, and the last one wins",
            next_step="look at it with gatepass plan, and agree on who holds the switch",
        )


def _demand_applied(declaration: Declaration, grant: Grant, role: Role) -> None:
    """Let only a file pass that says what was applied: opening must not change who or what is granted."""
    if role.tags.get(DIGEST_TAG) == digest(grant, declaration):
        return
    raise Conflict(
        f"the grant {grant.name} in the file is not what was applied",
        why="opening moves the switch only; it must not change who may enter or with what",
        next_step="plan and apply the file first, then open again",
    )
