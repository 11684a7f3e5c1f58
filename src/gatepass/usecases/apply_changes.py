"""Make the changes of a plan, and never open what a person closed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gatepass.domain.change import Change, EndOlderSessions, ReplaceTrust
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import RoleName
from gatepass.domain.switch import read_doors
from gatepass.domain.trust import closed_trust, is_closed
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory


def apply_changes(
    changes: tuple[Change, ...], roles: RoleDirectory, clock: Clock, settle: timedelta
) -> Iterator[Change]:
    """Make each change in order, yielding it once AWS has accepted it.

    Args:
        changes: what to do, in the order that is safe.
        roles: the account.
        clock: to wait with.
        settle: how long IAM needs until a new trust is known everywhere; sessions are let go only after it.

    Raises:
        AccessRefused: AWS denied a change; those already yielded stand, and another run finishes.
        Conflict: AWS could not make a change, the same holds; or somebody closed the door meanwhile, and it stays so.
    """
    for change in changes:
        match change:
            case EndOlderSessions(name):
                clock.sleep(settle)
                _demand_held(name, roles)
            case ReplaceTrust(name, trust) if not is_closed(trust):
                _demand_open_trust(name, roles)
            case _:
                pass
        roles.make(change)
        yield change


def _demand_open_trust(name: RoleName, roles: RoleDirectory) -> None:
    """Look again before the trust is written: the plan may have been read by a person for an hour."""
    seen = roles.sight(name)
    if seen.trust is None or is_closed(seen.trust):
        raise _closed_meanwhile(name)


def _demand_held(name: RoleName, roles: RoleDirectory) -> None:
    """Let sessions go only if they are held by an apply; a person's denial is not ours to lift."""
    seen = roles.sight(name)
    if seen.trust is None or read_doors(seen.trust, seen.switch).is_changing:
        return
    # Between two looks the trust may have been written over the closed one.
    roles.make(ReplaceTrust(name, closed_trust()))
    raise _closed_meanwhile(name)


def _closed_meanwhile(name: RoleName) -> Conflict:
    return Conflict(
        f"somebody closed the role {name} while it was being changed",
        why="a door that a person closed is never opened by apply",
        next_step="it stays closed; plan and apply again, then gatepass open if it shall be open",
    )
