"""The roles of a customer's account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn, RoleArn, RoleName
from gatepass.domain.quotas import Quotas
from gatepass.domain.role import Role


@dataclass(frozen=True, slots=True)
class Sighting:
    """The switch of a role as AWS showed it, and when by AWS's own clock.

    Attributes:
        trust: the trust policy, or None when there is no such role.
        switch: the switch policy, or None when the role has none.
        aws_time: the Date header of AWS's answer, UTC, whole seconds.
    """

    trust: Document | None = field(repr=False)
    switch: Document | None = field(repr=False)
    aws_time: datetime


@dataclass(frozen=True, slots=True)
class Inventory:
    """What stands in an account: our roles, and every role name that is taken.

    Attributes:
        ours: the roles under our path, those that were adopted, and those that the file names to adopt.
        taken: the names of all other roles; IAM compares them without regard to case.
    """

    ours: Mapping[RoleName, Role] = field(default_factory=dict)
    taken: frozenset[RoleName] = frozenset()


@dataclass(frozen=True, slots=True)
class StandingRole:
    """One role as far as its switch goes, and when by AWS's own clock.

    Attributes:
        role: with no permission policies, and of its inline policies the switch only.
        aws_time: the Date header of AWS's answer, UTC, whole seconds.
    """

    arn: RoleArn
    role: Role
    aws_time: datetime


class SwitchDirectory(Protocol):
    """The roles of one account, one at a time and as far as their switch goes: what thousands of rotations need."""

    def standing_role(self, name: RoleName) -> StandingRole | None:
        """Return the role as it stands now, in two calls, or None when there is none.

        Raises:
            AccessRefused: AWS denied it.
        """

    def make(self, change: Change) -> None:
        """Replace a trust, write or delete an inline policy, or set tags; deleting what is gone is a success.

        Raises:
            NotThere: there is no such role.
            AccessRefused: AWS denied it.
            Conflict: AWS could not do it: a trust that is too long.
        """


class RoleDirectory(Protocol):
    """The roles of one account, where AWS is the state."""

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is.

        Raises:
            AccessRefused: the credentials are not accepted.
        """

    def inventory(self, adopted: Collection[RoleName] = ()) -> Inventory:
        """Return what stands in the account, read in pages and not role by role.

        Args:
            adopted: roles to read as ours wherever they stand.
        """

    def standing(self) -> Mapping[RoleArn, Role]:
        """Return our roles as they stand, without the limits of their sessions: one call for a thousand roles."""

    def quotas(self) -> Quotas | None:
        """Return what the account may hold, or None when the credentials may not know."""

    def policy_text(self, policy: PolicyArn) -> Document | None:
        """Return the text of a managed policy as it stands, or None when the credentials may not read it."""

    def sight(self, name: RoleName) -> Sighting:
        """Return the switch of one role as it stands now, in two calls."""

    def managed_policies(self) -> Mapping[PolicyArn, str]:
        """Return every managed policy that can be attached, with its name."""

    def make(self, change: Change) -> None:
        """Make one change; creating what stands and deleting what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            Conflict: AWS could not do it: a quota, a name that is taken, a policy that is too long.
        """
