"""What the use-cases need from the outside, in the words of the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn, RoleName
from gatepass.domain.role import Role
from gatepass.domain.session import Caller, Entry, Session
from gatepass.domain.table import Table


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
        ours: the roles under our path.
        taken: the names of all other roles; IAM compares them without regard to case.
    """

    ours: Mapping[RoleName, Role] = field(default_factory=dict)
    taken: frozenset[RoleName] = frozenset()


class RoleDirectory(Protocol):
    """The roles of one account, where AWS is the state."""

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is.

        Raises:
            AccessRefused: the credentials are not accepted.
        """

    def inventory(self) -> Inventory:
        """Return what stands in the account, read in pages and not role by role."""

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


class TokenService(Protocol):
    """Who one is, and how one becomes somebody else."""

    def caller(self) -> Caller:
        """Return whose credentials these are.

        Raises:
            AccessRefused: they are not accepted, or have expired.
        """

    def enter(self, entry: Entry) -> Session:
        """Assume the role.

        Raises:
            AccessRefused: AWS said no; it does not say which condition failed.
        """


class SessionShelf(Protocol):
    """The sessions of one terminal, the current one last."""

    def sessions(self) -> Sequence[Session]:
        """Return the sessions, outermost first; expired ones are among them."""

    def put(self, sessions: Sequence[Session]) -> None:
        """Keep exactly these."""


class ResourceLister(Protocol):
    """The resources of one account, by the names of the catalogue."""

    def names(self) -> Sequence[str]:
        """Return the names that can be listed, sorted."""

    def list(self, name: str) -> Table:
        """Return every resource of that name.

        Raises:
            AccessRefused: the credentials may not list it.
        """


class PolicyReader(Protocol):
    """Every IAM policy of one account."""

    def account_policies(self) -> AccountPolicies:
        """Return the policies as they stand, with who holds them.

        Raises:
            AccessRefused: the credentials may not read them.
        """


class Clock(Protocol):
    """Our own clock, which may differ from AWS's."""

    def now(self) -> datetime:
        """Return the instant, in UTC."""

    def sleep(self, duration: timedelta) -> None:
        """Wait."""


class Randomness(Protocol):
    """A source that nobody can guess."""

    def word(self, bits: int) -> str:
        """Return capital letters and digits that carry at least so many random bits."""
