"""Open a grant's door, for good or for a time; sessions from before stay ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.change import Change, DeleteInline, PutInline, ReplaceTrust, TagRole
from gatepass.domain.documents import Document
from gatepass.domain.engines import Deed, is_direct, what_to_change
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, Grant, digest
from gatepass.domain.identifiers import ExternalId, GrantName, Partition, RoleArn
from gatepass.domain.opening import deny_from, opened_until
from gatepass.domain.role import CUSTOMER_KEY_TAG, DIGEST_TAG, DIRECT_ENGINE, OPENING_POLICY, SWITCH_POLICY, Role
from gatepass.domain.switch import CLOCK_STEP, Position, deny_sessions_from_before, deny_while_changing, doors
from gatepass.domain.trust import accepted_external_id, instant_text, open_trust, retiring_external_id
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.engine_bounds import lift_denial
from gatepass.usecases.find_grant import declared_role
from gatepass.usecases.plan_grants import draw_external_id


@dataclass(frozen=True, slots=True)
class Opened:
    """What was done.

    Attributes:
        changed: False when the door was open already, with the external ID that it has.
        has_new_id: whether a new external ID was drawn, so that a new pass must be handed over.
        until: when the opening ends by itself; None when it does not.
        window_ends: when the declared window ends or ended, whatever the opening says.
        window_is_over: whether it ended already, so that nobody can enter all the same.
        engine: what keeps the role; of another engine's only the denial was lifted.
    """

    arn: RoleArn
    changed: bool
    has_new_id: bool
    until: datetime | None
    window_ends: datetime | None
    window_is_over: bool
    engine: str = DIRECT_ENGINE


def open_door(  # noqa: PLR0913 - what is opened, for how long, and with what
    declaration: Declaration,
    name: GrantName,
    roles: RoleDirectory,
    clock: Clock,
    randomness: Randomness,
    *,
    until: datetime | timedelta | None = None,
    shorten: bool = True,
) -> Opened:
    """Open the grant's role as it is declared; opening what is open is a success and draws nothing.

    A door that is closed gets a new external ID: the trust is written first, while the role is still
    denied everything; then the denial becomes one of all sessions from before, by AWS's own clock as it
    was just before the trust was written. A door whose time is over is opened again in the same way
    with the external ID that it has. An opening that still runs is made shorter or longer.

    Of a role that another engine keeps only the denial of a close is lifted, once that engine has opened the trust.

    Args:
        declaration: the customer's file.
        name: the grant.
        roles: the customer's account.
        clock: to wait with.
        randomness: for the external ID.
        until: the end of the opening, as an instant or counted from now by AWS's clock; None for no end.
        shorten: whether an opening that still runs, and would end later, is made shorter.

    Raises:
        NotThere: the grant has not been applied.
        InvalidInput: the end is over already.
        Conflict: the file says something else than what was applied, another engine keeps the role and has closed
            it, or somebody else wrote meanwhile.
    """
    grant = declaration.grant(name)
    arn, role = declared_role(declaration, name, roles)
    if not is_direct(role):
        return _open_elsewhere(grant, arn, role, roles, clock, until)
    _demand_applied(declaration, grant, role)
    now = roles.sight(role.name).aws_time
    opening = _Opening(grant, arn.partition, role, now, _end(until, now), shorten)
    needs_id = opening.needs_new_id and grant.needs_second_factor
    fresh = draw_external_id(role, randomness, grant.customer_key) if needs_id else None
    if opening.needs_new_id or opening.is_over:
        changes = opening.opens_anew(fresh) if opening.needs_new_id else opening.opens_again()
        _let_in(changes, role, roles)
        # From here on sessions are younger than the line that ends the older ones.
        clock.sleep(CLOCK_STEP)
    elif opening.is_moved:
        for change in opening.moves_its_end():
            roles.make(change)
        _demand_standing(role, opening.trust(None), role.inline.get(SWITCH_POLICY), roles)
    over = grant.window.has_ended(now)
    return Opened(arn, opening.is_moved, fresh is not None, opening.end, grant.window.end, over)


def _open_elsewhere(  # noqa: PLR0913, PLR0917 - one role with everything the opening needs
    grant: Grant,
    arn: RoleArn,
    role: Role,
    roles: RoleDirectory,
    clock: Clock,
    until: datetime | timedelta | None,
) -> Opened:
    if until is not None:
        raise Conflict(
            f"the role {role.name} is kept by {role.engine}, so it is not opened for a time",
            why="the end of an opening stands in the trust, which that engine writes",
            next_step=f"{what_to_change(role, Deed.CHANGE)}: the file's window says from when until when",
        )
    changed = lift_denial(grant, arn, role, roles, clock)
    over = grant.window.has_ended(roles.sight(role.name).aws_time)
    return Opened(
        arn,
        changed,
        has_new_id=False,
        until=None,
        window_ends=grant.window.end,
        window_is_over=over,
        engine=role.engine,
    )


@dataclass(frozen=True)
class _Opening:
    """One role that is to be open until an end, and as it stands by AWS's clock.

    Attributes:
        asked: the end that was asked for; None for none.
        shorten: whether an end that comes sooner than the standing one counts.
    """

    grant: Grant
    partition: Partition
    role: Role
    now: datetime
    asked: datetime | None
    shorten: bool

    @property
    def needs_new_id(self) -> bool:
        return doors(self.role).position in (Position.CLOSED, Position.HALF_CLOSED)

    @property
    def stood_until(self) -> datetime | None:
        return opened_until(self.role)

    @property
    def is_over(self) -> bool:
        """Whether its time is over, or an opening of it was stopped half-way."""
        held = doors(self.role).position is Position.CHANGING
        return held or (self.stood_until is not None and self.stood_until <= self.now)

    @property
    def end(self) -> datetime | None:
        """The end that holds afterwards: without one asked for, an opening that still runs keeps its own."""
        if self.needs_new_id or self.is_over:
            return self.asked
        if self.asked is None or (not self.shorten and _is_sooner(self.asked, self.stood_until)):
            return self.stood_until
        return self.asked

    @property
    def is_moved(self) -> bool:
        if self.needs_new_id or self.is_over:
            return True
        # A run that was stopped between the two places of the end has moved only one of them.
        return self.asked is not None and (self.end != self.stood_until or self.role.trust != self.trust(None))

    def trust(self, fresh: ExternalId | None) -> Document:
        """Return the trust that opens until the end, with the fresh external ID or those that it has."""
        if fresh is not None or not self.grant.needs_second_factor:
            return open_trust(self.grant, self.partition, fresh, until=self.end)
        kept = accepted_external_id(self.role.trust)
        if kept is None:
            raise Conflict(
                f"the role {self.role.name} has no second factor that could be kept",
                why="the grant needs one, and the trust in AWS asks for none of ours",
                next_step=f"gatepass close {self.grant.name}, then gatepass open {self.grant.name}",
            )
        retiring = retiring_external_id(self.role.trust)
        return open_trust(self.grant, self.partition, kept, retiring=retiring, until=self.end)

    def opens_anew(self, fresh: ExternalId | None) -> tuple[tuple[Change, ...], ReplaceTrust]:
        """Return what a closed door needs; every session is denied meanwhile."""
        if not doors(self.role).role_is_denied:
            # No session may act while the trust is new.
            raise Conflict(
                f"the role {self.role.name} is only half closed",
                why="its trust is closed, but its live sessions can still act",
                next_step="run gatepass close first, then gatepass open",
            )
        key = fresh.customer_key if fresh is not None else None
        tagged = key is None or self.role.tags.get(CUSTOMER_KEY_TAG) == key
        tags = () if tagged or key is None else (TagRole(self.role.name, {CUSTOMER_KEY_TAG: key}),)
        return (*tags, *self._end_changes()), ReplaceTrust(self.role.name, self.trust(fresh))

    def opens_again(self) -> tuple[tuple[Change, ...], ReplaceTrust]:
        """Return what a door needs whose time is over: its sessions are held while its end moves."""
        hold = PutInline(self.role.name, SWITCH_POLICY, deny_while_changing())
        return (hold, *self._end_changes()), ReplaceTrust(self.role.name, self.trust(None))

    def moves_its_end(self) -> tuple[Change, ...]:
        """Return what an opening that still runs needs: another end in both its places."""
        return (*self._end_changes(), ReplaceTrust(self.role.name, self.trust(None)))

    def _end_changes(self) -> tuple[Change, ...]:
        if self.end == self.stood_until:
            return ()
        if self.end is None:
            return (DeleteInline(self.role.name, OPENING_POLICY),)
        return (PutInline(self.role.name, OPENING_POLICY, deny_from(self.end)),)


def _is_sooner(asked: datetime, standing: datetime | None) -> bool:
    return standing is None or asked < standing


def _end(until: datetime | timedelta | None, now: datetime) -> datetime | None:
    end = now + until if isinstance(until, timedelta) else until
    if end is not None and end <= now:
        raise InvalidInput(
            f"{instant_text(end)} is over already",
            why=f"it is {instant_text(now)} by AWS's clock",
            next_step="name a later end, or how long: --for 4h",
        )
    return end.replace(microsecond=0) if end is not None else None


def _let_in(changes: tuple[tuple[Change, ...], ReplaceTrust], role: Role, roles: RoleDirectory) -> None:
    """Make the changes, then the trust, then let sessions act that begin after it."""
    before, trust = changes
    for change in before:
        roles.make(change)
    line = roles.sight(role.name).aws_time
    roles.make(trust)
    switch = deny_sessions_from_before(line)
    roles.make(PutInline(role.name, SWITCH_POLICY, switch))
    _demand_standing(role, trust.trust, switch, roles)


def _demand_standing(role: Role, trust: Document, switch: Document | None, roles: RoleDirectory) -> None:
    """Read back: IAM has no compare-and-swap, so the loser of a race is told here."""
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
