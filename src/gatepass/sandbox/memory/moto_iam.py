"""moto's IAM with the parts mended that customers and providers rely on."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from moto.iam import urls
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, Group, IAMBackend, ManagedPolicy, Role, User, iam_backends

from gatepass.sandbox.memory.unique_ids import ENTITY_ID_LENGTH, GROUP_PREFIX, USER_PREFIX, unique_id
from gatepass.sandbox.wire.refusals import service_error

# The default quota of managed policies on one user, group or role.
MOST_ATTACHED_POLICIES = 10
AWS_POLICY = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/.+")


@cache
def aws_managed_policies() -> Mapping[str, AWSManagedPolicy]:
    """Return AWS's managed policies by ARN: one copy for every account of every sandbox."""
    documents = json.loads(aws_managed_policies_data)
    policies = (AWSManagedPolicy.from_data(name, "aws", "us-east-1", data) for name, data in documents.items())
    return {policy.arn: policy for policy in policies}


class ManagedPolicies(dict[str, ManagedPolicy]):
    """The managed policies of one account; AWS's own are looked up in the shared copy."""

    def __missing__(self, arn: str) -> ManagedPolicy:
        return aws_managed_policies()[arn]

    def __contains__(self, arn: object) -> bool:
        return super().__contains__(arn) or arn in aws_managed_policies()

    def __iter__(self) -> Iterator[str]:
        yield from super().__iter__()
        yield from (arn for arn in aws_managed_policies() if not super(ManagedPolicies, self).__contains__(arn))

    def values(self) -> Any:  # noqa: ANN401 - narrower than what dict promises, and moto only iterates
        """Return the account's policies, then AWS's."""
        return [self[arn] for arn in self]

    def own(self) -> list[ManagedPolicy]:
        """Return the policies that the account itself made."""
        return [policy for policy in super().values() if not isinstance(policy, AWSManagedPolicy)]

    def attached_of_aws(self) -> list[ManagedPolicy]:
        """Return those of AWS's policies that are attached to something in the account."""
        return [policy for policy in super().values() if isinstance(policy, AWSManagedPolicy)]

    def attachable(self, arn: str) -> ManagedPolicy:
        """Return a policy whose attachments may be counted.

        Raises:
            Refusal: there is no such policy.
        """
        if arn not in self:
            raise service_error("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
        if not super().__contains__(arn):
            # Attachments are counted by account; the documents stay shared.
            self[arn] = copy.copy(aws_managed_policies()[arn])
        return self[arn]

    def drop_unattached(self, arn: str) -> None:
        """Forget an account's own count for one of AWS's policies once nothing is attached."""
        if super().__contains__(arn) and isinstance(self[arn], AWSManagedPolicy) and not self[arn].attachment_count:
            del self[arn]


class SandboxIam(IAMBackend):
    """moto's IAM of one account, with AWS's managed policies shared and attachments counted right."""

    managed_policies: ManagedPolicies

    def _init_aws_policies(self) -> list[ManagedPolicy]:
        return []

    def _init_managed_policies(self) -> ManagedPolicies:
        return ManagedPolicies()

    @property
    def _url_module(self) -> Any:  # noqa: ANN401 - moto finds its routes beside the class, which is here not moto's
        return urls

    def __setstate__(self, state: dict[str, object]) -> None:
        # Policies of AWS that are attached here share their documents again.
        self.__dict__.update(state)
        for policy in self.managed_policies.attached_of_aws():
            if policy.arn in aws_managed_policies():
                policy.versions = aws_managed_policies()[policy.arn].versions

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        """Attach a managed policy; attaching twice is attaching once."""
        self._attach(policy_arn, self.get_role(role_name), "Role")

    def attach_user_policy(self, policy_arn: str, user_name: str) -> None:
        """Attach a managed policy; attaching twice is attaching once."""
        self._attach(policy_arn, self.get_user(user_name), "User")

    def attach_group_policy(self, policy_arn: str, group_name: str) -> None:
        """Attach a managed policy; attaching twice is attaching once."""
        self._attach(policy_arn, self.get_group(group_name), "Group")

    def detach_role_policy(self, policy_arn: str, role_name: str) -> None:
        """Detach a managed policy."""
        self._detach(policy_arn, self.get_role(role_name))

    def detach_user_policy(self, policy_arn: str, user_name: str) -> None:
        """Detach a managed policy."""
        self._detach(policy_arn, self.get_user(user_name))

    def detach_group_policy(self, policy_arn: str, group_name: str) -> None:
        """Detach a managed policy."""
        self._detach(policy_arn, self.get_group(group_name))

    def _attach(self, policy_arn: str, entity: Role | User | Group, kind: str) -> None:
        policy = self.managed_policies.attachable(policy_arn)
        if policy_arn in entity.managed_policies:
            return
        if len(entity.managed_policies) >= MOST_ATTACHED_POLICIES:
            quota = f"Cannot exceed quota for PoliciesPer{kind}: {MOST_ATTACHED_POLICIES}"
            raise service_error("LimitExceeded", quota, 409)
        policy.attach_to(entity)

    def _detach(self, policy_arn: str, entity: Role | User | Group) -> None:
        policy = entity.managed_policies.get(policy_arn)
        if policy is None:
            raise service_error("NoSuchEntity", f"Policy {policy_arn} was not found.", 404)
        policy.detach_from(entity)
        self.managed_policies.drop_unattached(policy_arn)

    def create_user(
        self, region_name: str, user_name: str, path: str = "/", tags: list[dict[str, str]] | None = None
    ) -> User:
        """Create a user, with an ID in AWS's form."""
        user = super().create_user(region_name, user_name, path, tags)
        user.id = unique_id(USER_PREFIX, self.account_id, ENTITY_ID_LENGTH)
        return user

    def create_group(self, group_name: str, path: str = "/") -> Group:
        """Create a group, with an ID in AWS's form."""
        group = super().create_group(group_name, path)
        group.id = unique_id(GROUP_PREFIX, self.account_id, ENTITY_ID_LENGTH)
        return group

    def update_user(self, user_name: str, new_path: str | None = None, new_user_name: str | None = None) -> None:
        """Rename or move a user, which keeps its keys."""
        super().update_user(user_name, new_path, new_user_name)
        for key in self.get_user(new_user_name or user_name).access_keys:
            key.user_name = new_user_name or user_name

    def update_role(self, role_name: str, role_description: str, max_session_duration: str) -> Role:
        """Update a role; a description that is not given stays."""
        kept = self.get_role(role_name).description if role_description is None else role_description
        return super().update_role(role_name, kept, max_session_duration)


def iam_of(account: str) -> SandboxIam:
    """Return the IAM of an account; every account has one."""
    backend = iam_backends[account]["aws"]
    if not isinstance(backend, SandboxIam):
        raise TypeError(f"moto made its own IAM for account {account} before the sandbox was imported")
    return backend


def existing_iam_of(account: str) -> SandboxIam | None:
    """Return the IAM of an account that something was done in."""
    return iam_of(account) if account in iam_backends.keys() else None  # noqa: SIM118 - `in` alone would ask moto's own __contains__


def all_iams() -> list[SandboxIam]:
    """Return the IAM of every account that something was done in."""
    return [iam_of(account) for account in list(iam_backends)]


# Accounts are made when first touched, by whatever class stands here.
iam_backends.backend = SandboxIam
