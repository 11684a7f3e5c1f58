"""Shut a grant's door: no new session begins, no live session acts, and say exactly what was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gatepass.domain.change import Change, PutInline, ReplaceTrust
from gatepass.domain.engines import Deed, is_direct, what_to_change
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError
from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.role import GRANT_TAG, SWITCH_POLICY, Role
from gatepass.domain.session import SHORTEST_SESSION, Entry
from gatepass.domain.switch import Position, deny_everything, doors, read_doors
from gatepass.domain.trust import accepted_external_id, closed_trust
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.sessions import TokenService
from gatepass.usecases.find_grant import roles_of_grant

# What revoking cannot reach, because AWS does not let anything reach it: "Revoke IAM role temporary
# security credentials", IAM User Guide, and the services' own pages.
OUTLIVES = (
    "sessions of other roles that a session of this one assumed",
    "access keys, users, roles and compute that a session made",
    "shells and streams already open (Session Manager, EKS tokens, pre-signed links in use)",
)


@dataclass(frozen=True, slots=True)
class Closed:
    """What was done and shown for one role.

    Attributes:
        evidence: ``proved`` when a real attempt of the provider was refused, else what was written and read back.
        changed: whether anything had to be written.
        next_step: what another engine needs so that it does not write the open trust again; mostly empty.
    """

    arn: RoleArn
    evidence: str
    changed: bool
    next_step: str = ""


def close_door(
    name: GrantName, roles: RoleDirectory, clock: Clock, settle: timedelta, probe: TokenService | None = None
) -> tuple[Closed, ...]:
    """Close every role of the grant; closing what is closed is a success.

    Args:
        name: the grant.
        roles: the customer's account.
        clock: to wait with.
        settle: how long to wait after reading back, for IAM to be the same everywhere.
        probe: the provider's side, where it is at hand, to prove the refusal.

    Raises:
        NotThere: the account has no role of that grant.
        AccessRefused: AWS denied one of the two halves; the other was still done.
        Conflict: somebody wrote to the role at the same time, or the probe got in.
    """
    return tuple(_close(arn, role, roles, clock, settle, probe) for arn, role in roles_of_grant(name, roles))


def _close(  # noqa: PLR0913, PLR0917 - one role with everything the closing needs
    arn: RoleArn, role: Role, roles: RoleDirectory, clock: Clock, settle: timedelta, probe: TokenService | None
) -> Closed:
    last_id = accepted_external_id(role.trust)
    position = doors(role)
    changes: list[Change] = []
    if not position.role_is_denied or position.is_changing:
        changes.append(PutInline(role.name, SWITCH_POLICY, deny_everything()))
    if not position.trust_is_closed:
        changes.append(ReplaceTrust(role.name, closed_trust()))
    _make_all(changes, roles)
    seen = roles.sight(role.name)
    if seen.trust is None or read_doors(seen.trust, seen.switch).position is not Position.CLOSED:
        raise Conflict(
            f"the role {role.name} is not closed",
            why="it was written and read back, and somebody changed it in between",
            next_step="run gatepass close again, and find out who else works on this role",
        )
    clock.sleep(settle)
    evidence = f"{'written, ' if changes else ''}read back, waited {settle.total_seconds():g} s"
    if probe is not None:
        _prove(arn, last_id, probe)
        evidence = "proved: the provider's attempt to enter was refused"
    return Closed(arn, evidence, bool(changes), _engine_next_step(role))


def _make_all(changes: list[Change], roles: RoleDirectory) -> None:
    """Make every change even if one fails: half a closed door is better than none."""
    failures: list[GatepassError] = []
    for change in changes:
        try:
            roles.make(change)
        except GatepassError as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _prove(arn: RoleArn, last_id: ExternalId | None, probe: TokenService) -> None:
    """Try to enter as the provider, with the ID that opened the door until now."""
    entry = Entry(arn, probe.caller().engineer, SHORTEST_SESSION, last_id)
    try:
        probe.enter(entry)
    except AccessRefused:
        return
    raise Conflict(
        f"the role {arn.name} still let the provider in",
        why="IAM may not have spread the change yet, or somebody opened the door",
        next_step="wait a minute and run gatepass close again; live sessions can do nothing meanwhile",
    )


def _engine_next_step(role: Role) -> str:
    if is_direct(role):
        return ""
    return (
        f"{what_to_change(role, Deed.CLOSE)}: the next run of {role.engine} otherwise writes the open trust again; "
        f"even then every call is denied until somebody runs gatepass open {role.tags[GRANT_TAG]}"
    )
