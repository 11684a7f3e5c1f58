"""The changes that turn the teams' policies as they stand into those that are wanted, in the order that is safe.

Whatever takes access away comes first, for all teams together, then whatever gives it. Stop anywhere, and every
principal reaches no more than before or no more than is wanted. What only changes its name or its place is attached
anew before it is detached, so that nobody is shut out meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from gatepass.domain.documents import Document
from gatepass.domain.policy_swaps import Room, gives_nothing_new, takes_nothing
from gatepass.domain.team_access import (
    MOST_VERSIONS,
    POLICIES_PER_GROUP,
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    PutVersion,
    TeamChange,
    TeamHolder,
    TeamPolicy,
)
from gatepass.domain.team_reach import narrowed, reach_of


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """A policy whose document changes.

    Attributes:
        both: a document that allows only what the old and the new one allow, or None where there is none.
    """

    old: TeamPolicy
    new: TeamPolicy
    takes: bool
    gives: bool
    both: Document | None = None


def plan_team_access(wanted: Collection[TeamPolicy], observed: Collection[TeamPolicy]) -> tuple[TeamChange, ...]:
    """Return the changes, none when everything is as wanted; policies that nobody wants are detached and deleted."""
    takes, gives = takes_and_gives(wanted, observed)
    return (*takes, *gives)


def takes_and_gives(
    wanted: Collection[TeamPolicy], observed: Collection[TeamPolicy], room: Room = lambda _: POLICIES_PER_GROUP
) -> tuple[tuple[TeamChange, ...], tuple[TeamChange, ...]]:
    """Return the changes in two parts, between which whatever else takes access away has its place.

    Args:
        wanted: the policies as they should be.
        observed: as they stand.
        room: how many of ours a group or a role can hold.
    """
    standing = {policy.name: policy for policy in observed}
    early = {policy.name for policy in gives_nothing_new(wanted, observed, room)}
    gone = takes_nothing(wanted, observed, room)
    late = {policy.name for policy in gone}
    rewrites, unreadable = _rewrites(wanted, standing)
    holders = {policy.name: policy.holders for policy in wanted if policy.name not in unreadable}
    less, more = _rewritten(rewrites)
    names = {policy.name for policy in wanted}
    kept = [policy for policy in observed if policy.name not in late]
    changes_early = chain.from_iterable(_made(policy) for policy in _sorted(wanted) if policy.name in early)
    takes = (*changes_early, *_taken(kept, names, holders), *less)
    fresh = [policy for policy in wanted if policy.name not in early]
    gives = (*more, *_given(fresh, standing, unreadable), *_taken(gone, names, {}))
    return takes, gives


def _taken(
    observed: Collection[TeamPolicy], names: Collection[str], holders: Mapping[str, frozenset[TeamHolder]]
) -> Iterator[TeamChange]:
    """Yield what detaches policies from all but these holders, and deletes those that nobody wants."""
    for policy in _sorted(observed):
        for holder in _in_order(policy.holders - holders.get(policy.name, frozenset())):
            yield DetachPolicyFrom(policy.name, holder)
    for policy in _sorted(observed):
        if policy.name not in names:
            yield from (DeleteVersion(policy.name, version) for version in policy.versions)
            yield DeletePolicy(policy.name)


def _given(
    wanted: Collection[TeamPolicy], standing: Mapping[str, TeamPolicy], unreadable: Collection[str]
) -> Iterator[TeamChange]:
    """Yield what makes policies that do not stand, and attaches all to whom they are not yet attached."""
    for policy in _sorted(wanted):
        before = standing.get(policy.name)
        if before is None:
            yield from _made(policy)
            continue
        held = before.holders if policy.name not in unreadable else frozenset()
        yield from (AttachPolicyTo(policy.name, holder) for holder in _in_order(policy.holders - held))


def _made(policy: TeamPolicy) -> Iterator[TeamChange]:
    yield CreatePolicy(policy.name, policy.document)
    yield from (AttachPolicyTo(policy.name, holder) for holder in _in_order(policy.holders))


def _rewrites(
    wanted: Collection[TeamPolicy], standing: Mapping[str, TeamPolicy]
) -> tuple[list[_Rewrite], frozenset[str]]:
    """Return the documents that change, and the names of those that nobody can compare with what is wanted."""
    rewrites, unreadable = [], set()
    for new in _sorted(wanted):
        old = standing.get(new.name)
        if old is None or old.document == new.document:
            continue
        before, after = reach_of(old.document), reach_of(new.document)
        if before is None or after is None or before.own_name != after.own_name:
            # Somebody wrote it by hand: who holds it lets go first, and gets it back when it says what is wanted.
            unreadable.add(new.name)
            rewrites.append(_Rewrite(old, new, takes=False, gives=True))
            continue
        takes, gives = not before.roles <= after.roles, not after.roles <= before.roles
        both = narrowed(old.document, after.roles) if takes and gives else None
        if takes and gives and both is None:
            unreadable.add(new.name)
            takes = False
        rewrites.append(_Rewrite(old, new, takes, gives, both))
    return rewrites, frozenset(unreadable)


def _rewritten(rewrites: Collection[_Rewrite]) -> tuple[list[TeamChange], list[TeamChange]]:
    """Return the new versions that take, and those that give.

    One policy may go from the old to the new at once, when all others that take have done so; the rest of those that
    do both first lose and later gain.
    """
    room = {each.old.name: _Room(each.old) for each in rewrites}
    mixed = [each for each in rewrites if each.takes and each.gives]
    takes: list[TeamChange] = []
    for each in rewrites:
        if not each.gives:
            takes += room[each.old.name].put(each.new.document, is_narrower=each.takes)
    for each in mixed[:-1]:
        if each.both is not None:
            takes += room[each.old.name].put(each.both, is_narrower=True)
    gives: list[TeamChange] = []
    for each in (*mixed[-1:], *mixed[:-1], *(one for one in rewrites if one.gives and not one.takes)):
        gives += room[each.old.name].put(each.new.document, is_narrower=False)
    return takes, gives


class _Room:
    """The versions of one policy, of which the oldest goes when a new one has no room."""

    def __init__(self, policy: TeamPolicy) -> None:
        self._name = policy.name
        self._old = list(policy.versions)
        self._count = len(policy.versions) + 1

    def put(self, document: Document, *, is_narrower: bool) -> Iterator[TeamChange]:
        """Yield what writes a new version."""
        if self._count >= MOST_VERSIONS and self._old:
            yield DeleteVersion(self._name, self._old.pop(0))
            self._count -= 1
        self._count += 1
        yield PutVersion(self._name, document, is_narrower)


def _sorted(policies: Collection[TeamPolicy]) -> list[TeamPolicy]:
    return sorted(policies, key=lambda policy: policy.name)


def _in_order(holders: Collection[TeamHolder]) -> list[TeamHolder]:
    return sorted(holders, key=lambda holder: (holder.kind.value, holder.name))
