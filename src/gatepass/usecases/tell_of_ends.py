"""Tell the customer, once by each channel, which grants and openings end soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.grant import Declaration, role_name
from gatepass.domain.identifiers import GrantName, RoleArn, RoleName
from gatepass.domain.notice import Happening, Notice, Told
from gatepass.domain.opening import opened_until
from gatepass.domain.role import Role
from gatepass.domain.switch import doors
from gatepass.ports.notices import Notifier, ToldNotices
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.find_grant import demand_account
from gatepass.usecases.tell import Untold, tell


@dataclass(frozen=True, slots=True)
class Ending:
    """A role whose access ends soon.

    Attributes:
        until: when, UTC: the end of the grant's window or of its opening, whichever comes first.
    """

    grant: GrantName
    role: RoleArn
    until: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What was told about one ending.

    Attributes:
        told: the channels that took the notice now.
        known: the channels that had taken it in an earlier run.
        untold: the channels that failed; the next run tries them again.
    """

    ending: Ending
    told: tuple[str, ...]
    known: tuple[str, ...]
    untold: tuple[Untold, ...]


def coming_ends(declaration: Declaration, roles: RoleDirectory, now: datetime, within: timedelta) -> tuple[Ending, ...]:
    """Return the grants of the file whose doors are open and shut by themselves within that time, soonest first.

    Raises:
        Conflict: the credentials are for another account than the file.
    """
    demand_account(declaration, roles.owner()[1])
    standing: Mapping[RoleName, tuple[RoleArn, Role]] = {
        role.name: (arn, role) for arn, role in roles.standing().items()
    }
    endings = []
    for grant in declaration.grants:
        arn, role = standing.get(role_name(grant, declaration.naming), (None, None))
        if arn is None or role is None or doors(role).trust_is_closed:
            # Where nobody can enter, nothing ends.
            continue
        until = min((end for end in (grant.window.end, _end_of_opening(role)) if end is not None), default=None)
        if until is not None and now < until <= now + within:
            endings.append(Ending(grant.name, arn, until))
    return tuple(sorted(endings, key=lambda ending: (ending.until, ending.grant)))


def _end_of_opening(role: Role) -> datetime | None:
    """Return when an opening of limited time ends, or None when there is none."""
    return opened_until(role)


def tell_of_ends(
    endings: Sequence[Ending], notifiers: Sequence[Notifier], shelf: ToldNotices, now: datetime
) -> tuple[Telling, ...]:
    """Send a notice for each ending by each channel that did not take it before; what succeeds is remembered.

    Raises:
        GatepassError: what was told cannot be remembered; then nothing is sent, or it would be sent at every run.
    """
    known = frozenset(told for told in shelf.told() if told.until > now)
    shelf.put(known)
    tellings = []
    for ending in endings:
        already = {told.channel for told in known if (told.role, told.until) == (ending.role, ending.until)}
        fresh = [notifier for notifier in notifiers if notifier.channel not in already]
        notice = Notice(
            Happening.ENDS_SOON, ending.role.account, now, grant=ending.grant, role=ending.role, until=ending.until
        )
        untold = tell(fresh, notice)
        failed = {one.channel for one in untold}
        told = tuple(notifier.channel for notifier in fresh if notifier.channel not in failed)
        known |= {Told(ending.role, ending.until, channel) for channel in told}
        shelf.put(known)
        tellings.append(Telling(ending, told, tuple(sorted(already)), untold))
    return tuple(tellings)
