"""Compare what the register says of teams in Identity Center with the permission sets that stand there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, InvalidFile, Problem
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.packing import pack, principal_tag
from gatepass.domain.permission_sets import (
    ALL_SETS,
    NAME_TAG,
    SETS_PER_TEAM,
    TEAM_TAG,
    AssigneeKind,
    Assignment,
    IdentityCenter,
    PermissionSet,
    SetChange,
    Unassign,
    permission_set_name,
    plan_permission_sets,
)
from gatepass.domain.register import Register, Team
from gatepass.domain.set_documents import SetDocument, parts_of, reached_by, room_beside
from gatepass.domain.team_access import store_statement
from gatepass.ports.teams import PermissionSets
from gatepass.usecases.team_ways import near_names, set_ways

_MAP_IT = f"in Identity Center, under Attributes for access control, map {NAME_TAG} to ${{path:userName}}"
_NAME_CLAIMED = Remark(
    "name-only-claimed",
    Severity.MEDIUM,
    "the engineer's name is only claimed",
    f"Identity Center passes on no tag {NAME_TAG}, so AWS takes any source identity from its sessions",
    f"{_MAP_IT}; then apply again",
)
_TAG_UNSEEN = Remark(
    "name-tag-unseen",
    Severity.LOW,
    f"nobody of the team gets in unless Identity Center passes on the tag {NAME_TAG}, which could not be read",
    "the team's policy demands that the source identity be that tag",
    f"see to it: {_MAP_IT}",
)
_OUTLIVE = Remark(
    "sessions-outlive",
    Severity.LOW,
    "sessions go on where an assignment ends",
    "Identity Center ends no session that it has issued; those of permission sets last at most an hour",
    "end them in Identity Center, under Users, Active sessions, if an hour is too long",
)
_SEVERAL = Remark(
    "several-permission-sets",
    Severity.LOW,
    "the team's customers are spread over several permission sets",
    "one inline policy holds no more of them, so engineers choose the right one in the portal",
    "split the team, or let it in by an IAM role",
)


@dataclass(frozen=True, slots=True)
class SetTeam:
    """What one team reaches by permission sets, and what applying would change of it.

    Attributes:
        group: the display name of its group; empty for a team that is in the register no more.
        sets: the names of its permission sets.
    """

    name: str
    group: str
    sets: tuple[str, ...]
    customers: frozenset[AccountId] = field(repr=False)
    gained: frozenset[AccountId]
    lost: frozenset[AccountId]


@dataclass(frozen=True, slots=True)
class SetsPlan:
    """The plan of everything in Identity Center.

    Attributes:
        changes: in the order in which they are made.
    """

    teams: tuple[SetTeam, ...] = ()
    changes: tuple[SetChange, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan_team_sets(register: Register, center: PermissionSets) -> SetsPlan:
    """Return what applying the register would change in Identity Center; nothing is changed.

    Raises:
        InvalidFile: teams name groups that Identity Center does not have; all of them at once.
        Conflict: the customers of a team do not fit, or a permission set of somebody else has a name that we need.
        NotThere: no Identity Center can be seen.
    """
    ways = set_ways(register)
    standing = center.standing(register.account)
    missing = tuple(_missing_groups(ways, standing))
    if missing:
        raise InvalidFile(missing)
    wanted = _wanted_sets(register, ways, standing)
    _demand_free_names(wanted, standing)
    changes = plan_permission_sets(wanted, standing.sets)
    return SetsPlan(tuple(_teams(ways, wanted, standing)), changes, tuple(_findings(ways, wanted, standing, changes)))


def _missing_groups(ways: Mapping[Team, object], standing: IdentityCenter) -> Iterator[Problem]:
    names = {group.name for group in standing.groups}
    for team in ways:
        name = team.identity_center_group or ""
        if name not in names:
            near = near_names(name, names)
            yield Problem(
                ("teams", str(team.name), "identity_center_group"),
                f"Identity Center has no group {name} for the team {team.name}",
                "a permission set can be assigned only to a group that is there",
                f"did you mean {near}?" if near else "make the group, or write its display name",
            )


def _wanted_sets(
    register: Register, ways: Mapping[Team, frozenset[RoleArn]], standing: IdentityCenter
) -> tuple[PermissionSet, ...]:
    """Return the permission sets of every team; those that stand keep their customers as far as they can.

    Raises:
        Conflict: some do not fit; all of them are told.
    """
    ids = {group.name: group.id for group in standing.groups}
    found: list[PermissionSet] = []
    short: list[tuple[Team, int]] = []
    for team, roles in ways.items():
        name = team.identity_center_group or ""
        assigned = frozenset({Assignment(register.account, AssigneeKind.GROUP, ids[name], name)})
        documents, needed = _documents(register.account, team, roles, standing)
        if needed > SETS_PER_TEAM:
            short.append((team, needed))
        found += [PermissionSet(each, team.name.text, text, assigned) for each, text in documents.items()]
    if short:
        raise Conflict(
            "the teams' customers do not fit into permission sets",
            why="; ".join(
                f"the team {team.name} needs {needed}, and {SETS_PER_TEAM} are what an engineer can choose among"
                for team, needed in short
            ),
            next_step="; ".join(
                f"split the team {team.name} into {-(-needed // SETS_PER_TEAM)}, each with a group of its own"
                for team, needed in short
            )
            + "; nothing was changed",
        )
    return tuple(found)


def _documents(
    account: AccountId, team: Team, roles: Collection[RoleArn], standing: IdentityCenter
) -> tuple[dict[str, Document], int]:
    """Return the policies of a team's permission sets by name, and how many it takes."""
    named = {each.name: each.document for each in standing.sets if each.team == team.name.text}
    ours = [permission_set_name(team.name, number) for number in range(1, SETS_PER_TEAM + 1)]
    texts = {name: text for name in ours if (text := named.get(name)) is not None}
    store = store_statement(next(iter(roles)).partition, account, team.name)
    ways = tuple(parts_of(text, team.name.text).ways for text in texts.values())
    sizes = room_beside(store, ALL_SETS)
    own_name = None if standing.maps_name is False else principal_tag(NAME_TAG)
    packed = pack(roles, sizes, standing=ways, own_name=own_name, arns_only=team.arns_only)
    names = (*texts, *(name for name in ours if name not in texts))
    made = ((name, text) for name, text in zip(names, packed.slots, strict=False) if text is not None)
    return {name: SetDocument(text, store).whole for name, text in made}, len(packed.documents)


def _demand_free_names(wanted: Collection[PermissionSet], standing: IdentityCenter) -> None:
    """Let only names pass that are free or ours.

    Raises:
        Conflict: others have some of them.
    """
    ours = {(each.name, each.team) for each in standing.sets}
    names = standing.others | {each.name for each in standing.sets}
    taken = sorted(each.name for each in wanted if each.name in names and (each.name, each.team) not in ours)
    if taken:
        raise Conflict(
            f"Identity Center has permission sets of others named {', '.join(taken)}",
            why=f"ours carry the tag {TEAM_TAG} with the team's name, and these do not",
            next_step="rename the team in the register, or delete them in Identity Center; nothing was changed",
        )


def _teams(
    ways: Mapping[Team, frozenset[RoleArn]], wanted: Collection[PermissionSet], standing: IdentityCenter
) -> Iterator[SetTeam]:
    """Yield the teams of the register, then those that stand in Identity Center and are in it no more."""
    now: dict[str, frozenset[AccountId]] = {}
    for each in standing.sets:
        reached = (
            _accounts(reached_by(each.document, each.team))
            if each.document is not None and each.assignments
            else frozenset()
        )
        now[each.team] = now.get(each.team, frozenset()) | reached
    for team, roles in ways.items():
        reached, meant = now.pop(team.name.text, frozenset()), _accounts(roles)
        sets = tuple(sorted(each.name for each in wanted if each.team == team.name.text))
        group = team.identity_center_group or ""
        yield SetTeam(team.name.text, group, sets, meant, meant - reached, reached - meant)
    for name, reached in sorted(now.items()):
        yield SetTeam(name, "", (), frozenset(), frozenset(), reached)


def _findings(
    ways: Mapping[Team, object],
    wanted: Collection[PermissionSet],
    standing: IdentityCenter,
    changes: Collection[SetChange],
) -> Iterator[Finding]:
    for team in ways:
        subject = f"team {team.name}"
        if not standing.maps_name:
            yield (_TAG_UNSEEN if standing.maps_name is None else _NAME_CLAIMED).on(subject)
        if sum(each.team == team.name.text for each in wanted) > 1:
            yield _SEVERAL.on(subject)
    ended = [f"{change.name}: {change.assignment}" for change in changes if isinstance(change, Unassign)]
    if ended:
        yield _OUTLIVE.on("Identity Center", ended)


def _accounts(roles: Collection[RoleArn]) -> frozenset[AccountId]:
    return frozenset(role.account for role in roles)
