"""Values that tests of teams begin from: a provider with two teams, two customers, and an account in memory."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.account_policies import Holder
from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.register import Access, Customer, CustomerName, Register, Team, TeamName

PROVIDER = AccountId("111122223333")
NETOPS, STORAGE = TeamName("netops"), TeamName("storage")
SUPPORT = GrantName("support")
TEAMS = (
    Team(NETOPS, iam_groups=("NetOps",)),
    Team(STORAGE, iam_roles=("Storage",)),
)


def arn(number: int, name: str = "support") -> RoleArn:
    """Return the role of a customer, numbered from 1."""
    return RoleArn(f"arn:aws:iam::{400000000000 + number}:role/gatepass/ServiceProvider-111122223333-{name}")


def customer(number: int, *teams: TeamName, access: Access | None = None) -> Customer:
    """Return a customer with one grant that these teams may use."""
    role = arn(number)
    return Customer(
        CustomerName(f"customer-{number}"), f"company-{number}", role.account, f"KEY{number}",
        {SUPPORT: role}, {SUPPORT: teams} if teams else {}, access,
    )  # fmt: skip


def register(*customers: Customer, teams: Iterable[Team] = TEAMS) -> Register:
    """Return a register of these customers."""
    return Register(PROVIDER, {team.name: team for team in teams}, {one.name: one for one in customers})


def user(name: str, *groups: str, **inline: Document) -> Holder:
    """Return a user of the provider's account."""
    return Holder(f"arn:aws:iam::{PROVIDER}:user/{name}", inline=inline, groups=groups)


def role(name: str, **inline: Document) -> Holder:
    """Return a role of the provider's account."""
    return Holder(f"arn:aws:iam::{PROVIDER}:role/{name}", inline=inline)


def group(name: str) -> Holder:
    """Return a group of the provider's account."""
    return Holder(f"arn:aws:iam::{PROVIDER}:group/{name}")


def allow(action: str, resource: str = "*") -> Document:
    """Return a policy that allows one thing."""
    return policy({"Effect": "Allow", "Action": action, "Resource": resource})


def account(*more: Holder) -> MemoryTeams:
    """Return the provider's account: maria is in the group NetOps, olaf in none, and there is the role Storage."""
    people = (user("maria", "NetOps"), user("olaf"))
    return MemoryTeams(
        PROVIDER,
        users=(*people, *(each for each in more if ":user/" in each.arn)),
        groups=(group("NetOps"), group("Billing")),
        roles=(role("Storage"), *(each for each in more if ":role/" in each.arn)),
    )
