"""The provider's register: which customers it serves by which roles, and which team may use which of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn

if TYPE_CHECKING:
    # The engineer's hot path reads no key.
    from gatepass.domain.signed_file import PublicKey

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
# Each team's second factors lie under its name in the shared store, and under these lie other secrets.
NO_TEAMS = frozenset({"customer", "provider"})
LONGEST_COMPANY = 100


def _demand_name(text: str, what: str) -> None:
    if not _NAME.fullmatch(text):
        raise InvalidInput(
            f"{text!r} cannot name a {what}",
            why="a name has 1 to 64 small letters, digits and hyphens, and neither begins nor ends with a hyphen",
            next_step="choose a short name such as: acme-prod",
        )


@dataclass(frozen=True, slots=True, order=True)
class CustomerName:
    """What the provider calls one customer's account: small letters, digits and hyphens, at most 64."""

    text: str

    def __post_init__(self) -> None:
        _demand_name(self.text, "customer")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class TeamName:
    """The name of a team of engineers: small letters, digits and hyphens, at most 64."""

    text: str

    def __post_init__(self) -> None:
        _demand_name(self.text, "team")
        if self.text in NO_TEAMS:
            raise InvalidInput(
                f"no team can be named {self.text}",
                why=f"in the shared store, what lies under {self.text}/ is no team's to read",
                next_step=f"choose another name, such as: {self.text}s-team",
            )

    def __str__(self) -> str:
        return self.text


class Access(Enum):
    """By which means of AWS a team is let into a customer's role."""

    GROUP = "group"
    ROLE = "role"
    ROLE_PER_CUSTOMER = "role-per-customer"
    PERMISSION_SET = "permission-set"


@dataclass(frozen=True, slots=True)
class Team:
    """Engineers who serve the same customers.

    Attributes:
        iam_roles: names of roles of the provider's account that its engineers use.
        iam_groups: names of IAM groups that they are in.
        identity_center_group: the display name of their group in Identity Center.
        policy: with what the names of its policies begin; None for ``gatepass-<team>``.
        arns_only: whether its policies name every role in full, without a condition that carries the accounts.
    """

    name: TeamName
    iam_roles: tuple[str, ...] = ()
    iam_groups: tuple[str, ...] = ()
    identity_center_group: str | None = None
    policy: str | None = None
    arns_only: bool = False

    @property
    def policy_prefix(self) -> str:
        """With what the names of the team's policies begin."""
        return self.policy or f"gatepass-{self.name}"

    @property
    def means(self) -> tuple[Access, ...]:
        """The means by which the team can be let in, the usual one first."""
        found = [
            (Access.GROUP, bool(self.iam_groups)),
            (Access.ROLE, bool(self.iam_roles)),
            (Access.PERMISSION_SET, self.identity_center_group is not None),
        ]
        return tuple(means for means, given in found if given)


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer's account, as the provider knows it.

    Attributes:
        company: whose account it is; a company may have many.
        key: the customer key of its external IDs; for IDs that others chose, a keyed digest.
        roles: the role of each grant.
        teams: which teams may use which grant.
        access: by which means; None for what each team has.
        signed_by: the key that its passes are signed with; None before the first.
        last_pass: when the pass of each grant that was admitted last was written; older ones are never admitted.
    """

    name: CustomerName
    company: str
    account: AccountId
    key: str
    roles: Mapping[GrantName, RoleArn] = field(default_factory=dict)
    teams: Mapping[GrantName, tuple[TeamName, ...]] = field(default_factory=dict)
    access: Access | None = None
    signed_by: PublicKey | None = None
    last_pass: Mapping[GrantName, datetime] = field(default_factory=dict)

    def role(self, grant: GrantName) -> RoleArn:
        """Return the role of a grant.

        Raises:
            NotThere: the customer has no grant of that name.
        """
        found = self.roles.get(grant)
        if found is None:
            names = ", ".join(str(name) for name in sorted(self.roles)) or "none"
            raise NotThere(
                f"the customer {self.name} has no grant {grant}",
                why=f"the register knows of it: {names}",
                next_step=f"gatepass customers show {self.name}",
            )
        return found


@dataclass(frozen=True, slots=True)
class Register:
    """Everything that the provider's files say, whole and without contradiction.

    Attributes:
        account: the provider's own account.
    """

    account: AccountId
    teams: Mapping[TeamName, Team] = field(default_factory=dict)
    customers: Mapping[CustomerName, Customer] = field(default_factory=dict)

    def assignments(self) -> Iterator[tuple[Team, Customer, GrantName, RoleArn]]:
        """Yield who may use what, customer by customer."""
        for customer in self.customers.values():
            for grant, teams in customer.teams.items():
                for team in teams:
                    yield self.teams[team], customer, grant, customer.roles[grant]
