"""The customer's verbs as functions of what they work on, so that a table can hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatepass.domain.documents import policy
from gatepass.domain.errors import NotThere
from gatepass.domain.grant import Declaration, Grant, Naming, PrincipalPattern, Window
from gatepass.domain.identifiers import EngineerName
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.open_door import open_door
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.rotate_factor import finish_rotation, rotate_factor
from gatepass.usecases.withdraw_grant import plan_withdraw, withdraw_changes
from tests.people import CUSTOMER, PROVIDER, SUPPORT

# With tokens of its own a role keeps its name when its provider changes.
NAMING = Naming(org="HIO")
SETTLE = timedelta(seconds=5)
GRANT = Grant(SUPPORT, PROVIDER, ("Storage",))
NAMED = replace(GRANT, principals=(PrincipalPattern("user/netops-*"),), requires_source_identity=True)
QUEUES = policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})


@dataclass(frozen=True)
class Hands:
    """What a verb works on.

    Attributes:
        start: when the verb that is tried begins; instants in files are counted from it, in every run the same.
    """

    roles: RoleDirectory
    clock: Clock
    randomness: Randomness
    start: datetime


Verb = Callable[[Hands], None]


def applies(
    grant: Grant = GRANT, *, naming: Naming = NAMING, prune: bool = False, ends: timedelta | None = None
) -> Verb:
    """Apply a file with one grant, whose window ends so long after the start."""

    def verb(hands: Hands) -> None:
        declaration = _declaration(hands, grant, naming, ends)
        planned = plan_account(declaration, hands.roles, hands.clock, hands.randomness, prune=prune)
        list(apply_changes(planned.changes, hands.roles, hands.clock, SETTLE))

    return verb


def opens(grant: Grant = GRANT, *, lasts: timedelta | None = None, until: timedelta | None = None) -> Verb:
    """Open the door, for so long, or until so long after the start."""

    def verb(hands: Hands) -> None:
        end = hands.start + until if until is not None else lasts
        declaration = _declaration(hands, grant, NAMING, None)
        open_door(declaration, SUPPORT, hands.roles, hands.clock, hands.randomness, until=end)

    return verb


def closes(hands: Hands) -> None:
    """Close the door."""
    close_door(SUPPORT, hands.roles, hands.clock, SETTLE)


def revokes(engineer: str | None = None) -> Verb:
    """End the live sessions of everybody, or of one engineer."""
    name = EngineerName(engineer) if engineer is not None else None
    return lambda hands: _nothing(end_sessions(SUPPORT, hands.roles, hands.clock, name))


def withdraws(hands: Hands) -> None:
    """Delete the role; like the command, take it as done when nothing is left."""
    try:
        changes = plan_withdraw(SUPPORT, hands.roles)
    except NotThere:
        return
    list(withdraw_changes(changes, hands.roles))


def rotates(overlap: timedelta) -> Verb:
    """Replace the second factor."""
    return lambda hands: _nothing(rotate_factor(SUPPORT, hands.roles, hands.randomness, overlap))


def finishes_rotation(hands: Hands) -> None:
    """End the overlap."""
    finish_rotation(SUPPORT, hands.roles)


def waits(duration: timedelta) -> Verb:
    """Let time pass."""
    return lambda hands: hands.clock.sleep(duration)


def _declaration(hands: Hands, grant: Grant, naming: Naming, ends: timedelta | None) -> Declaration:
    window = Window(None, hands.start + ends) if ends is not None else grant.window
    return Declaration(CUSTOMER, (replace(grant, window=window),), naming)


def _nothing(_: object) -> None:
    return
