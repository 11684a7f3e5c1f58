"""The teams' permission sets in Identity Center: as they stand, as they are wanted, and the way from one to the other.

Whatever takes access away comes first, for all sets together, then whatever gives it. A new policy counts in the
account only once it is provisioned, so provisioning follows whatever is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256

from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId
from gatepass.domain.packing import PERMISSION_SET_INLINE, PolicySizes
from gatepass.domain.register import TeamName
from gatepass.domain.set_documents import allowed_by_both

# The tag that says whose a permission set is; without it, a set is somebody else's.
TEAM_TAG = "gatepass:team"
# The tag of the session that holds the engineer's name, once Identity Center maps it.
NAME_TAG = "engineer"
OUR_PREFIX = "gatepass-"
# "IAM Identity Center quotas": a permission set's name.
LONGEST_NAME = 32
# An engineer picks one of them in the portal, so they stay few.
SETS_PER_TEAM = 3
ONE_SET = PERMISSION_SET_INLINE
ALL_SETS = PolicySizes(PERMISSION_SET_INLINE.largest, SETS_PER_TEAM)

# Neither character can stand in a team's name, so that two teams never share a permission set.
_CUT, _NUMBERED = "_", "."
_DIGEST_LENGTH = 8
_RESERVED = re.compile(
    r"arn:[a-z-]+:iam::\d{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?AWSReservedSSO_(.+)_[0-9a-f]{16}",
    re.ASCII,
)


class AssigneeKind(Enum):
    """Whom Identity Center assigns a permission set to."""

    GROUP = "GROUP"
    USER = "USER"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody who gets a permission set in an account.

    Attributes:
        assignee: the ID in the identity store.
        title: the name that people know, where it is known.
    """

    account: AccountId
    kind: AssigneeKind
    assignee: str
    title: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind.value.lower()} {self.title or self.assignee} in account {self.account}"


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """One permission set of ours, as it is wanted or as it stands.

    Attributes:
        team: the team that its tag names.
        document: its inline policy; None for none.
        assignments: who gets it where.
        is_provisioned: whether the accounts it is assigned in carry its policy as it stands.
    """

    name: str
    team: str
    document: Document | None = field(repr=False)
    assignments: frozenset[Assignment] = frozenset()
    is_provisioned: bool = True


@dataclass(frozen=True, slots=True)
class CenterGroup:
    """A group of the identity store."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IdentityCenter:
    """Identity Center as it stands, as far as teams need it.

    Attributes:
        sets: the permission sets that carry our tag.
        others: names like ours of permission sets without our tag.
        groups: every group of the identity store.
        maps_name: whether it passes on the tag with the engineer's name; None when that cannot be told.
    """

    sets: tuple[PermissionSet, ...]
    others: frozenset[str]
    groups: tuple[CenterGroup, ...]
    maps_name: bool | None


@dataclass(frozen=True, slots=True)
class CreatePermissionSet:
    """Make a permission set without a policy, assigned to nobody."""

    name: str
    team: str


@dataclass(frozen=True, slots=True)
class PutInlinePolicy:
    """Write the policy of a permission set; None takes it away. It counts once it is provisioned."""

    name: str
    document: Document | None = field(repr=False)
    is_narrower: bool = False


@dataclass(frozen=True, slots=True)
class Provision:
    """Bring the policy of a permission set into every account where it is assigned."""

    name: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Assign a permission set to somebody in an account."""

    name: str
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Unassign:
    """Take a permission set from somebody in an account; sessions that he has go on until they end."""

    name: str
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class DeletePermissionSet:
    """Delete a permission set that is assigned to nobody."""

    name: str


SetChange = CreatePermissionSet | PutInlinePolicy | Provision | Assign | Unassign | DeletePermissionSet


def permission_set_name(team: TeamName, number: int = 1) -> str:
    """Return the name of a team's permission set, counted from 1; a long one is cut, with a digest of the whole."""
    end = f"{_NUMBERED}{number}" if number > 1 else ""
    room = LONGEST_NAME - len(OUR_PREFIX) - len(f"{_NUMBERED}{SETS_PER_TEAM}")
    if len(team.text) <= room:
        return f"{OUR_PREFIX}{team}{end}"
    digest = sha256(team.text.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{OUR_PREFIX}{team.text[: room - _DIGEST_LENGTH - 1]}{_CUT}{digest}{end}"


def set_of_role(arn: str) -> str | None:
    """Return the permission set of ours that Identity Center made the role for, or None; nobody else can make such."""
    match = _RESERVED.fullmatch(arn)
    return match[1] if match and match[1].startswith(OUR_PREFIX) else None


def reserved_role(partition: str, account: AccountId, name: str) -> str:
    """Return the ARN of a role such as Identity Center will make for a permission set; how it ends nobody knows."""
    return f"arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_{'0' * 16}"


def plan_permission_sets(
    wanted: Collection[PermissionSet], observed: Collection[PermissionSet]
) -> tuple[SetChange, ...]:
    """Return the changes, none when everything is as wanted; sets of ours that nobody wants are emptied and deleted."""
    standing = {each.name: each for each in observed}
    names = {each.name for each in wanted}
    changes: list[SetChange] = []
    for each in _sorted(observed):
        if each.name not in names:
            changes += _gone(each)
    for each in _sorted(wanted):
        if each.name in standing:
            changes += _narrowed(each, standing[each.name])
    for each in _sorted(wanted):
        changes += _widened(each, standing)
    return tuple(changes)


def _gone(old: PermissionSet) -> Iterator[SetChange]:
    """Yield what ends a permission set, its policy first: sessions that people have outlive their assignment."""
    if old.assignments and (old.document is not None or not old.is_provisioned):
        yield PutInlinePolicy(old.name, None, is_narrower=True)
        yield Provision(old.name)
    yield from (Unassign(old.name, each) for each in _in_order(old.assignments))
    yield DeletePermissionSet(old.name)


def _narrowed(new: PermissionSet, old: PermissionSet) -> Iterator[SetChange]:
    """Yield what takes access away of a set that stays."""
    less = allowed_by_both(old.document, new.document, new.team, ONE_SET)
    if old.assignments and less != old.document:
        yield PutInlinePolicy(new.name, less, is_narrower=True)
        yield Provision(new.name)
    elif old.assignments and not old.is_provisioned:
        # A run that stopped had written it: less than the account carries, or at least no more than is wanted.
        yield Provision(new.name)
    yield from (Unassign(new.name, each) for each in _in_order(old.assignments - new.assignments))


def _widened(new: PermissionSet, standing: Mapping[str, PermissionSet]) -> Iterator[SetChange]:
    """Yield what gives access."""
    old = standing.get(new.name)
    if old is None:
        yield CreatePermissionSet(new.name, new.team)
        old = PermissionSet(new.name, new.team, None)
    now = allowed_by_both(old.document, new.document, new.team, ONE_SET) if old.assignments else old.document
    if now != new.document:
        yield PutInlinePolicy(new.name, new.document)
    fresh = _in_order(new.assignments - old.assignments)
    yield from (Assign(new.name, each) for each in fresh)
    if now != new.document or fresh:
        yield Provision(new.name)


def _sorted(sets: Collection[PermissionSet]) -> list[PermissionSet]:
    return sorted(sets, key=lambda each: each.name)


def _in_order(assignments: Collection[Assignment]) -> list[Assignment]:
    return sorted(assignments, key=lambda each: (str(each.account), each.kind.value, each.assignee))
