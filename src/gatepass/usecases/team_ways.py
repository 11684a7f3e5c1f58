"""By which means each team is let into which roles, and what the account lacks for it."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.errors import InvalidFile, Problem
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.permission_sets import SETS_PER_TEAM, permission_set_name
from gatepass.domain.policy_swaps import Room
from gatepass.domain.register import Access, Customer, CustomerName, Register, Team
from gatepass.domain.team_access import (
    TEAMS_PATH,
    HolderKind,
    ProviderAccount,
    TeamHolder,
    TeamPolicy,
    TeamQuotas,
    team_of,
)
from gatepass.domain.team_roles import is_team_role

Ways = Mapping[tuple[Team, Access], frozenset[RoleArn]]

Let = Iterable[tuple[Team, Access]]

# What names the principals of a team in the register, by means.
_KEYS = {
    Access.GROUP: "iam_groups",
    Access.ROLE: "iam_roles",
    Access.PERMISSION_SET: "identity_center_group",
}


def ways_of(register: Register) -> Ways:
    """Return the roles that each team is let into by policies of IAM.

    Raises:
        InvalidFile: a customer asks for a means that its team does not have, or that nothing makes yet.
    """
    return {way: roles for way, roles in _all_ways(register).items() if way[1] in (Access.GROUP, Access.ROLE)}


def role_ways(register: Register) -> Mapping[tuple[Team, CustomerName], frozenset[RoleArn]]:
    """Return the roles that each team enters by a role of the provider's own for each customer.

    Raises:
        InvalidFile: as of ``ways_of``.
    """
    if not any(means is Access.ROLE_PER_CUSTOMER for _, means in _all_ways(register)):
        return {}
    found: dict[tuple[Team, CustomerName], set[RoleArn]] = {}
    for team, customer, _, role in register.assignments():
        if customer.access is Access.ROLE_PER_CUSTOMER:
            found.setdefault((team, customer.name), set()).add(role)
    return {way: frozenset(roles) for way, roles in sorted(found.items(), key=lambda item: _by_names(item[0]))}


def doors_of(register: Register) -> tuple[tuple[Team, Access], ...]:
    """Return the teams that are let into such roles, each with the means of its engineers: their groups, or roles."""
    teams = dict.fromkeys(team for team, _ in role_ways(register))
    return tuple((team, Access.GROUP if team.iam_groups else Access.ROLE) for team in teams)


def _by_names(way: tuple[Team, CustomerName]) -> tuple[str, str]:
    return str(way[0].name), str(way[1])


def set_ways(register: Register) -> Mapping[Team, frozenset[RoleArn]]:
    """Return the roles that each team is let into by permission sets of Identity Center.

    Raises:
        InvalidFile: as of ``ways_of``.
    """
    return {team: roles for (team, means), roles in _all_ways(register).items() if means is Access.PERMISSION_SET}


def set_reach(register: Register) -> Mapping[str, frozenset[str]]:
    """Return the roles that sessions of each permission set of ours may enter, by its name."""
    return {
        permission_set_name(team.name, number): frozenset(str(role) for role in roles)
        for team, roles in set_ways(register).items()
        for number in range(1, SETS_PER_TEAM + 1)
    }


def _all_ways(register: Register) -> Ways:
    """Return the roles that each team is let into, by the means that the customer's entry or else the team says.

    Raises:
        InvalidFile: a customer asks for a means that its team does not have, or that nothing makes yet.
    """
    found: dict[tuple[Team, Access], set[RoleArn]] = {}
    problems: list[Problem] = []
    for team, customer, _, role in register.assignments():
        means = customer.access or next(iter(team.means), None)
        problem = _problem(team, customer, means)
        if problem is not None:
            problems.append(problem)
        elif means is not None:
            found.setdefault((team, means), set()).add(role)
    if problems:
        raise InvalidFile(tuple(dict.fromkeys(problems)))
    ordered = sorted(found.items(), key=lambda item: (item[0][0].name, item[0][1].value))
    return {way: frozenset(roles) for way, roles in ordered}


def _problem(team: Team, customer: Customer, means: Access | None) -> Problem | None:
    place = ("customers", str(customer.name), "access")
    if means is None:
        return Problem(
            ("teams", str(team.name)),
            f"the team {team.name} has no group and no role to be let in by",
            f"the customer {customer.name} is assigned to it, and nobody would get in",
            "name its IAM groups: iam_groups: [NetOps], or its roles: iam_roles: [NetOps]",
        )
    if means is Access.ROLE_PER_CUSTOMER:
        if team.iam_groups or team.iam_roles:
            return None
        return Problem(
            place,
            f"the customer {customer.name} is to be reached by role-per-customer, and the team {team.name} has neither"
            " an IAM group nor an IAM role",
            "only these can be let into such a role: sessions of Identity Center are not",
            f"add iam_groups or iam_roles to the team {team.name}, or write access: permission-set",
        )
    if means not in team.means:
        return Problem(
            place,
            f"the customer {customer.name} is to be reached by {means.value}, and the team {team.name} has none",
            f"its entry names no {_KEYS[means]}",
            f"add {_KEYS[means]} to the team {team.name}, or leave access out",
        )
    return None


def missing_holders(let: Let, account: AccountPolicies) -> Iterator[Problem]:
    """Yield every group and role that a team names and the account does not have."""
    standing = {
        Access.GROUP: [holder.name for holder in account.groups],
        # A role of ours is nobody's to come from.
        Access.ROLE: [holder.name for holder in account.roles if not is_team_role(holder.arn)],
    }
    for team, means in dict.fromkeys(let):
        named = team.iam_groups if means is Access.GROUP else team.iam_roles
        for position, name in enumerate(named):
            if name not in standing[means]:
                near = near_names(name, standing[means])
                yield Problem(
                    ("teams", str(team.name), _KEYS[means], position),
                    f"account {account.account} has no {means.value} {name} for the team {team.name}",
                    "a policy can be attached only to what is there",
                    f"did you mean {near}?" if near else f"make the {means.value}, or correct the name",
                )


def near_names(name: str, names: Collection[str]) -> str:
    """Return which of the names may have been meant, in words; empty for none."""
    by_folded = {each.lower(): each for each in names}
    return " or ".join(by_folded[each] for each in difflib.get_close_matches(name.lower(), by_folded, n=2))


@dataclass(frozen=True, slots=True)
class Overflow:
    """One quota that is too small, and what would help."""

    why: str
    advice: str


# Each part of a team reads its second factors by a policy of its own.
_STORE_POLICIES = 1


def overflows(wanted: Collection[TeamPolicy], standing: ProviderAccount, own: Collection[Team]) -> Iterator[Overflow]:
    """Yield each quota that the wanted policies would go beyond; AWS's defaults hold where nobody may know them."""
    held = Counter(holder for policy in wanted for holder in policy.holders)
    for holder, count in sorted(held.items(), key=lambda item: str(item[0])):
        room = room_on(holder, standing)
        if count > room:
            teams = {team_of(policy.name, own) or policy.name for policy in wanted if holder in policy.holders}
            yield _too_many(holder, count, room, _held_beside(holder, standing), sorted(teams))
    quotas = standing.quotas or TeamQuotas()
    total = quotas.policies_now - len(standing.policies) + len(wanted)
    if total > quotas.policies:
        yield Overflow(
            f"it would take {total} managed policies, and the account may have {quotas.policies}",
            "ask AWS for a higher quota of customer managed policies",
        )


def _too_many(holder: TeamHolder, count: int, room: int, others: int, teams: Sequence[str]) -> Overflow:
    whose = f"the team{'s' if len(teams) > 1 else ''} {' and '.join(teams)}"
    taken = f" ({others} of others are attached to it)" if others else ""
    why = f"{whose} needs {count} policies on the {holder}, which has room for {max(room, 0)}{taken}"
    if room <= _STORE_POLICIES:
        return Overflow(why, f"detach policies of others from the {holder}")
    parts = ceil((count - _STORE_POLICIES) / (room - _STORE_POLICIES))
    kind = holder.kind.value
    return Overflow(
        why,
        f"split {whose} into {parts}, each with a {kind} of its own and a part of the customers;"
        f" engineers who serve all are put into all {parts} {kind}s"
        if holder.kind is HolderKind.GROUP
        else f"split {whose} into {parts}, each with a role of its own and a part of the customers",
    )


def room_for_both(wanted: Collection[TeamPolicy], standing: ProviderAccount) -> Room:
    """Return how many policies of ours each holder can hold while old and new ones stand together."""
    quotas = standing.quotas or TeamQuotas()
    names = {policy.name for policy in standing.policies}
    if quotas.policies_now + sum(policy.name not in names for policy in wanted) > quotas.policies:
        return lambda _: 0
    return lambda holder: room_on(holder, standing)


def room_on(holder: TeamHolder, standing: ProviderAccount) -> int:
    """Return how many policies of ours a group or a role can hold beside those of others."""
    quotas = standing.quotas or TeamQuotas()
    limit = quotas.per_group if holder.kind is HolderKind.GROUP else quotas.per_role
    return limit - _held_beside(holder, standing)


def _held_beside(holder: TeamHolder, standing: ProviderAccount) -> int:
    """Count the policies of others that are attached to it."""
    everything = standing.everything
    listed = everything.groups if holder.kind is HolderKind.GROUP else everything.roles
    return sum(
        f":policy{TEAMS_PATH}" not in arn for each in listed if each.name == holder.name for arn in each.attached
    )
