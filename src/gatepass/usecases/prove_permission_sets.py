"""What the proof has to know of Identity Center: its sessions in the account, and whom it gives them to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.permission_sets import (
    NAME_TAG,
    SETS_PER_TEAM,
    AssigneeKind,
    IdentityCenter,
    PermissionSet,
    permission_set_name,
    reserved_role,
    set_of_role,
)
from gatepass.domain.register import Register
from gatepass.usecases.principals_asked import ENGINEER
from gatepass.usecases.team_ways import set_ways

_GIVEN_TO_OTHERS = Remark(
    "set-given-to-others",
    Severity.HIGH,
    "permission sets of teams are given to others than their groups",
    "whoever gets a team's permission set gets into its customers' roles",
    "gatepass apply takes it from them; look who gave it, in CloudTrail under CreateAccountAssignment",
)


def with_sessions(account: AccountPolicies, center: IdentityCenter | None) -> AccountPolicies:
    """Return the account with what Identity Center's sessions have beside their roles' policies.

    They carry the engineer's name as a tag. A permission set that has no role in the account yet, because Identity
    Center makes it when somebody first needs it, stands for itself.
    """
    if center is None:
        return account
    name = {} if center.maps_name is False else {NAME_TAG: ENGINEER}
    roles = tuple(
        replace(role, tags={**role.tags, **name}) if set_of_role(role.arn) else role for role in account.roles
    )
    there = {set_of_role(role.arn) for role in account.roles}
    partition = next((role.arn.split(":")[1] for role in account.roles), "aws")
    coming = (
        Holder(reserved_role(partition, account.account, each.name), inline={"inline": each.document}, tags=name)
        for each in center.sets
        if each.assignments and each.document is not None and each.name not in there
    )
    return replace(account, roles=(*roles, *coming))


def shut_out_teams(
    register: Register, reached: Mapping[str, frozenset[str]], center: IdentityCenter | None
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each team whose engineers do not get in everywhere by their permission sets, with where not.

    Args:
        register: what is wanted.
        reached: the roles that sessions of each permission set enter, by its name.
        center: Identity Center as it stands; None when nobody asked it, and then only sets with roles are judged.
    """
    for team, roles in set_ways(register).items():
        names = {permission_set_name(team.name, number) for number in range(1, SETS_PER_TEAM + 1)}
        found = frozenset[str]().union(*(reached[name] for name in names & reached.keys()))
        missing = frozenset(str(role) for role in roles) - found
        if missing and (center is not None or names & reached.keys()):
            yield f"team {team.name}", missing


def given_to_others(register: Register, center: IdentityCenter | None) -> tuple[Finding, ...]:
    """Return who gets a team's permission set in the account and is not the team's group."""
    if center is None:
        return ()
    ids = {group.name: group.id for group in center.groups}
    groups = {team.name.text: ids.get(team.identity_center_group or "") for team in set_ways(register)}
    found = sorted(text for each in center.sets for text in _others(each, groups.get(each.team)))
    return (_GIVEN_TO_OTHERS.on("Identity Center", found),) if found else ()


def _others(each: PermissionSet, group: str | None) -> Iterator[str]:
    for one in each.assignments:
        if one.kind is not AssigneeKind.GROUP or one.assignee != group:
            yield f"{each.name}: {one}"
