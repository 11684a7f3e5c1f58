"""What the register wants of the provider's own roles for single customers, and whether the account has room."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import USER_NAME
from gatepass.domain.register import Access, Register, Team
from gatepass.domain.team_access import HolderKind, ProviderAccount, TeamHolder, TeamPolicy, TeamQuotas
from gatepass.domain.team_roles import (
    LARGEST_INLINE,
    LARGEST_TRUST,
    WAY_POLICY,
    TeamRole,
    group_trust,
    is_team_role,
    role_trust,
    standing_team_roles,
    team_door,
    team_in,
    team_role_arn,
    way_of,
)
from gatepass.usecases.team_ways import Overflow, doors_of, role_ways


def wanted_team_roles(register: Register, standing: ProviderAccount) -> tuple[TeamRole, ...]:
    """Return a role for each team and each customer that it is to reach by one.

    Raises:
        InvalidFile: a customer asks for a means that its team does not have.
    """
    trusts = {team.name: _trust(team, means, standing) for team, means in doors_of(register)}
    return tuple(
        TeamRole(
            team_role_arn(standing.partition, standing.account, team.name, customer),
            team.name,
            customer,
            trusts[team.name],
            reach,
        )
        for (team, customer), reach in role_ways(register).items()
    )


def _trust(team: Team, means: Access, standing: ProviderAccount) -> Document:
    if means is Access.GROUP:
        return group_trust(standing.partition, standing.account)
    arns = [role.arn for role in standing.everything.roles if role.name in team.iam_roles]
    return role_trust(standing.partition, standing.account, arns)


def wanted_doors(register: Register, standing: ProviderAccount) -> Mapping[Team, TeamPolicy]:
    """Return the one policy by which each team gets into all of its roles, attached to its groups or else its roles."""
    found = {}
    for team, means in doors_of(register):
        kind, names = (
            (HolderKind.GROUP, team.iam_groups) if means is Access.GROUP else (HolderKind.ROLE, team.iam_roles)
        )
        holders = frozenset(TeamHolder(kind, name) for name in names)
        own_name = USER_NAME if means is Access.GROUP else None
        found[team] = team_door(standing.partition, standing.account, team, holders, own_name)
    return found


def demand_free_names(wanted: Collection[TeamRole], everything: AccountPolicies) -> None:
    """Let only names pass that no role of others has.

    Raises:
        Conflict: some have; IAM keeps a role's name unique in its account, whatever its path and its case.
    """
    taken = {role.name.lower(): role.arn for role in everything.roles if not is_team_role(role.arn)}
    found = sorted(taken[role.name.lower()] for role in wanted if role.name.lower() in taken)
    if found:
        raise Conflict(
            f"the name of a role that a team needs is taken by {found[0]}",
            why="IAM keeps the names of roles unique in an account, whatever their path"
            + (f"; {len(found) - 1} more are taken too" if len(found) > 1 else ""),
            next_step="delete that role if nobody needs it, or give the customer another name; nothing was changed",
        )


def role_overflows(wanted: Collection[TeamRole], standing: ProviderAccount) -> Iterator[Overflow]:
    """Yield each quota that the wanted roles would go beyond; AWS's defaults hold where nobody may know them."""
    limit = (standing.quotas or TeamQuotas()).roles
    everything = standing.everything
    total = len(everything.roles) - len(standing_team_roles(everything)) + len(wanted)
    if wanted and total > limit:
        yield Overflow(
            f"it would take {total} roles, {len(wanted)} of them for single customers, and the account may have"
            f" {limit}",
            "ask AWS for a higher quota of roles, or let teams into customers by access: group",
        )
    for name, size in {role.team: role.trust.size for role in wanted}.items():
        if size > LARGEST_TRUST:
            yield Overflow(
                f"the roles of the team {name} would need a trust policy of {size} characters, and"
                f" {LARGEST_TRUST} are allowed",
                f"name fewer iam_roles in the team {name}",
            )
    for role in wanted:
        if role.document.size > LARGEST_INLINE:
            yield Overflow(
                f"the role of the team {role.team} for {role.customer} would need a policy of {role.document.size}"
                f" characters, and {LARGEST_INLINE} are allowed",
                f"let the team {role.team} into {role.customer} by access: group",
            )


def reached_by_roles(everything: AccountPolicies) -> Mapping[str, frozenset[RoleArn]]:
    """Return which roles of customers each team reaches now by roles of ours, as far as these are as we write them."""
    found: dict[str, frozenset[RoleArn]] = {}
    for role in standing_team_roles(everything):
        team = team_in(role.arn)
        found[team] = found.get(team, frozenset()) | (way_of(role.inline.get(WAY_POLICY)) or frozenset())
    return found
