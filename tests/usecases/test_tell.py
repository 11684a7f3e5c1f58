"""Telling the customer: a channel that fails stops nothing, and each coming end is told once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.adapters.memory_notices import MemoryNotices, MemoryTold
from gatepass.domain.change import CreateRole, PutInline
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.grant import Declaration, Grant, Window, digest, role_name
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, Partition, role_arn
from gatepass.domain.notice import Channels, Happening, Notice, Told, TopicArn
from gatepass.domain.opening import deny_from
from gatepass.domain.role import GRANT_TAG, OPENING_POLICY, Role
from gatepass.domain.trust import closed_trust, open_trust
from gatepass.ports.notices import Notifier
from gatepass.usecases.tell import tell
from gatepass.usecases.tell_of_ends import Ending, Telling, coming_ends, tell_of_ends
from tests.people import CUSTOMER, GRANT, MORNING, OTHER_PROVIDER, SUPPORT, declaration, memory_roles

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
NOTICE = Notice(Happening.CLOSED, CUSTOMER, MORNING, grant=SUPPORT)


def windowed(end: datetime | None, name: str = "support") -> Grant:
    return replace(GRANT, name=GrantName(name), window=Window(None, end))


def account(file: Declaration, *, closed: bool = False, opened_until: datetime | None = None) -> MemoryRoles:
    """Return the account with every grant of the file applied."""
    roles = memory_roles()
    for grant in file.grants:
        name = role_name(grant, file.naming)
        trust = closed_trust() if closed else open_trust(grant, Partition(), ExternalId("gp1.KEY.CODE"))
        roles.make(CreateRole(Role(name, trust, HOUR, tags={GRANT_TAG: str(grant.name)})))
        if opened_until is not None:
            roles.make(PutInline(name, OPENING_POLICY, deny_from(opened_until)))
    return roles


def ends(file: Declaration, roles: MemoryRoles, now: datetime = MORNING, within: timedelta = DAY) -> list[datetime]:
    return [ending.until for ending in coming_ends(file, roles, now, within)]


def test_a_channel_that_fails_hinders_no_other() -> None:
    broken = MemoryNotices(channel="sns", failure=Conflict("no such topic", why="it is gone", next_step="make it"))
    first, last = MemoryNotices(), MemoryNotices()

    untold = tell([first, broken, last], NOTICE)

    assert first.notices == last.notices == [NOTICE]
    assert [failure.note for failure in untold] == ["not told by sns: no such topic (it is gone); next: make it"]


def test_an_error_that_nobody_foresaw_is_not_hidden() -> None:
    class Bug(MemoryNotices):
        def send(self, notice: Notice) -> None:
            raise ZeroDivisionError(notice)

    with pytest.raises(ZeroDivisionError):
        tell([Bug()], NOTICE)


def test_the_credentials_of_another_account_are_refused() -> None:
    file = replace(declaration(windowed(MORNING + HOUR)), account=AccountId("999900001111"))

    with pytest.raises(Conflict):
        coming_ends(file, memory_roles(), MORNING, DAY)


@pytest.mark.parametrize(
    ("end", "is_told"),
    [
        (None, False),
        (MORNING - HOUR, False),
        (MORNING, False),
        (MORNING + timedelta(seconds=1), True),
        (MORNING + DAY, True),
        (MORNING + DAY + timedelta(seconds=1), False),
        ((MORNING + HOUR).astimezone(timezone(timedelta(hours=9))), True),
    ],
)
def test_a_window_is_told_of_when_it_ends_within_the_time(end: datetime | None, *, is_told: bool) -> None:
    file = declaration(windowed(end))

    assert bool(ends(file, account(file))) is is_told


def test_a_closed_door_does_not_end() -> None:
    file = declaration(windowed(MORNING + HOUR))

    assert ends(file, account(file, closed=True)) == []


def test_a_grant_that_was_never_applied_does_not_end() -> None:
    assert ends(declaration(windowed(MORNING + HOUR)), memory_roles()) == []


def test_a_role_of_another_provider_is_not_taken_for_the_grants() -> None:
    applied = declaration(replace(windowed(None), provider=OTHER_PROVIDER))

    assert ends(declaration(windowed(MORNING + HOUR)), account(applied)) == []


def test_an_opening_is_told_of_and_whichever_ends_first_counts() -> None:
    unbounded = declaration(windowed(None))
    bounded = declaration(windowed(MORNING + 3 * HOUR))

    assert ends(unbounded, account(unbounded, opened_until=MORNING + HOUR)) == [MORNING + HOUR]
    assert ends(bounded, account(bounded, opened_until=MORNING + HOUR)) == [MORNING + HOUR]
    assert ends(bounded, account(bounded, opened_until=MORNING + 5 * HOUR)) == [MORNING + 3 * HOUR]


def test_the_soonest_end_is_told_first() -> None:
    file = declaration(windowed(MORNING + 2 * HOUR, "audit"), windowed(MORNING + HOUR, "support"))

    assert [str(ending.grant) for ending in coming_ends(file, account(file), MORNING, DAY)] == ["support", "audit"]


@dataclass
class Hourly:
    """A run every hour over one ending."""

    until: datetime = MORNING + 3 * HOUR
    shelf: MemoryTold = field(default_factory=MemoryTold)

    def ending(self) -> Ending:
        return Ending(SUPPORT, role_arn(Partition(), CUSTOMER, role_name(GRANT, declaration().naming)), self.until)

    def run(self, *notifiers: Notifier, now: datetime = MORNING) -> Telling:
        (telling,) = tell_of_ends([self.ending()], notifiers, self.shelf, now)
        return telling


def test_an_end_is_told_once_by_each_channel() -> None:
    sns, mail, hourly = MemoryNotices(channel="sns"), MemoryNotices(channel="email"), Hourly()

    first = hourly.run(sns, mail)
    second = hourly.run(sns, mail, now=MORNING + HOUR)

    assert first.told == ("sns", "email")
    assert (second.told, second.known) == ((), ("email", "sns"))
    (notice,) = sns.notices
    assert (notice.happening, notice.grant, notice.until) == (Happening.ENDS_SOON, SUPPORT, hourly.until)


def test_a_later_end_is_told_again() -> None:
    sns, hourly = MemoryNotices(channel="sns"), Hourly()

    hourly.run(sns)
    hourly.until += HOUR
    hourly.run(sns)

    assert [notice.until for notice in sns.notices] == [MORNING + 3 * HOUR, MORNING + 4 * HOUR]


def test_only_the_channel_that_failed_is_tried_again() -> None:
    sns, mail, hourly = MemoryNotices(channel="sns"), MemoryNotices(channel="email", failure=Conflict("full")), Hourly()

    first = hourly.run(sns, mail)
    mail.failure = None
    second = hourly.run(sns, mail)

    assert [failure.channel for failure in first.untold] == ["email"]
    assert (first.told, second.told) == (("sns",), ("email",))
    assert (len(sns.notices), len(mail.notices)) == (1, 1)


def test_what_is_over_is_forgotten() -> None:
    hourly = Hourly()
    hourly.run(MemoryNotices(channel="sns"))

    tell_of_ends([], [], hourly.shelf, hourly.until)

    assert hourly.shelf.told() == frozenset()


def test_nothing_is_sent_when_it_could_not_be_remembered() -> None:
    """Else every run of the hour would tell the same."""

    class Full(MemoryTold):
        def put(self, told: frozenset[Told]) -> None:
            raise GatepassError(f"no room for {len(told)}")

    sns = MemoryNotices(channel="sns")
    with pytest.raises(GatepassError):
        tell_of_ends([Hourly().ending()], [sns], Full(), MORNING)

    assert sns.notices == []


def test_who_is_told_is_no_part_of_a_grant() -> None:
    """Another channel must not make plan show a change of a role."""
    topic = TopicArn("arn:aws:sns:eu-west-1:444455556666:gatepass")
    file = declaration()

    assert digest(GRANT, replace(file, notify=Channels(topic))) == digest(GRANT, file)
