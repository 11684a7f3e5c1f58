"""The changes that turn the provider's roles for single customers into those that are wanted, in the safe order.

They come in two parts: whatever takes access away, then whatever gives it. Between them a role whose trust is to
change has no policy, so that nobody who enters by the old trust gets anywhere by the new policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from gatepass.domain.account_policies import Holder
from gatepass.domain.documents import Document
from gatepass.domain.permission_sets import TEAM_TAG
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.team_roles import CUSTOMER_TAG, WAY_POLICY, TeamRole, way_document, way_of


@dataclass(frozen=True, slots=True)
class MakeTeamRole:
    """Make a role that may do nothing yet."""

    role: str
    path: str
    trust: Document = field(repr=False)
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PutTeamRoleTrust:
    """Write who may enter a role."""

    role: str
    trust: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndTeamRoleSessions:
    """Deny everything to the sessions of a role that were begun before now."""

    role: str


@dataclass(frozen=True, slots=True)
class PutTeamRolePolicy:
    """Write which roles of the customer a role may enter.

    Attributes:
        is_narrower: whether it only takes away; for a person who reads the plan.
    """

    role: str
    document: Document = field(repr=False)
    is_narrower: bool = False


@dataclass(frozen=True, slots=True)
class TakeTeamRolePolicy:
    """Delete an inline policy of a role."""

    role: str
    policy: str


@dataclass(frozen=True, slots=True)
class DetachFromTeamRole:
    """Detach a managed policy, which somebody attached by hand."""

    role: str
    policy_arn: str


@dataclass(frozen=True, slots=True)
class TagTeamRole:
    """Mark a role as ours."""

    role: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeleteTeamRole:
    """Delete a role that has no policy.

    Attributes:
        is_ours: whether its tags say that Gatepass made it; for a person who reads the plan.
    """

    role: str
    is_ours: bool = True


TeamRoleChange = (
    MakeTeamRole
    | PutTeamRoleTrust
    | EndTeamRoleSessions
    | PutTeamRolePolicy
    | TakeTeamRolePolicy
    | DetachFromTeamRole
    | TagTeamRole
    | DeleteTeamRole
)


def plan_team_roles(
    wanted: Collection[TeamRole], observed: Collection[Holder]
) -> tuple[tuple[TeamRoleChange, ...], tuple[TeamRoleChange, ...]]:
    """Return what takes access away and what gives it; roles under our path that nobody wants are deleted."""
    standing = {role.arn: role for role in observed}
    kept = {str(role.arn): role for role in wanted}
    takes: list[TeamRoleChange] = []
    for arn, old in sorted(standing.items()):
        takes += _emptied(old) if arn not in kept else _narrowed(kept[arn], old)
    takes += [DeleteTeamRole(old.name, is_tagged(old)) for arn, old in sorted(standing.items()) if arn not in kept]
    gives: list[TeamRoleChange] = []
    for arn, new in sorted(kept.items()):
        gives += _widened(new, standing[arn]) if arn in standing else _made(new)
    return tuple(takes), tuple(gives)


def is_tagged(role: Holder) -> bool:
    """Say whether a role's tags are those of a role of ours."""
    return TEAM_TAG in role.tags and CUSTOMER_TAG in role.tags


def _emptied(old: Holder) -> Iterator[TeamRoleChange]:
    yield from (TakeTeamRolePolicy(old.name, policy) for policy in sorted(old.inline))
    yield from (DetachFromTeamRole(old.name, policy) for policy in old.attached)


def _narrowed(new: TeamRole, old: Holder) -> Iterator[TeamRoleChange]:
    """Yield what takes access away of a role that stays; a Deny that ended older sessions stays too."""
    for policy in sorted(old.inline):
        if policy != WAY_POLICY and not (policy == SWITCH_POLICY and _only_denies(old.inline[policy])):
            yield TakeTeamRolePolicy(new.name, policy)
    yield from (DetachFromTeamRole(new.name, policy) for policy in old.attached)
    before, between = old.inline.get(WAY_POLICY), _between(new, old)
    if between is None and before is not None:
        yield TakeTeamRolePolicy(new.name, WAY_POLICY)
    elif between is not None and between != before:
        yield PutTeamRolePolicy(new.name, between, is_narrower=True)


def _between(new: TeamRole, old: Holder) -> Document | None:
    """Return the policy that a role has after taking and before giving: what both the old and the new one allow."""
    before = old.inline.get(WAY_POLICY)
    if old.trust != new.trust:
        return None
    if before == new.document:
        return before
    shared = (way_of(before) or frozenset()) & new.reach
    return way_document(shared) if shared else None


def _widened(new: TeamRole, old: Holder) -> Iterator[TeamRoleChange]:
    if not new.tags.items() <= old.tags.items():
        yield TagTeamRole(new.name, new.tags)
    if old.trust != new.trust:
        yield PutTeamRoleTrust(new.name, new.trust)
    if old.trust != new.trust or WAY_POLICY not in old.inline:
        # Without its policy it was left by a run that stopped, perhaps right after it had written the trust.
        yield EndTeamRoleSessions(new.name)
    if _between(new, old) != new.document:
        yield PutTeamRolePolicy(new.name, new.document)


def _made(new: TeamRole) -> Iterator[TeamRoleChange]:
    yield MakeTeamRole(new.name, new.arn.path, new.trust, new.tags)
    yield PutTeamRolePolicy(new.name, new.document)


def _only_denies(document: Document) -> bool:
    return all(statement.get("Effect") == "Deny" for statement in document.statements)
