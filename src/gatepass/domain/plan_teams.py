"""The changes that turn the teams' policies as they stand into those that are wanted, in the order that is safe.

Whatever takes access away comes first, for all teams together, then whatever gives it. Stop anywhere, and every
principal reaches no more than before or no more than is wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gatepass.domain.documents import Document
from gatepass.domain.team_access import (
    MOST_VERSIONS,
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
    standing = {policy.name: policy for policy in observed}
    rewrites, unreadable = _rewrites(wanted, standing)
    kept = {policy.name: policy.holders for policy in wanted if policy.name not in unreadable}
    changes: list[TeamChange] = []
    for policy in _sorted(observed):
        changes += [
            DetachPolicyFrom(policy.name, holder)
            for holder in _in_order(policy.holders - kept.get(policy.name, frozenset()))
        ]
    names = {policy.name for policy in wanted}
    for policy in _sorted(observed):
        if policy.name not in names:
            changes += [
                *(DeleteVersion(policy.name, version) for version in policy.versions),
                DeletePolicy(policy.name),
            ]
    changes += _rewritten(rewrites)
    for policy in _sorted(wanted):
        before = standing.get(policy.name)
        if before is None:
            changes.append(CreatePolicy(policy.name, policy.document))
        held = before.holders if before is not None and policy.name not in unreadable else frozenset()
        changes += [AttachPolicyTo(policy.name, holder) for holder in _in_order(policy.holders - held)]
    return tuple(changes)


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


def _rewritten(rewrites: Collection[_Rewrite]) -> Iterator[TeamChange]:
    """Yield the new versions: those that take, then those that take and give, then those that give.

    One policy may go from the old to the new at once, when all others that take have done so; the rest of those that
    do both first lose and later gain.
    """
    room = {each.old.name: _Room(each.old) for each in rewrites}
    mixed = [each for each in rewrites if each.takes and each.gives]
    for each in rewrites:
        if not each.gives:
            yield from room[each.old.name].put(each.new.document, is_narrower=each.takes)
    for each in mixed[:-1]:
        if each.both is not None:
            yield from room[each.old.name].put(each.both, is_narrower=True)
    for each in (*mixed[-1:], *mixed[:-1], *(one for one in rewrites if one.gives and not one.takes)):
        yield from room[each.old.name].put(each.new.document, is_narrower=False)


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
