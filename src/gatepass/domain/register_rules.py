"""What must hold over a whole register: one role for one grant, one key for one customer, teams that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidFile, NotThere, Overtaken, Problem
from gatepass.domain.identifiers import AccountId
from gatepass.domain.register import Customer, CustomerName, Register, Team

Path = tuple[str | int, ...]
# What whoever changes customers has seen of each before; None for nobody of that name.
Expected = Mapping[CustomerName, Customer | None]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two things in the register that cannot both hold.

    Attributes:
        path: the keys that lead to the later one.
        other: the keys that lead to the earlier one; None when it is nowhere in the files.
    """

    path: Path
    other: Path | None
    what: str
    why: str
    next_step: str


@dataclass
class _Seen:
    """Where each thing that may stand only once stood first."""

    accounts: dict[AccountId, Path] = field(default_factory=dict)
    keys: dict[str, Path] = field(default_factory=dict)
    roles: dict[tuple[AccountId, str], Path] = field(default_factory=dict)


def team_contradictions(teams: Iterable[Team]) -> Iterator[Contradiction]:
    """Yield teams whose policies would have the same names; IAM knows no difference by case."""
    seen: dict[str, Team] = {}
    for team in teams:
        other = seen.setdefault(team.policy_prefix.lower(), team)
        if other is not team:
            yield Contradiction(
                _policy_path(team),
                _policy_path(other),
                f"the policies of {team.name} would have the names of those of {other.name}",
                f"both begin with {team.policy_prefix}, and IAM keeps names unique whatever their case",
                f"write another policy: under {team.name}, or leave it out",
            )


def _policy_path(team: Team) -> Path:
    return ("teams", str(team.name), *(("policy",) if team.policy else ()))


def contradictions(
    account: AccountId | None, teams: Collection[str], customers: Iterable[Customer]
) -> Iterator[Contradiction]:
    """Yield everything that cannot hold together.

    Args:
        account: the provider's own; None when it cannot be read.
        teams: the names of the teams that are declared.
        customers: all of them, in the order of the files.
    """
    seen = _Seen()
    for customer in customers:
        path = ("customers", str(customer.name))
        yield from _account(customer, path, account, seen)
        yield from _key(customer, path, seen)
        yield from _roles(customer, path, seen)
        yield from _teams(customer, path, teams)


def demand_whole(register: Register) -> None:
    """Let only a register pass that holds no contradiction.

    Raises:
        InvalidFile: every contradiction, without places.
    """
    teams = frozenset(str(name) for name in register.teams)
    of_customers = contradictions(register.account, teams, register.customers.values())
    found = tuple(
        Problem(each.path, each.what, each.why, each.next_step)
        for each in (*team_contradictions(register.teams.values()), *of_customers)
    )
    if found:
        raise InvalidFile(found)


def find_customer(register: Register, name: CustomerName) -> Customer:
    """Return the customer of that name.

    Raises:
        NotThere: the register has none.
    """
    found = register.customers.get(name)
    if found is None:
        number = len(register.customers)
        raise NotThere(
            f"the register has no customer {name}",
            why=f"it has {number} customer{'s' if number != 1 else ''}, none of that name",
            next_step=meant(str(name), [str(known) for known in register.customers]).strip()
            or "gatepass customers list",
        )
    return found


def meant(written: str, known: Collection[str]) -> str:
    """Return which of the known names may have been meant, as a question, or nothing."""
    # Needed for misspelt names only, and every engineer's command imports these rules.
    import difflib  # noqa: PLC0415

    near = difflib.get_close_matches(written, known, n=1)
    return f"did you mean {near[0]}? " if near else ""


def _account(customer: Customer, path: Path, own: AccountId | None, seen: _Seen) -> Iterator[Contradiction]:
    here = (*path, "account")
    if customer.account == own:
        what = f"the account of {customer.name} is the provider's own"
        why = "a customer's roles stand in the customer's account"
        yield Contradiction(here, ("account",), what, why, "write the customer's account number")
    first = seen.accounts.setdefault(customer.account, here)
    if first != here:
        what = f"{customer.name} has the account of {first[1]}"
        why = "an account is one customer with one customer key, so that no two external IDs are ever the same"
        yield Contradiction(here, first, what, why, "join the two: all roles of an account stand under one name")


def _key(customer: Customer, path: Path, seen: _Seen) -> Iterator[Contradiction]:
    here = (*path, "key")
    # Without regard to case, so that no slip of a key is another customer's.
    first = seen.keys.setdefault(customer.key.lower(), here)
    if first != here:
        what = f"{customer.name} has the customer key of {first[1]}"
        why = "an external ID must be one customer's alone, or one customer could be reached in another's name"
        yield Contradiction(here, first, what, why, "make a new offer for one of the two")


def _roles(customer: Customer, path: Path, seen: _Seen) -> Iterator[Contradiction]:
    names: dict[str, Path] = {}
    for grant, arn in customer.roles.items():
        here = (*path, "roles", str(grant))
        if arn.account != customer.account:
            what = f"the role of {customer.name} for {grant} stands in account {arn.account}"
            why = f"the customer's account is {customer.account}"
            next_step = "copy the role ARN that this customer sent"
            yield Contradiction(here, (*path, "account"), what, why, next_step)
        overlapping = names.setdefault(str(grant).lower(), here)
        if overlapping != here:
            what = f"grant {grant} overlaps with {overlapping[-1]}"
            why = "IAM does not tell role names apart by case, so both would be one role"
            yield Contradiction(here, overlapping, what, why, "give one of them another name")
        # A role's name is unique in its account, whatever its path, and without regard to case.
        first = seen.roles.setdefault((arn.account, str(arn.name).lower()), here)
        if first != here:
            what = f"the role of {customer.name} for {grant} is that of {first[1]} for {first[3]}"
            why = "one role belongs to one customer and one grant"
            yield Contradiction(here, first, what, why, "keep it where it belongs")


def _teams(customer: Customer, path: Path, declared: Collection[str]) -> Iterator[Contradiction]:
    grants: Mapping[str, object] = {str(grant): None for grant in customer.roles}
    for grant, teams in customer.teams.items():
        here = (*path, "teams", str(grant))
        if str(grant) not in grants:
            what = f"{customer.name} has no role for {grant}, which teams are to use"
            why = "teams are given the grants that stand under roles"
            known = ", ".join(sorted(grants)) or "none"
            yield Contradiction(here, None, what, why, f"{meant(str(grant), grants)}roles has: {known}")
        listed: set[str] = set()
        for index, team in enumerate(teams):
            if str(team) not in declared:
                what = f"there is no team {team}"
                known = ", ".join(sorted(declared)) or "none"
                next_step = f"{meant(str(team), declared)}declared under teams: {known}"
                yield Contradiction((*here, index), None, what, "only declared teams can be let in", next_step)
            elif str(team) in listed:
                what, why = f"{team} stands twice", "a team is let in once"
                yield Contradiction((*here, index), here, what, why, "take one of them out")
            listed.add(str(team))


def demand_expected(register: Register, expected: Expected) -> None:
    """Let a change pass only if nobody else changed the same customers since they were seen.

    Raises:
        Overtaken: somebody did.
    """
    for name, seen in expected.items():
        if register.customers.get(name) != seen:
            raise Overtaken(
                f"the register has changed what it says of {name} meanwhile, and nothing was written",
                why="somebody else admitted a pass or edited the entry",
                next_step="do it once more; it goes by what stands there now",
            )
