"""What lets the provider's teams in, in its own account."""

from __future__ import annotations

from typing import Protocol

from gatepass.domain.account_policies import AccountPolicies
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.domain.permission_sets import IdentityCenter, SetChange
from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.team_access import ProviderAccount, TeamChange


class PolicyReader(Protocol):
    """Every IAM policy of one account."""

    def account_policies(self) -> AccountPolicies:
        """Return the policies as they stand, with who holds them.

        Raises:
            AccessRefused: the credentials may not read them.
        """


class TeamPolicies(Protocol):
    """The policies of the provider's own account by which its teams are let into customers' roles."""

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is.

        Raises:
            AccessRefused: the credentials are not accepted.
        """

    def standing(self) -> ProviderAccount:
        """Return what stands in the account, read in pages and not policy by policy.

        Raises:
            AccessRefused: the credentials may not read it.
        """

    def make(self, change: TeamChange | TeamRoleChange) -> None:
        """Make one change; creating what stands so, detaching and deleting what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            NotThere: what it is about does not exist.
            Conflict: AWS could not do it: a quota, a name that is taken.
        """


class PermissionSets(Protocol):
    """The permission sets of Identity Center by which the provider's teams are let into customers' roles."""

    def standing(self, account: AccountId) -> IdentityCenter:
        """Return what stands there, with the assignments in the account and wherever else ours are provisioned.

        Raises:
            AccessRefused: the credentials may not read it.
            NotThere: no Identity Center can be seen.
        """

    def make(self, change: SetChange) -> None:
        """Make one change and wait until it is done; making what stands so and taking what is gone are successes.

        Raises:
            AccessRefused: AWS denied it.
            NotThere: what it is about does not exist.
            Conflict: AWS could not do it, or not in the time that we wait.
        """


class ProfileFile(Protocol):
    """The file of AWS's tools in which an engineer keeps profiles."""

    @property
    def title(self) -> str:
        """Where it lies."""

    def read(self) -> bytes:
        """Return what is in it; nothing when there is no such file.

        Raises:
            GatepassError: it cannot be read.
        """

    def replace(self, before: bytes, after: bytes) -> None:
        """Write what is to be in it, whole or not at all.

        Raises:
            Conflict: it no longer holds what it did before.
            GatepassError: it cannot be written; it is as it was.
        """
