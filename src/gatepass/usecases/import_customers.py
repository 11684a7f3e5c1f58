"""Take customers from a list that somebody kept elsewhere into the register: all that is right, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gatepass.domain.errors import InvalidFile, InvalidInput, Problem
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.listed_role import ListedRole
from gatepass.domain.offered_keys import CUSTOMER_KEY_BITS, demand_register_key
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.register import LONGEST_COMPANY, Customer, CustomerName, Register, TeamName
from gatepass.domain.register_rules import contradictions, meant
from gatepass.ports.machine import Randomness

_OURS = re.compile(r"ServiceProvider-(?:[0-9]{12}-)?([A-Za-z][A-Za-z0-9-]{0,31})\Z", re.ASCII)
_NOT_IN_GRANT = re.compile(r"[^A-Za-z0-9-]+", re.ASCII)
_LONGEST_GRANT = 32


@dataclass(frozen=True, slots=True)
class AddedGrant:
    """One grant that the import adds, or adds teams to.

    Attributes:
        is_new: whether the customer was not in the register.
        draws_key: whether the customer got a fresh key.
    """

    customer: Customer
    grant: GrantName
    teams: tuple[TeamName, ...]
    is_new: bool
    draws_key: bool


@dataclass(frozen=True, slots=True)
class Import:
    """What importing a list would change.

    Attributes:
        customers: the customers as they would be.
        added: each grant in the order of the list.
        known: how many lines the register says already.
    """

    customers: tuple[Customer, ...]
    added: tuple[AddedGrant, ...]
    known: int


@dataclass
class _Sorting:
    """The register while the lines are put into it."""

    register: Register
    randomness: Randomness
    customers: dict[CustomerName, Customer]
    names: dict[AccountId, CustomerName]
    places: dict[tuple[str | int, ...], str] = field(default_factory=dict)
    added: list[tuple[CustomerName, GrantName, tuple[TeamName, ...]]] = field(default_factory=list)
    drawn: set[CustomerName] = field(default_factory=set)
    known: int = 0


def plan_import(listed: Iterable[ListedRole], register: Register, randomness: Randomness) -> Import:
    """Return what the list would add to the register.

    A line without a name is about the customer whose account it is, or about a new one that is named after the
    account; a line without a grant is about one that is named after the role.

    Raises:
        InvalidFile: every line that cannot be taken, each with its place.
    """
    by_account = {customer.account: customer.name for customer in register.customers.values()}
    sorting = _Sorting(register, randomness, dict(register.customers), by_account)
    problems: list[Problem] = []
    for line in listed:
        try:
            _take(line, sorting)
        except InvalidInput as error:
            problems.append(Problem((), error.what, error.why, error.next_step, line.place))
    changed = tuple(one for name, one in sorting.customers.items() if register.customers.get(name) != one)
    problems += _contradictions(sorting)
    if problems:
        raise InvalidFile(tuple(problems))
    added = tuple(
        AddedGrant(sorting.customers[name], grant, teams, name not in register.customers, name in sorting.drawn)
        for name, grant, teams in sorting.added
    )
    return Import(changed, added, sorting.known)


def _take(line: ListedRole, sorting: _Sorting) -> None:
    arn = RoleArn(line.role_arn)
    if line.account and AccountId(line.account) != arn.account:
        raise InvalidInput(
            f"the role stands in account {arn.account}, the line says {line.account}",
            why="a customer's roles stand in the customer's account",
            next_step="copy both from the customer",
        )
    name = CustomerName(line.name) if line.name else sorting.names.get(arn.account, _name_after(arn.account))
    before = sorting.customers.get(name)
    customer = before if before is not None else _new_customer(name, line, arn, sorting)
    _demand_same(customer, line, arn)
    grant = GrantName(line.grant) if line.grant else _grant_for(customer, arn)
    teams = _teams(line.teams, sorting.register.teams)
    had = customer.teams.get(grant, ())
    fresh = tuple(dict.fromkeys(team for team in teams if team not in had))
    if customer.roles.get(grant, arn) != arn:
        raise InvalidInput(
            f"{name} has another role for {grant}",
            why=f"it is {customer.roles[grant]}",
            next_step="give the grant another name, or take the old one out of the register first",
        )
    if grant in customer.roles and not fresh:
        sorting.known += 1
        return
    given = {**customer.teams, grant: (*had, *fresh)} if fresh else customer.teams
    sorting.customers[name] = replace(customer, roles={**customer.roles, grant: arn}, teams=given)
    sorting.names.setdefault(arn.account, name)
    sorting.places.setdefault(("customers", str(name)), line.place)
    sorting.places["customers", str(name), "roles", str(grant)] = line.place
    sorting.added.append((name, grant, fresh))


def _new_customer(name: CustomerName, line: ListedRole, arn: RoleArn, sorting: _Sorting) -> Customer:
    key = demand_register_key(line.key) if line.key else ""
    if not key:
        key = sorting.randomness.word(CUSTOMER_KEY_BITS)
        sorting.drawn.add(name)
    company = line.company or str(name)
    demand_line(company, "company", LONGEST_COMPANY)
    return Customer(name, company, arn.account, key)


def _demand_same(customer: Customer, line: ListedRole, arn: RoleArn) -> None:
    """Let only a line pass that says of the customer what is known of it."""
    if customer.account != arn.account:
        raise InvalidInput(
            f"{customer.name} has account {customer.account}, and the role stands in {arn.account}",
            why="a customer of the register is one account; a company may have many customers",
            next_step="give each account a name of its own",
        )
    if line.key and line.key != customer.key:
        raise InvalidInput(
            f"{customer.name} has another customer key",
            why="an account has one customer key; the first line of a customer that was new gives it",
            next_step="leave the key out, or give every line of the customer the same",
        )
    if line.company and line.company != customer.company:
        raise InvalidInput(
            f"{customer.name} is of company {customer.company}",
            why="an account belongs to one company",
            next_step="write the same company, or leave it out",
        )


def _teams(written: tuple[str, ...], declared: Mapping[TeamName, object]) -> tuple[TeamName, ...]:
    names = [str(team) for team in declared]
    for team in written:
        if team not in names:
            raise InvalidInput(
                f"there is no team {team}",
                why="only declared teams can be let in",
                next_step=f"{meant(team, names)}declared under teams: {', '.join(sorted(names)) or 'none'}",
            )
    return tuple(TeamName(team) for team in written)


def _name_after(account: AccountId) -> CustomerName:
    return CustomerName(f"account-{account}")


def _grant_for(customer: Customer, arn: RoleArn) -> GrantName:
    """Return the grant that has the role already, or one named after the role."""
    for grant, role in customer.roles.items():
        if role == arn:
            return grant
    ours = _OURS.search(str(arn.name))
    text = ours[1] if ours else _NOT_IN_GRANT.sub("-", str(arn.name)).strip("-")
    if not text[:1].isalpha():
        text = f"role-{text}"
    return GrantName(text[:_LONGEST_GRANT])


def _contradictions(sorting: _Sorting) -> Iterable[Problem]:
    """Yield what the register would then contradict, at the line that brings it in."""
    teams = frozenset(str(team) for team in sorting.register.teams)
    for found in contradictions(sorting.register.account, teams, sorting.customers.values()):
        path = found.path
        place = sorting.places.get(path[:4]) or sorting.places.get(path[:2], "")
        yield Problem(path, found.what, found.why, found.next_step, place)
