"""Compare what the register says of the teams with what stands in the provider's account."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, count

from gatepass.domain.errors import Conflict, InvalidFile
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.identifiers import AccountId, Partition, RoleArn
from gatepass.domain.packing import USER_NAME, PolicySizes, pack
from gatepass.domain.permission_sets import set_of_role
from gatepass.domain.plan_teams import plan_team_access
from gatepass.domain.register import Access, Register, Team, TeamName
from gatepass.domain.team_access import (
    LARGEST_POLICY,
    HolderKind,
    ProviderAccount,
    TeamChange,
    TeamHolder,
    TeamPolicy,
    numbered_policies,
    policy_name,
    store_policy,
    team_of,
)
from gatepass.domain.team_reach import reach_of
from gatepass.ports.teams import TeamPolicies
from gatepass.usecases.prove_teams import other_ways
from gatepass.usecases.team_ways import Ways, missing_holders, overflows, room_on, ways_of

_NAME_CLAIMED = Remark(
    "name-only-claimed",
    Severity.MEDIUM,
    "the engineer's name is only claimed",
    "a session of a role has no user name of its own, so AWS takes any source identity from it",
    "let the team in by an IAM group (iam_groups), or see to it that the role forces the name itself",
)


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """What one team reaches, and what applying would change of it.

    Attributes:
        customers: the accounts that it reaches by the register.
        gained: those that it does not reach yet.
        lost: those that it reaches, and no more by the register.
        by: whom the policies are attached to.
    """

    name: str
    customers: frozenset[AccountId] = field(repr=False)
    gained: frozenset[AccountId]
    lost: frozenset[AccountId]
    by: tuple[TeamHolder, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamsPlan:
    """The plan of a whole register.

    Attributes:
        changes: in the order in which they are made.
        findings: what a careful reviewer would say of who could get in.
        has_permission_sets: whether Identity Center has given the account roles of our permission sets.
    """

    account: AccountId
    teams: tuple[TeamPlan, ...]
    changes: tuple[TeamChange, ...]
    findings: tuple[Finding, ...]
    has_permission_sets: bool = False


def plan_teams(register: Register, policies: TeamPolicies) -> TeamsPlan:
    """Return what applying the register would change in the provider's account; nothing is changed.

    Raises:
        Conflict: the credentials are for another account, or the quotas leave no room for what is wanted.
        InvalidFile: teams name groups and roles that the account does not have; all of them at once.
    """
    partition, account = policies.owner()
    if account != register.account:
        raise Conflict(
            f"these credentials are for account {account}, and the register is of the provider's account"
            f" {register.account}",
            why="the teams' policies stand in the provider's own account",
            next_step="use credentials of the account that the register names, such as another AWS_PROFILE",
        )
    ways = ways_of(register)
    standing = policies.standing()
    missing = tuple(missing_holders(ways, standing.everything))
    if missing:
        raise InvalidFile(missing)
    wanted = wanted_policies(ways, standing, partition)
    _demand_room(wanted, standing)
    changes = plan_team_access(wanted, standing.policies)
    findings = (*_claimed_names(ways), *other_ways(register, standing))
    has_sets = any(set_of_role(role.arn) for role in standing.everything.roles)
    return TeamsPlan(account, tuple(_teams(register, ways, standing)), changes, findings, has_sets)


def wanted_policies(ways: Ways, standing: ProviderAccount, partition: Partition) -> tuple[TeamPolicy, ...]:
    """Return the policies that let every team into its customers' roles, attached to its groups and roles.

    One more for each team lets it read its own second factors. Those that stand are kept as they are as far as they
    can be, so that one customer more changes one policy.
    """
    found = []
    readers: dict[TeamName, frozenset[TeamHolder]] = {}
    for (team, means), roles in ways.items():
        holders = frozenset(holders_of(team, means))
        numbered = numbered_policies(standing.policies, team.name, means)
        room = min((room_on(holder, standing) for holder in holders), default=0)
        packed = pack(
            roles,
            PolicySizes(LARGEST_POLICY, max(room - 1, 1)),
            standing=[policy.document for policy in numbered.values()],
            own_name=USER_NAME if means is Access.GROUP else None,
        )
        fresh = count(max(numbered, default=0) + 1)
        for number, text in zip(chain(numbered, fresh), packed.slots, strict=False):
            if text is not None:
                found.append(TeamPolicy(policy_name(team.name, means, number), text, holders))
        readers[team.name] = readers.get(team.name, frozenset()) | holders
    stores = (store_policy(partition, standing.account, team, holders) for team, holders in readers.items())
    return (*found, *stores)


def holders_of(team: Team, means: Access) -> tuple[TeamHolder, ...]:
    """Return to whom the team's policies are attached."""
    if means is Access.GROUP:
        return tuple(TeamHolder(HolderKind.GROUP, name) for name in team.iam_groups)
    return tuple(TeamHolder(HolderKind.ROLE, name) for name in team.iam_roles)


def _demand_room(wanted: tuple[TeamPolicy, ...], standing: ProviderAccount) -> None:
    """Let only a plan pass that the account has room for.

    Raises:
        Conflict: it has not; every quota that is short is named.
    """
    short = list(overflows(wanted, standing))
    if short:
        raise Conflict(
            "the account has no room for what the teams need",
            why="; ".join(each.why for each in short),
            next_step="; ".join(dict.fromkeys(each.advice for each in short)) + "; nothing was changed",
        )


def _claimed_names(ways: Ways) -> Iterator[Finding]:
    for team, means in ways:
        if means is Access.ROLE:
            yield _NAME_CLAIMED.on(f"team {team.name}")


def _teams(register: Register, ways: Ways, standing: ProviderAccount) -> Iterator[TeamPlan]:
    """Yield every team of the register, then those that stand in the account and are in it no more."""
    now = _reached_now(standing)
    for team in sorted(register.teams.values(), key=lambda team: team.name):
        wanted: set[RoleArn] = set()
        by: list[TeamHolder] = []
        for (each, means), roles in ways.items():
            if each.name == team.name:
                wanted |= roles
                by += holders_of(each, means)
        reached = now.pop(team.name.text, frozenset())
        yield TeamPlan(
            team.name.text,
            _accounts(wanted),
            _accounts(wanted) - _accounts(reached),
            _accounts(reached) - _accounts(wanted),
            tuple(by),
        )
    for name, reached in sorted(now.items()):
        yield TeamPlan(name, frozenset(), frozenset(), _accounts(reached))


def _reached_now(standing: ProviderAccount) -> dict[str, frozenset[RoleArn]]:
    found: dict[str, frozenset[RoleArn]] = {}
    for policy in standing.policies:
        team = team_of(policy.name) or policy.name
        reached = reach_of(policy.document) if policy.holders else None
        found[team] = found.get(team, frozenset()) | (reached.roles if reached is not None else frozenset())
    return found


def _accounts(roles: Collection[RoleArn]) -> frozenset[AccountId]:
    return frozenset(role.account for role in roles)
