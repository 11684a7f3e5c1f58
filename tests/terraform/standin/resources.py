"""The resources, made and changed through boto3 as the real provider does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tests.terraform.standin.kinds import IAM, Bare, Resource
from tests.terraform.standin.values import Attributes, same_json

_ROLE_DEFAULTS = MappingProxyType({"max_session_duration": 3600, "path": "/", "force_detach_policies": False})


def _tags(attributes: Attributes) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (attributes.get("tags") or {}).items()]


def _kept_text(standing: object, state: object) -> str:
    text = json.dumps(standing)
    return str(state) if same_json(text, state) else text


@dataclass(frozen=True)
class Role(Bare):
    """aws_iam_role, without inline policies."""

    force_new: frozenset[str] = frozenset({"name", "path"})
    defaults: Mapping[str, object] = field(default_factory=lambda: _ROLE_DEFAULTS)

    def create(self, iam: IAM, wanted: Attributes) -> Attributes:
        """Make the role."""
        asked = {
            "RoleName": wanted["name"],
            "Path": wanted["path"],
            "AssumeRolePolicyDocument": wanted["assume_role_policy"],
            "MaxSessionDuration": int(wanted["max_session_duration"]),
            "Tags": _tags(wanted),
        }
        if wanted["permissions_boundary"]:
            asked["PermissionsBoundary"] = wanted["permissions_boundary"]
        if wanted["description"]:
            asked["Description"] = wanted["description"]
        return wanted | self._told(iam.create_role(**asked)["Role"])

    def read(self, iam: IAM, state: Attributes) -> Attributes | None:
        """Return the role."""
        try:
            role = iam.get_role(RoleName=state["id"])["Role"]
        except iam.exceptions.NoSuchEntityException:
            return None
        tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}
        return state | self._told(role) | {
            "assume_role_policy": _kept_text(role["AssumeRolePolicyDocument"], state.get("assume_role_policy")),
            "path": role["Path"],
            "max_session_duration": role["MaxSessionDuration"],
            "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "description": role.get("Description") or None,
            "tags": tags or None,
            "tags_all": tags,
        }  # fmt: skip

    def update(self, iam: IAM, before: Attributes, wanted: Attributes) -> Attributes:
        """Change what differs."""
        name = wanted["name"]
        if not same_json(before["assume_role_policy"], wanted["assume_role_policy"]):
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=wanted["assume_role_policy"])
        if before["max_session_duration"] != wanted["max_session_duration"]:
            iam.update_role(RoleName=name, MaxSessionDuration=int(wanted["max_session_duration"]))
        if before["permissions_boundary"] != wanted["permissions_boundary"]:
            self._bound(iam, name, wanted["permissions_boundary"])
        gone = set(before["tags"] or {}) - set(wanted["tags"] or {})
        if gone:
            iam.untag_role(RoleName=name, TagKeys=sorted(gone))
        if wanted["tags"] and before["tags"] != wanted["tags"]:
            iam.tag_role(RoleName=name, Tags=_tags(wanted))
        return wanted | self._told(iam.get_role(RoleName=name)["Role"])

    def delete(self, iam: IAM, state: Attributes) -> None:
        """Delete the role; policies that Terraform did not make stop that, unless they are to be taken off."""
        name = state["id"]
        try:
            if state["force_detach_policies"]:
                for arn in (
                    each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
                ):
                    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                    iam.delete_role_policy(RoleName=name, PolicyName=policy)
            iam.delete_role(RoleName=name)
        except iam.exceptions.NoSuchEntityException:
            return

    def imported(self, identity: str) -> Attributes:
        """Return the role by its name."""
        return {"id": identity, "name": identity, "force_detach_policies": False}

    def _told(self, role: Attributes) -> Attributes:
        return {
            "id": role["RoleName"],
            "arn": role["Arn"],
            "unique_id": role["RoleId"],
            "create_date": role["CreateDate"].isoformat(),
            "name": role["RoleName"],
            "name_prefix": "",
            "managed_policy_arns": [],
        }

    def _bound(self, iam: IAM, name: str, boundary: str | None) -> None:
        if boundary:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            iam.delete_role_permissions_boundary(RoleName=name)


@dataclass(frozen=True)
class RolePolicy(Bare):
    """aws_iam_role_policy: one inline policy, beside which others may stand."""

    force_new: frozenset[str] = frozenset({"name", "role"})

    def create(self, iam: IAM, wanted: Attributes) -> Attributes:
        """Put the policy."""
        iam.put_role_policy(RoleName=wanted["role"], PolicyName=wanted["name"], PolicyDocument=wanted["policy"])
        return wanted | {"id": f"{wanted['role']}:{wanted['name']}", "name_prefix": ""}

    def read(self, iam: IAM, state: Attributes) -> Attributes | None:
        """Return the policy."""
        role, name = str(state["id"]).split(":")
        try:
            found = iam.get_role_policy(RoleName=role, PolicyName=name)
        except iam.exceptions.NoSuchEntityException:
            return None
        return state | {"role": role, "name": name, "policy": _kept_text(found["PolicyDocument"], state.get("policy"))}

    def update(self, iam: IAM, before: Attributes, wanted: Attributes) -> Attributes:
        """Put it again."""
        del before
        return self.create(iam, wanted)

    def delete(self, iam: IAM, state: Attributes) -> None:
        """Delete the policy."""
        try:
            iam.delete_role_policy(RoleName=state["role"], PolicyName=state["name"])
        except iam.exceptions.NoSuchEntityException:
            return

    def imported(self, identity: str) -> Attributes:
        """Return the policy by role:name."""
        return {"id": identity, "name_prefix": ""}


@dataclass(frozen=True)
class Attachment(Bare):
    """A managed policy on a role or a group.

    Attributes:
        holder: ``role`` or ``group``.
    """

    holder: str = "role"
    force_new: frozenset[str] = frozenset({"role", "group", "policy_arn"})

    def create(self, iam: IAM, wanted: Attributes) -> Attributes:
        """Attach it."""
        asked = {self._parameter: wanted[self.holder], "PolicyArn": wanted["policy_arn"]}
        getattr(iam, f"attach_{self.holder}_policy")(**asked)
        return wanted | {"id": f"{wanted[self.holder]}/{wanted['policy_arn']}"}

    def read(self, iam: IAM, state: Attributes) -> Attributes | None:
        """Say whether it is attached."""
        holder, _, arn = str(state["id"]).partition("/")
        try:
            pages = iam.get_paginator(f"list_attached_{self.holder}_policies").paginate(**{self._parameter: holder})
            attached = {each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]}
        except iam.exceptions.NoSuchEntityException:
            return None
        return state | {self.holder: holder, "policy_arn": arn} if arn in attached else None

    def update(self, iam: IAM, before: Attributes, wanted: Attributes) -> Attributes:
        """Have nothing to do: every change makes a new one."""
        del iam, before
        return wanted

    def delete(self, iam: IAM, state: Attributes) -> None:
        """Detach it."""
        asked = {self._parameter: state[self.holder], "PolicyArn": state["policy_arn"]}
        try:
            getattr(iam, f"detach_{self.holder}_policy")(**asked)
        except iam.exceptions.NoSuchEntityException:
            return

    def imported(self, identity: str) -> Attributes:
        """Return it by holder/arn."""
        return {"id": identity}

    @property
    def _parameter(self) -> str:
        return f"{self.holder.capitalize()}Name"


@dataclass(frozen=True)
class Policy(Bare):
    """aws_iam_policy, whose document changes by new versions."""

    force_new: frozenset[str] = frozenset({"name", "path", "description"})
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({"path": "/"}))

    def create(self, iam: IAM, wanted: Attributes) -> Attributes:
        """Make the policy."""
        asked = {"PolicyName": wanted["name"], "Path": wanted["path"], "PolicyDocument": wanted["policy"]}
        if wanted["description"]:
            asked["Description"] = wanted["description"]
        made = iam.create_policy(**asked, Tags=_tags(wanted))["Policy"]
        told = {"id": made["Arn"], "arn": made["Arn"], "policy_id": made["PolicyId"]}
        return wanted | told | {"attachment_count": 0, "name_prefix": ""}

    def read(self, iam: IAM, state: Attributes) -> Attributes | None:
        """Return the policy with its default version."""
        try:
            found = iam.get_policy(PolicyArn=state["id"])["Policy"]
        except iam.exceptions.NoSuchEntityException:
            return None
        version = iam.get_policy_version(PolicyArn=state["id"], VersionId=found["DefaultVersionId"])["PolicyVersion"]
        told = {"arn": found["Arn"], "name": found["PolicyName"], "path": found["Path"], "policy_id": found["PolicyId"]}
        return state | told | {"policy": _kept_text(version["Document"], state.get("policy"))}

    def update(self, iam: IAM, before: Attributes, wanted: Attributes) -> Attributes:
        """Write a new version, and delete the oldest where there is no room."""
        arn = before["id"]
        if not same_json(before["policy"], wanted["policy"]):
            versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
            if len(versions) == 5:
                iam.delete_policy_version(PolicyArn=arn, VersionId=versions[-1]["VersionId"])
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=wanted["policy"], SetAsDefault=True)
        return wanted

    def delete(self, iam: IAM, state: Attributes) -> None:
        """Delete the policy with its versions."""
        try:
            versions = iam.list_policy_versions(PolicyArn=state["id"])["Versions"]
        except iam.exceptions.NoSuchEntityException:
            return
        for version in versions:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=state["id"], VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=state["id"])

    def imported(self, identity: str) -> Attributes:
        """Return the policy by its ARN."""
        return {"id": identity, "name_prefix": ""}


RESOURCES: dict[str, Resource] = {
    "aws_iam_role": Role(),
    "aws_iam_role_policy": RolePolicy(),
    "aws_iam_role_policy_attachment": Attachment(),
    "aws_iam_group_policy_attachment": Attachment(holder="group"),
    "aws_iam_policy": Policy(),
}
