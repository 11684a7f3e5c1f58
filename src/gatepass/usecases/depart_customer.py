"""Let the provider go from a customer: nobody of its account reaches the customer's roles, and nothing opens them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gatepass.decision.matrix import RoleSide
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.domain.kept_secrets import is_of_customer
from gatepass.domain.permission_sets import SetChange
from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.domain.team_access import TeamChange
from gatepass.ports.register import RegisterBook
from gatepass.ports.secrets import SecretStore
from gatepass.ports.teams import PermissionSets, TeamPolicies
from gatepass.usecases.apply_permission_sets import apply_team_sets
from gatepass.usecases.apply_teams import apply_teams
from gatepass.usecases.plan_permission_sets import SetsPlan, plan_team_sets
from gatepass.usecases.plan_teams import TeamsPlan, plan_teams
from gatepass.usecases.principals_asked import administers, groups_of_principals, reached_by
from gatepass.usecases.prove_permission_sets import with_sessions

_TeamsChange = TeamChange | TeamRoleChange | SetChange


@dataclass(frozen=True, slots=True)
class OwnSide:
    """Everything of the provider's own that a customer's roles are entered with.

    Attributes:
        teams: the policies of its account.
        center: how to reach Identity Center; called only when the register or the account asks for it.
        secrets: the shared store of second factors.
        forget_sessions: forgets the sessions of a role that are ready to hand out here, and says how many.
    """

    book: RegisterBook
    teams: TeamPolicies
    center: Callable[[], PermissionSets]
    secrets: SecretStore
    forget_sessions: Callable[[RoleArn], int]


@dataclass(frozen=True, slots=True)
class ShutOut:
    """What leaving a customer changes in the provider's account.

    Attributes:
        sets: None when nothing of the register or the account is about Identity Center.
    """

    teams: TeamsPlan
    sets: SetsPlan | None

    @property
    def changes(self) -> tuple[_TeamsChange, ...]:
        """All of it."""
        return (*self.teams.changes, *(self.sets.changes if self.sets is not None else ()))


@dataclass(frozen=True, slots=True)
class Reached:
    """Who could still enter the roles, as the decision engine decides every principal's call; no role was tried.

    Attributes:
        principals: how many users, roles and permission sets were asked.
        by: those that get in, administrators aside.
        administrators: those that could grant themselves the way, to any customer.
        unread: policies that nobody could read, so that nothing is proved.
    """

    principals: int
    by: tuple[str, ...]
    administrators: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether it is proved that nobody gets in."""
        return not self.by and not self.unread


def unassigned(register: Register, customer: Customer) -> Register:
    """Return the register with the customer in it, whom no team may use."""
    return replace(register, customers={**register.customers, customer.name: replace(customer, teams={})})


def plan_shut_out(customer: Customer, own: OwnSide) -> ShutOut:
    """Return what has to change in the provider's account so that no team reaches the customer; nothing is changed.

    Raises:
        Conflict: applying the register would also let teams into other customers, or out of them.
        InvalidFile: teams name groups and roles that are not there.
        AccessRefused: the credentials may not read the account.
    """
    wanted = unassigned(own.book.load(), customer)
    teams = plan_teams(wanted, own.teams)
    sets = plan_team_sets(wanted, own.center()) if _asks_center(wanted, teams) else None
    _demand_only(customer.account, teams, sets)
    return ShutOut(teams, sets)


def shut_out(customer: Customer, own: OwnSide) -> int:
    """Make these changes, and return how many there were.

    Raises:
        Conflict: as of ``plan_shut_out``.
        AccessRefused: AWS denied a change; those before it stand, and another run finishes.
    """
    planned = plan_shut_out(customer, own)
    return sum(1 for _ in _made(planned, own))


def take_assignments(name: CustomerName, own: OwnSide) -> None:
    """Let no team use the customer by the register, so that nobody who applies it meanwhile lets them in again."""
    found = own.book.load().customers.get(name)
    if found is not None and found.teams:
        own.book.add(replace(found, teams={}))


def take_out(name: CustomerName, own: OwnSide) -> None:
    """Take the customer out of the register; one that is gone is a success."""
    if name in own.book.load().customers:
        own.book.remove(name)


def factors_of(name: CustomerName, own: OwnSide) -> tuple[str, ...]:
    """Return the names of everything that the store keeps of the customer; no secret is read."""
    return tuple(sorted(each for each in own.secrets.names("") if is_of_customer(each, name)))


def who_reaches(customer: Customer, own: OwnSide) -> Reached:
    """Read the provider's account again, and decide for every principal whether it gets into a role of the customer.

    Raises:
        AccessRefused: the credentials may not read the account.
    """
    account = own.book.load().account
    standing = own.teams.standing()
    wanted = unassigned(own.book.load(), customer)
    center = own.center().standing(account) if _asks_center(wanted, plan_teams(wanted, own.teams)) else None
    groups, unread = groups_of_principals(with_sessions(standing.everything, center), lambda _: frozenset())
    by, administrators = list[str](), list[str]()
    for asked, reached in zip(groups, reached_by(groups, _sides(customer, account)), strict=True):
        if administers(asked, str(account)):
            administrators += asked.names
        elif reached:
            by += asked.names
    count = sum(len(asked.names) for asked in groups)
    return Reached(count, tuple(sorted(by)), tuple(sorted(administrators)), tuple(unread))


def _asks_center(wanted: Register, teams: TeamsPlan) -> bool:
    """Say whether permission sets may let anybody in: also where this was their last customer, and no role tells it."""
    return teams.has_permission_sets or any(team.identity_center_group for team in wanted.teams.values())


def _made(planned: ShutOut, own: OwnSide) -> Iterator[_TeamsChange]:
    yield from apply_teams(planned.teams, own.teams)
    if planned.sets is not None and planned.sets.changes:
        yield from apply_team_sets(planned.sets, own.center())


def _demand_only(account: AccountId, teams: TeamsPlan, sets: SetsPlan | None) -> None:
    """Let only a plan pass by which no team gains anybody or loses somebody else."""
    moved = [(team.gained, team.lost) for team in teams.teams]
    moved += [(team.gained, team.lost) for team in (sets.teams if sets is not None else ())]
    others = {str(one) for gained, lost in moved for one in (*gained, *(lost - {account}))}
    if others:
        raise Conflict(
            "the provider's account is not as its register says",
            why=f"with this customer's leave, teams would also be let into or out of: {', '.join(sorted(others))}",
            next_step="look at gatepass plan, with the provider's file; apply it, then run this again",
        )


def _sides(customer: Customer, account: AccountId) -> list[RoleSide]:
    """Return the customer's roles as doors that leave everything to the provider's account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": str(account)}, "Action": "sts:*"}
    trust = parse_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
    return [RoleSide(arn, str(customer.account), trust) for arn in sorted(map(str, customer.roles.values()))]
