"""Every IAM policy of one account, and who holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gatepass.domain.documents import Document
from gatepass.domain.errors import NotThere
from gatepass.domain.identifiers import AccountId


@dataclass(frozen=True, slots=True)
class LastUse:
    """When a role's sessions last asked AWS for something; IAM looks back 400 days.

    Attributes:
        at: the instant, or None when nobody used the role in that time.
        region: the Region that was asked, or None when it is not told.
    """

    at: datetime | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, a group or a role with what is attached to it; trust and inline documents stay out of ``repr``.

    Attributes:
        inline: documents by name.
        attached: the ARNs of managed policies.
        boundary: the ARN of the permissions boundary.
        groups: the names of the user's groups.
        trust: who may enter; of roles only.
        created: when it was made, or None where that is not told.
        last_used: of roles only; None where nobody told, which is not the same as never.
    """

    arn: str
    inline: Mapping[str, Document] = field(default_factory=dict, repr=False)
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    groups: tuple[str, ...] = ()
    trust: Document | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)
    created: datetime | None = None
    last_used: LastUse | None = None

    @property
    def name(self) -> str:
        """The name without its path, by which IAM knows it in its account."""
        return self.arn.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class AccountPolicies:
    """The policies of one account as they stand.

    Attributes:
        managed: the documents of managed policies by ARN, AWS's own among them as far as they are in use.
    """

    account: AccountId
    users: tuple[Holder, ...] = ()
    groups: tuple[Holder, ...] = ()
    roles: tuple[Holder, ...] = ()
    managed: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def user(self, name: str) -> Holder:
        """Return a user by name.

        Raises:
            NotThere: the account has none of that name.
        """
        return _named(self.users, name, f"user {name} in account {self.account}")

    def role(self, name: str) -> Holder:
        """Return a role by name.

        Raises:
            NotThere: the account has none of that name.
        """
        return _named(self.roles, name, f"role {name} in account {self.account}")

    def documents(self, holder: Holder) -> dict[str, Document | None]:
        """Return what a holder may do by its own policies and its groups', by name; ``None`` for a text not known."""
        found: dict[str, Document | None] = {f"{holder.name}/{name}": text for name, text in holder.inline.items()}
        found |= {arn: self.managed.get(arn) for arn in holder.attached}
        for group in self.groups:
            if group.name in holder.groups:
                found |= self.documents(group)
        return found


def _named(holders: tuple[Holder, ...], name: str, words: str) -> Holder:
    for holder in holders:
        if holder.name.lower() == name.lower():
            return holder
    raise NotThere(
        f"there is no {words}",
        why="the account's details do not list it",
        next_step="check the name, or fetch the details again: aws iam get-account-authorization-details",
    )
