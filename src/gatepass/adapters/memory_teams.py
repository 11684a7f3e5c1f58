"""The in-memory twin of the provider's account, as far as its teams need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from gatepass.adapters.memory_team_roles import with_team_role_change
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.identifiers import AccountId, Partition
from gatepass.domain.plan_team_roles import TeamRoleChange
from gatepass.domain.team_access import (
    MOST_VERSIONS,
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    HolderKind,
    ProviderAccount,
    PutVersion,
    TeamChange,
    TeamHolder,
    TeamPolicy,
    TeamQuotas,
    team_policy_arn,
)


@dataclass
class MemoryTeams:
    """The provider's account.

    Attributes:
        users: its users, groups and roles, with what they hold beside the teams' policies.
        managed: other managed policies, by ARN.
        failures: for tests: how many changes succeed before AWS refuses one; None for never.
        made: every change that was accepted, in order.
    """

    account: AccountId
    users: tuple[Holder, ...] = ()
    groups: tuple[Holder, ...] = ()
    roles: tuple[Holder, ...] = ()
    managed: Mapping[str, Document] = field(default_factory=dict)
    partition: Partition = field(default_factory=Partition)
    policies: dict[str, TeamPolicy] = field(default_factory=dict)
    quotas: TeamQuotas | None = field(default_factory=TeamQuotas)
    failures: int | None = None
    made: list[TeamChange | TeamRoleChange] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def owner(self) -> tuple[Partition, AccountId]:
        """Return the account it was made for."""
        return self.partition, self.account

    def standing(self) -> ProviderAccount:
        """Return everything at once."""
        texts = {self._arn(name): policy.document for name, policy in self.policies.items()}
        everything = AccountPolicies(
            self.account,
            tuple(self._with_ours(each, HolderKind.USER) for each in self.users),
            tuple(self._with_ours(each, HolderKind.GROUP) for each in self.groups),
            tuple(self._with_ours(each, HolderKind.ROLE) for each in self.roles),
            {**self.managed, **texts},
        )
        return ProviderAccount(self.partition, tuple(self.policies.values()), everything, self.quotas)

    def make(self, change: TeamChange | TeamRoleChange) -> None:
        """Make the change, unless it is the one that was told to fail."""
        if self.failures is not None:
            if self.failures == 0:
                raise AccessRefused("the test refused a change")
            self.failures -= 1
        if isinstance(change, TeamRoleChange):
            self.roles = with_team_role_change(self.roles, change, self.partition, self.account)
        else:
            self._make(change)
        self.made.append(change)

    def _make(self, change: TeamChange) -> None:
        standing = self.policies.get(change.policy)
        match change:
            case CreatePolicy(name, text):
                if standing is not None and standing.document != text:
                    raise Conflict(f"the policy {name} stands already")
                self.policies.setdefault(name, TeamPolicy(name, text))
                self._numbers.setdefault(name, 1)
            case DeleteVersion() | DetachPolicyFrom() | DeletePolicy():
                if standing is not None:
                    self._take(standing, change)
            case PutVersion() | AttachPolicyTo():
                if standing is None:
                    raise NotThere(f"there is no policy {change.policy}")
                self._give(standing, change)
            case _:
                assert_never(change)

    def _give(self, standing: TeamPolicy, change: PutVersion | AttachPolicyTo) -> None:
        if isinstance(change, AttachPolicyTo):
            self._demand_holder(change.holder)
            self.policies[standing.name] = replace(standing, holders=standing.holders | {change.holder})
            return
        if len(standing.versions) + 1 >= MOST_VERSIONS:
            raise Conflict("LimitExceeded: a managed policy can have up to 5 versions")
        old = (*standing.versions, f"v{self._numbers[standing.name]}")
        self._numbers[standing.name] += 1
        self.policies[standing.name] = replace(standing, document=change.document, versions=old)

    def _take(self, standing: TeamPolicy, change: DeleteVersion | DetachPolicyFrom | DeletePolicy) -> None:
        match change:
            case DeleteVersion(name, version):
                left = tuple(each for each in standing.versions if each != version)
                self.policies[name] = replace(standing, versions=left)
            case DetachPolicyFrom(name, holder):
                self.policies[name] = replace(standing, holders=standing.holders - {holder})
            case DeletePolicy(name):
                if standing.holders or standing.versions:
                    raise Conflict("DeleteConflict")
                del self.policies[name]

    def _demand_holder(self, holder: TeamHolder) -> None:
        listed = {HolderKind.USER: self.users, HolderKind.GROUP: self.groups, HolderKind.ROLE: self.roles}
        if holder.name not in {each.name for each in listed[holder.kind]}:
            raise NotThere(f"there is no {holder}")

    def _arn(self, name: str) -> str:
        return str(team_policy_arn(self.partition, self.account, name))

    def _with_ours(self, holder: Holder, kind: HolderKind) -> Holder:
        held = TeamHolder(kind, holder.name)
        ours = tuple(self._arn(name) for name, policy in sorted(self.policies.items()) if held in policy.holders)
        return replace(holder, attached=(*holder.attached, *ours))
