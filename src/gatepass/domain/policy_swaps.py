"""Policies that give nobody anything new, and those whose end takes nothing from anybody.

By them a team keeps its access while its policies change their names. The first can be attached before anything is
taken, the second can stay until everything is given. In between every principal reaches no more than before, or no
more than is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from gatepass.domain.team_access import TeamHolder, TeamPolicy
from gatepass.domain.team_reach import reach_of

# How many policies of ours a group or a role can hold.
Room = Callable[[TeamHolder], int]


def gives_nothing_new(
    wanted: Collection[TeamPolicy], observed: Collection[TeamPolicy], room: Room
) -> tuple[TeamPolicy, ...]:
    """Return the wanted policies that do not stand yet and allow their holders only what they may already."""
    standing = {policy.name for policy in observed}
    crowded = _crowded(wanted, observed, room)
    fresh = (policy for policy in wanted if policy.name not in standing)
    return tuple(policy for policy in fresh if not policy.holders & crowded and _is_covered(policy, observed))


def takes_nothing(
    wanted: Collection[TeamPolicy], observed: Collection[TeamPolicy], room: Room
) -> tuple[TeamPolicy, ...]:
    """Return the policies that stand and nobody wants, though their holders may keep all that they allow."""
    names = {policy.name for policy in wanted}
    crowded = _crowded(wanted, observed, room)
    gone = (policy for policy in observed if policy.name not in names and policy.holders)
    return tuple(policy for policy in gone if not policy.holders & crowded and _is_covered(policy, wanted))


def _crowded(wanted: Collection[TeamPolicy], observed: Collection[TeamPolicy], room: Room) -> frozenset[TeamHolder]:
    """Return who cannot hold the old and the new policies at once."""
    holders = frozenset[TeamHolder]().union(*(policy.holders for policy in (*wanted, *observed)))
    held = {holder: {policy.name for policy in (*wanted, *observed) if holder in policy.holders} for holder in holders}
    return frozenset(holder for holder, names in held.items() if len(names) > room(holder))


def _is_covered(policy: TeamPolicy, by: Collection[TeamPolicy]) -> bool:
    """Say whether each holder of the policy has all that it allows by the others."""
    return all(_covers([each for each in by if holder in each.holders], policy) for holder in policy.holders)


def _covers(others: Collection[TeamPolicy], policy: TeamPolicy) -> bool:
    if any(other.document == policy.document for other in others):
        return True
    reached = reach_of(policy.document)
    if reached is None:
        return False
    return reached.roles <= frozenset().union(*_reaches(others, reached.own_name))


def _reaches(others: Collection[TeamPolicy], own_name: str | None) -> Iterator[frozenset[object]]:
    for other in others:
        found = reach_of(other.document)
        if found is not None and found.own_name == own_name:
            yield frozenset(found.roles)
