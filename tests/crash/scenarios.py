"""Every verb in every shape: what stands before, what is done, and what is right at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from gatepass.domain.grant import Naming
from tests.crash.access import (
    COLLEAGUE,
    ENGINEER,
    ENTERS,
    HOUR,
    LONG_SESSION,
    NEW_ID,
    OLD_ID,
    OLD_SESSION,
    OTHER_ENGINEER,
    RETIRING_ID,
    Access,
)
from tests.crash.customer import OTHER_BOUNDARY
from tests.crash.verbs import (
    GRANT,
    NAMED,
    QUEUES,
    Verb,
    applies,
    closes,
    finishes_rotation,
    opens,
    revokes,
    rotates,
    waits,
    withdraws,
)
from tests.people import BOUNDARY, OTHER_PROVIDER

Right = Callable[[Access, Access], bool]
OVERLAP = timedelta(hours=24)
# The twin's clock begins a day before the start.
ALMOST_A_DAY = timedelta(hours=23)


@dataclass(frozen=True)
class Scenario:
    """One verb in one situation.

    Attributes:
        stands: what was done before, on the in-memory twin.
        verb: what is tried.
        right: what must hold of the access before and after.
        always_in: whether the engineer must get in at every moment with an ID from before.
        writes_again: whether the verb does something anew each time, as revoke does.
    """

    name: str
    stands: tuple[Verb, ...]
    verb: Verb
    right: Right
    always_in: bool = False
    writes_again: bool = False


def nobody(_: Access, after: Access) -> bool:
    """Nobody can do anything."""
    return not after


def everything_is_the_same(before: Access, after: Access) -> bool:
    """Nobody gains or loses anything."""
    return before == after and bool(after)


def only(way: str, *who: str, until: str = "in 30 h") -> Right:
    """These people get in by this way, until then and no later, and nothing else is possible."""

    def right(_: Access, after: Access) -> bool:
        whens = {when for _, _, _, when in after}
        is_last = whens == set(_up_to(until))
        return is_last and {who for who, _, _, _ in after} == set(who) and {how for _, how, _, _ in after} == {way}

    return right


def without_sessions(*whose: str) -> Right:
    """These people's sessions from before can do nothing, and everything else is as before."""
    return lambda before, after: (
        after == {one for one in before if one[0] not in whose or one[1] != OLD_SESSION} != before
    )


def can_do(*actions: str, sessions: bool = True) -> Right:
    """The same people can do this and nothing else, those with sessions from before among them or not."""

    def right(before: Access, after: Access) -> bool:
        ways = {one[:2] for one in before if sessions or one[1] != OLD_SESSION}
        return {one[:2] for one in after} == ways and {one[2] for one in after} == {*actions, ENTERS}

    return right


def both_ids(before: Access, after: Access) -> bool:
    """The old ID opens until the overlap is over, the new one always, and sessions go on."""
    people = (ENGINEER, COLLEAGUE)
    old = {one for one in before if one[1] == OLD_ID and one[3] != "in 30 h"}
    sessions = {one for one in before if one[1] == OLD_SESSION}
    new = {(who, NEW_ID, action, when) for who, way, action, when in before if way == OLD_ID and who in people}
    return bool(old) and after == old | sessions | new


def _up_to(last: str) -> list[str]:
    whens = ["now", "in 90 min", "in 3 h", "in 30 h"]
    return whens[: whens.index(last) + 1]


OPEN = (applies(),)
CLOSED = (applies(), closes)
AUDIT = replace(GRANT, permissions=("Audit",))
LONG = replace(GRANT, session_limit=4 * HOUR)
BOUND = replace(GRANT, custom_policy=QUEUES, boundary=BOUNDARY)
OTHERS = replace(AUDIT, provider=OTHER_PROVIDER)
PEOPLE = (ENGINEER, COLLEAGUE)

SCENARIOS = (
    Scenario("close", OPEN, closes, nobody),
    Scenario("close in an overlap", (*OPEN, waits(ALMOST_A_DAY), rotates(OVERLAP)), closes, nobody),
    Scenario("close what is closed", CLOSED, closes, nobody),
    Scenario("open", CLOSED, opens(), only(NEW_ID, *PEOPLE)),
    Scenario("open by name", (applies(NAMED), closes), opens(NAMED), only(NEW_ID, ENGINEER)),
    Scenario("open for 2 h", CLOSED, opens(until=2 * HOUR), only(NEW_ID, *PEOPLE, until="in 90 min")),
    Scenario(
        "open again, its time is over",
        (*CLOSED, waits(ALMOST_A_DAY - HOUR), opens(lasts=HOUR)),
        opens(lasts=2 * HOUR),
        only(OLD_ID, *PEOPLE, until="in 90 min"),
        writes_again=True,
    ),
    Scenario(
        "open for longer",
        (*CLOSED, waits(ALMOST_A_DAY), opens(lasts=2 * HOUR)),
        opens(until=4 * HOUR),
        lambda before, after: {one[3] for one in after} == set(_up_to("in 3 h")) and before < after,
        always_in=True,
    ),
    Scenario(
        "open for shorter",
        (*CLOSED, waits(ALMOST_A_DAY), opens(lasts=5 * HOUR)),
        opens(until=2 * HOUR),
        lambda before, after: {one[3] for one in after} == set(_up_to("in 90 min")) and after < before,
        always_in=True,
    ),
    Scenario("open what is open", OPEN, opens(), everything_is_the_same, always_in=True),
    Scenario("revoke", OPEN, revokes(), without_sessions(*PEOPLE), always_in=True, writes_again=True),
    Scenario(
        "revoke one engineer", (applies(NAMED),), revokes("netops-1"), without_sessions(ENGINEER),
        always_in=True, writes_again=True,
    ),
    Scenario("withdraw", (applies(BOUND),), withdraws, nobody),
    Scenario("withdraw what is closed", CLOSED, withdraws, nobody),
    Scenario("withdraw, its window is over", (applies(ends=-HOUR),), withdraws, nobody),
    Scenario("apply: create", (), applies(replace(BOUND, session_limit=4 * HOUR)), only(NEW_ID, *PEOPLE)),
    Scenario(
        "apply: another provider, longer sessions", OPEN, applies(replace(OTHERS, session_limit=4 * HOUR)),
        only(OLD_ID, OTHER_ENGINEER),
    ),
    Scenario(
        "apply: other permissions, shorter sessions", (applies(LONG),), applies(AUDIT),
        can_do("ec2:DescribeInstances", "s3:GetObject"),
    ),
    Scenario(
        "apply: a custom policy and a boundary",
        (applies(LONG),), applies(replace(LONG, custom_policy=QUEUES, boundary=OTHER_BOUNDARY)),
        lambda _, after: {one[2] for one in after} == {"s3:GetObject", "sqs:SendMessage", ENTERS, LONG_SESSION},
    ),
    Scenario(
        "apply: another boundary", (applies(BOUND),), applies(replace(BOUND, boundary=OTHER_BOUNDARY)),
        can_do("s3:GetObject", "sqs:SendMessage"),
    ),
    Scenario(
        "apply: an earlier end", (applies(ends=4 * HOUR),), applies(ends=2 * HOUR),
        only(OLD_ID, *PEOPLE, until="in 90 min"),
    ),
    Scenario(
        "apply: a later end", (applies(ends=2 * HOUR),), applies(ends=4 * HOUR),
        only(OLD_ID, *PEOPLE, until="in 3 h"),
    ),
    Scenario("apply: a window that is over opens again", (applies(ends=-HOUR),), applies(), only(OLD_ID, *PEOPLE)),
    Scenario(
        "apply: another name, with --prune", OPEN, applies(AUDIT, naming=Naming(org="NEW"), prune=True),
        only(NEW_ID, *PEOPLE),
    ),
    Scenario("apply: while it is closed", CLOSED, applies(OTHERS), nobody),
    Scenario(
        "apply: while it is open for a time",
        (*CLOSED, waits(ALMOST_A_DAY), opens(lasts=3 * HOUR)), applies(OTHERS),
        only(OLD_ID, OTHER_ENGINEER, until="in 90 min"),
    ),
    Scenario(
        "apply: in an overlap", (*OPEN, waits(ALMOST_A_DAY), rotates(2 * OVERLAP)), applies(AUDIT),
        can_do("ec2:DescribeInstances", "s3:GetObject"),
    ),
    Scenario("rotate", OPEN, rotates(OVERLAP), both_ids, always_in=True),
    Scenario(
        "rotate at once", OPEN, rotates(timedelta()),
        lambda _, after: {one[1] for one in after} == {NEW_ID, OLD_SESSION}, writes_again=True,
    ),
    Scenario(
        "finish a rotation", (*OPEN, waits(ALMOST_A_DAY), rotates(2 * OVERLAP)), finishes_rotation,
        lambda before, after: after == {one for one in before if one[1] != RETIRING_ID} != before, always_in=True,
    ),
)  # fmt: skip


def named(scenario: Scenario) -> str:
    """Return the scenario's name, for the test's."""
    return scenario.name.replace(" ", "-")
