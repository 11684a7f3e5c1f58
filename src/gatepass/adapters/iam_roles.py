"""AWS IAM as the directory of roles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, assert_never

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words, translated
from gatepass.domain.change import (
    AttachPolicy,
    Change,
    CreateRole,
    DeleteInline,
    DeleteRole,
    DetachPolicy,
    EndOlderSessions,
    LimitSessions,
    PutInline,
    RemoveBoundary,
    ReplaceTrust,
    SetBoundary,
    TagRole,
    UntagRole,
)
from gatepass.domain.documents import Document, document
from gatepass.domain.errors import AccessRefused, NotThere
from gatepass.domain.identifiers import ROLE_PATH, AccountId, Partition, PolicyArn, RoleArn, RoleName
from gatepass.domain.quotas import Quotas
from gatepass.domain.role import ADOPTED_TAG, SESSION_LIMIT_NOT_READ, SWITCH_POLICY, Role
from gatepass.domain.switch import deny_sessions_from_before
from gatepass.ports.roles import Inventory, Sighting

_DESCRIPTION = "Made by Gatepass; 'gatepass close' shuts it."
_LARGEST_PAGE = 1000


class IamRoles:
    """The roles of the account that the credentials belong to."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._iam = client(session, "iam")
        self._sts = client(session, "sts")

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is."""
        with in_our_words("sts:GetCallerIdentity"):
            answer = self._sts.get_caller_identity()
        return Partition(answer["Arn"].split(":")[1]), AccountId(answer["Account"])

    def inventory(self, adopted: Collection[RoleName] = ()) -> Inventory:
        """Return what stands, from the pages of GetAccountAuthorizationDetails and ListRoles.

        The first does not tell how long a role's sessions may last; the second does.
        """
        with in_our_words("iam:ListRoles"):
            pages = self._pages("list_roles", PathPrefix=ROLE_PATH)
            limits = {role["RoleName"]: role["MaxSessionDuration"] for page in pages for role in page["Roles"]}
        kept_names = {str(name).lower() for name in adopted}
        ours: dict[RoleName, Role] = {}
        taken = set()
        for detail in self._details():
            written, name = detail["RoleName"], RoleName(detail["RoleName"])
            if detail["Path"] == ROLE_PATH and written in limits:
                ours[name] = _role(detail, timedelta(seconds=limits[written]))
            elif written.lower() in kept_names or _is_adopted(detail):
                answer = self._call_unless_gone("get_role", RoleName=written)
                if "Role" in answer:
                    ours[name] = _role(detail, timedelta(seconds=answer["Role"]["MaxSessionDuration"]))
            else:
                taken.add(name)
        return Inventory(ours, frozenset(taken))

    def standing(self) -> Mapping[RoleArn, Role]:
        """Return our roles from the pages of GetAccountAuthorizationDetails alone."""
        return {
            RoleArn(detail["Arn"]): _role(detail, SESSION_LIMIT_NOT_READ)
            for detail in self._details()
            if detail["Path"] == ROLE_PATH or _is_adopted(detail)
        }

    def quotas(self) -> Quotas | None:
        """Return the figures of GetAccountSummary."""
        try:
            with in_our_words("iam:GetAccountSummary"):
                summary = self._iam.get_account_summary()["SummaryMap"]
        except AccessRefused:
            return None
        return Quotas(
            roles=summary["RolesQuota"],
            roles_now=summary["Roles"],
            trust_size=summary["AssumeRolePolicySizeQuota"],
            policies_per_role=summary["AttachedPoliciesPerRoleQuota"],
        )

    def policy_text(self, policy: PolicyArn) -> Document | None:
        """Return the policy's default version."""
        try:
            with in_our_words(f"iam:GetPolicyVersion for {policy.name}"):
                version = self._iam.get_policy(PolicyArn=str(policy))["Policy"]["DefaultVersionId"]
                answer = self._iam.get_policy_version(PolicyArn=str(policy), VersionId=version)
        except (AccessRefused, NotThere):
            return None
        return document(answer["PolicyVersion"]["Document"])

    def sight(self, name: RoleName) -> Sighting:
        """Return the role's trust and switch policy as they stand now."""
        answer = self._call_unless_gone("get_role", RoleName=str(name))
        switch = self._call_unless_gone("get_role_policy", RoleName=str(name), PolicyName=SWITCH_POLICY)
        return Sighting(
            trust=document(answer["Role"]["AssumeRolePolicyDocument"]) if "Role" in answer else None,
            switch=document(switch["PolicyDocument"]) if "PolicyDocument" in switch else None,
            aws_time=_aws_time(answer),
        )

    def managed_policies(self) -> Mapping[PolicyArn, str]:
        """Return AWS's managed policies and the account's own."""
        with in_our_words("iam:ListPolicies"):
            pages = self._pages("list_policies", Scope="All")
            return {PolicyArn(entry["Arn"]): entry["PolicyName"] for page in pages for entry in page["Policies"]}

    def make(self, change: Change) -> None:  # noqa: C901, PLR0912 - one case a change
        """Make one change, which is one call; EndOlderSessions first asks AWS for its time."""
        name = str(change.name)
        match change:
            case CreateRole(role):
                self._create(role)
            case ReplaceTrust(_, trust):
                self._call("update_assume_role_policy", RoleName=name, PolicyDocument=trust.text)
            case AttachPolicy(_, policy):
                self._call("attach_role_policy", RoleName=name, PolicyArn=str(policy))
            case DetachPolicy(_, policy):
                self._call_unless_gone("detach_role_policy", RoleName=name, PolicyArn=str(policy))
            case PutInline(_, policy_name, text):
                self._put(name, policy_name, text)
            case DeleteInline(_, policy_name):
                self._call_unless_gone("delete_role_policy", RoleName=name, PolicyName=policy_name)
            case LimitSessions(_, limit):
                self._call("update_role", RoleName=name, MaxSessionDuration=int(limit.total_seconds()))
            case SetBoundary(_, boundary):
                self._call("put_role_permissions_boundary", RoleName=name, PermissionsBoundary=str(boundary))
            case RemoveBoundary():
                self._call_unless_gone("delete_role_permissions_boundary", RoleName=name)
            case TagRole(_, tags):
                self._call("tag_role", RoleName=name, Tags=_tag_list(tags))
            case UntagRole(_, keys):
                self._call("untag_role", RoleName=name, TagKeys=list(keys))
            case EndOlderSessions():
                aws_time = _aws_time(self._call("get_role", RoleName=name))
                self._put(name, SWITCH_POLICY, deny_sessions_from_before(aws_time))
            case DeleteRole():
                self._call_unless_gone("delete_role", RoleName=name)
            case _:
                assert_never(change)

    def _create(self, role: Role) -> None:
        """Create the role; one that already stands exactly so is our own call, heard twice."""
        request: dict[str, Any] = {
            "RoleName": str(role.name),
            "Path": role.path,
            "AssumeRolePolicyDocument": role.trust.text,
            "MaxSessionDuration": int(role.session_limit.total_seconds()),
            "Description": _DESCRIPTION,
            "Tags": _tag_list(role.tags),
        }
        if role.boundary is not None:
            request["PermissionsBoundary"] = str(role.boundary)
        try:
            self._iam.create_role(**request)
        except ClientError as error:
            if _code(error) == "EntityAlreadyExists" and self.sight(role.name).trust == role.trust:
                return
            raise translated(error, f"iam:CreateRole for {role.name}") from None
        except BotoCoreError:
            with in_our_words(f"iam:CreateRole for {role.name}"):
                raise

    def _details(self) -> Iterator[Mapping[str, Any]]:
        with in_our_words("iam:GetAccountAuthorizationDetails"):
            for page in self._pages("get_account_authorization_details", Filter=["Role"]):
                yield from page["RoleDetailList"]

    def _put(self, name: str, policy_name: str, text: Document) -> None:
        self._call("put_role_policy", RoleName=name, PolicyName=policy_name, PolicyDocument=text.text)

    def _pages(self, operation: str, **request: object) -> Any:  # noqa: ANN401 - AWS's answers have no type
        return self._iam.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": _LARGEST_PAGE})

    def _call(self, operation: str, **request: object) -> dict[str, Any]:
        with in_our_words(f"{_api_name(operation)} for {request['RoleName']}"):
            answer: dict[str, Any] = getattr(self._iam, operation)(**request)
            return answer

    def _call_unless_gone(self, operation: str, **request: object) -> dict[str, Any]:
        """Call; what is gone already counts as done, and its answer holds AWS's time all the same."""
        with in_our_words(f"{_api_name(operation)} for {request['RoleName']}"):
            try:
                answer: dict[str, Any] = getattr(self._iam, operation)(**request)
            except ClientError as error:
                if _code(error) != "NoSuchEntity":
                    raise
                return {"ResponseMetadata": error.response["ResponseMetadata"]}
            return answer


def _is_adopted(detail: Mapping[str, Any]) -> bool:
    return {"Key": ADOPTED_TAG, "Value": detail["RoleName"]} in detail.get("Tags", [])


def _role(detail: Mapping[str, Any], session_limit: timedelta) -> Role:
    """Return a role out of a RoleDetail of GetAccountAuthorizationDetails."""
    boundary = detail.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return Role(
        name=RoleName(detail["RoleName"]),
        trust=document(detail["AssumeRolePolicyDocument"]),
        session_limit=session_limit,
        path=detail["Path"],
        policies=frozenset(PolicyArn(policy["PolicyArn"]) for policy in detail["AttachedManagedPolicies"]),
        inline={policy["PolicyName"]: document(policy["PolicyDocument"]) for policy in detail["RolePolicyList"]},
        boundary=PolicyArn(boundary) if boundary else None,
        tags={tag["Key"]: tag["Value"] for tag in detail.get("Tags", [])},
    )


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _aws_time(answer: Mapping[str, Any]) -> datetime:
    """Return AWS's clock from the Date header (RFC 9110, section 6.6.1)."""
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)


def _api_name(operation: str) -> str:
    return "iam:" + "".join(word.capitalize() for word in operation.split("_"))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
