"""Compare what the register says of the teams with what stands in the provider's account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from gatepass.domain.errors import Conflict, InvalidFile
from gatepass.domain.findings import Finding, Remark, Severity
from gatepass.domain.identifiers import AccountId, Partition, RoleArn
from gatepass.domain.packing import USER_NAME, PolicySizes, pack
from gatepass.domain.permission_sets import set_of_role
from gatepass.domain.plan_team_roles import TeamRoleChange, plan_team_roles
from gatepass.domain.plan_teams import takes_and_gives
from gatepass.domain.register import Access, Register, Team
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
from gatepass.domain.team_roles import TeamRole, standing_team_roles
from gatepass.ports.teams import TeamPolicies
from gatepass.usecases.plan_team_roles import (
    demand_free_names,
    reached_by_roles,
    role_overflows,
    wanted_doors,
    wanted_team_roles,
)
from gatepass.usecases.prove_teams import other_ways
from gatepass.usecases.team_ways import (
    Overflow,
    Ways,
    doors_of,
    missing_holders,
    overflows,
    room_for_both,
    room_on,
    ways_of,
)

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
        by: to whom the policies are attached that let into customers' roles themselves.
        own_roles: how many roles of the provider's own it has, one for each customer that it reaches by way of it.
    """

    name: str
    customers: frozenset[AccountId] = field(repr=False)
    gained: frozenset[AccountId]
    lost: frozenset[AccountId]
    by: tuple[TeamHolder, ...] = ()
    own_roles: int = 0


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
    changes: tuple[TeamChange | TeamRoleChange, ...]
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
    let = (*ways, *doors_of(register))
    missing = tuple(missing_holders(let, standing.everything))
    if missing:
        raise InvalidFile(missing)
    wanted = wanted_policies(ways, standing, partition, wanted_doors(register, standing))
    roles = wanted_team_roles(register, standing)
    demand_free_names(roles, standing.everything)
    _demand_room((*overflows(wanted, standing, register.teams.values()), *role_overflows(roles, standing)))
    findings = (*_claimed_names(let), *other_ways(register, standing))
    has_sets = any(set_of_role(role.arn) for role in standing.everything.roles)
    teams = tuple(_teams(register, ways, standing, roles))
    return TeamsPlan(account, teams, _changes(wanted, roles, standing), findings, has_sets)


def _changes(
    wanted: Collection[TeamPolicy], roles: Collection[TeamRole], standing: ProviderAccount
) -> tuple[TeamChange | TeamRoleChange, ...]:
    """Return the changes to policies and roles: what takes access away comes first, of both, then what gives it.

    The first policy that gives may still take something away too, so policies come before roles there.
    """
    less, more = takes_and_gives(wanted, standing.policies, room_for_both(wanted, standing))
    fewer_roles, more_roles = plan_team_roles(roles, standing_team_roles(standing.everything))
    return (*less, *fewer_roles, *more, *more_roles)


def wanted_policies(
    ways: Ways, standing: ProviderAccount, partition: Partition, doors: Mapping[Team, TeamPolicy]
) -> tuple[TeamPolicy, ...]:
    """Return the policies that let every team into its customers' roles, attached to its groups and roles.

    One more for each team lets it read its own second factors. Those that stand are kept as they are as far as they
    can be, so that one customer more changes one policy.
    """
    found = []
    readers: dict[Team, frozenset[TeamHolder]] = {}
    for (team, means), roles in ways.items():
        holders = frozenset(holders_of(team, means))
        numbered = numbered_policies(standing.policies, team, means)
        room = min((room_on(holder, standing) for holder in holders), default=0)
        packed = pack(
            roles,
            PolicySizes(LARGEST_POLICY, max(room - 1, 1)),
            standing=[policy.document for policy in numbered.values()],
            own_name=USER_NAME if means is Access.GROUP else None,
            arns_only=team.arns_only,
        )
        fresh = count(max(numbered, default=0) + 1)
        for number, text in zip(chain(numbered, fresh), packed.slots, strict=False):
            if text is not None:
                found.append(TeamPolicy(policy_name(team, means, number), text, holders))
        readers[team] = readers.get(team, frozenset()) | holders
    for team, door in doors.items():
        found.append(door)
        readers[team] = readers.get(team, frozenset()) | door.holders
    stores = (store_policy(partition, standing.account, team, holders) for team, holders in readers.items())
    return (*found, *stores)


def holders_of(team: Team, means: Access) -> tuple[TeamHolder, ...]:
    """Return to whom the team's policies are attached."""
    if means is Access.GROUP:
        return tuple(TeamHolder(HolderKind.GROUP, name) for name in team.iam_groups)
    return tuple(TeamHolder(HolderKind.ROLE, name) for name in team.iam_roles)


def _demand_room(short: Collection[Overflow]) -> None:
    """Let only a plan pass that the account has room for.

    Raises:
        Conflict: it has not; every quota that is short is named.
    """
    if short:
        raise Conflict(
            "the account has no room for what the teams need",
            why="; ".join(each.why for each in short),
            next_step="; ".join(dict.fromkeys(each.advice for each in short)) + "; nothing was changed",
        )


def _claimed_names(let: Iterable[tuple[Team, Access]]) -> Iterator[Finding]:
    for team, means in dict.fromkeys(let):
        if means is Access.ROLE:
            yield _NAME_CLAIMED.on(f"team {team.name}")


def _teams(
    register: Register, ways: Ways, standing: ProviderAccount, team_roles: Collection[TeamRole]
) -> Iterator[TeamPlan]:
    """Yield every team of the register, then those that stand in the account and are in it no more."""
    now = _reached_now(register, standing)
    for team in sorted(register.teams.values(), key=lambda team: team.name):
        wanted: set[RoleArn] = set()
        by: list[TeamHolder] = []
        for (each, means), roles in ways.items():
            if each.name == team.name:
                wanted |= roles
                by += holders_of(each, means)
        own = [role for role in team_roles if role.team == team.name]
        wanted.update(*(role.reach for role in own))
        reached = now.pop(team.name.text, frozenset())
        yield TeamPlan(
            team.name.text,
            _accounts(wanted),
            _accounts(wanted) - _accounts(reached),
            _accounts(reached) - _accounts(wanted),
            tuple(by),
            len(own),
        )
    for name, reached in sorted(now.items()):
        yield TeamPlan(name, frozenset(), frozenset(), _accounts(reached))


def _held_by(policy: TeamPolicy, register: Register) -> str:
    """Return the one team that holds a policy whose name tells none, as after its name was changed; else its name."""
    teams = [
        team.name.text
        for team in register.teams.values()
        if policy.holders & {holder for means in (Access.GROUP, Access.ROLE) for holder in holders_of(team, means)}
    ]
    return teams[0] if len(teams) == 1 else policy.name


def _reached_now(register: Register, standing: ProviderAccount) -> dict[str, frozenset[RoleArn]]:
    found = dict(reached_by_roles(standing.everything))
    for policy in standing.policies:
        team = team_of(policy.name, register.teams.values()) or _held_by(policy, register)
        reached = reach_of(policy.document) if policy.holders else None
        found[team] = found.get(team, frozenset()) | (reached.roles if reached is not None else frozenset())
    return found


def _accounts(roles: Collection[RoleArn]) -> frozenset[AccountId]:
    return frozenset(role.account for role in roles)
