"""IAM operations that moto lacks, or answers all at once where AWS answers page by page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from moto.iam.models import Group, InstanceProfile, ManagedPolicy, Role, User

from gatepass.sandbox.memory.moto_iam import SandboxIam, iam_of
from gatepass.sandbox.rights.iam_resources import tags_of
from gatepass.sandbox.rights.permissions import boundary_arn
from gatepass.sandbox.wire.answers import Answer, query_answer
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import service_error
from gatepass.sandbox.wire.services import service_model

PAGE_SIZE = 100

Fields = dict[str, object]


def iam_answer(operation: Operation, account: str) -> Answer | None:
    """Return the answer to an operation that the sandbox answers by itself, or ``None`` when it is moto's.

    Raises:
        Refusal: what the operation names does not exist.
    """
    own = _OWN.get(operation.name)
    if own is None:
        return None
    result = own(iam_of(account), operation.parameters)
    return query_answer(service_model("iam").operation_model(operation.name), result)


def _authorization_details(iam: SandboxIam, parameters: Parameters) -> Fields:
    wanted = set(parameters.texts("Filter")) or {"User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"}
    items: list[tuple[str, User | Group | Role | ManagedPolicy]] = []
    if "User" in wanted:
        items += (("UserDetailList", user) for user in iam.users.values())
    if "Group" in wanted:
        items += (("GroupDetailList", group) for group in iam.groups.values())
    if "Role" in wanted:
        items += (("RoleDetailList", role) for role in iam.roles.values())
    if "LocalManagedPolicy" in wanted:
        items += (("Policies", policy) for policy in iam.managed_policies.own())
    if "AWSManagedPolicy" in wanted:
        # AWS lists only those of its own policies that are attached to something.
        items += (("Policies", policy) for policy in iam.managed_policies.attached_of_aws())
    start, end = _page(parameters, len(items))
    lists: dict[str, list[Fields]] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    for name, item in items[start:end]:
        lists[name].append(_detail(iam, item))
    return {**lists, "IsTruncated": end < len(items), "Marker": str(end) if end < len(items) else None}


def _page(parameters: Parameters, total: int) -> tuple[int, int]:
    marker = parameters.text("Marker") or "0"
    if not marker.isascii() or not marker.isdecimal() or int(marker) > total:
        raise service_error("InvalidInput", "Invalid Marker.")
    start = int(marker)
    return start, min(total, start + (parameters.number("MaxItems") or PAGE_SIZE))


def _detail(iam: SandboxIam, item: User | Group | Role | ManagedPolicy) -> Fields:
    if isinstance(item, ManagedPolicy):
        return _policy_detail(item)
    fields: Fields = {
        "Path": item.path,
        "Arn": item.arn,
        "CreateDate": item.create_date,
        "AttachedManagedPolicies": [
            {"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in item.managed_policies.values()
        ],
    }
    inline = [{"PolicyName": name, "PolicyDocument": quote(str(text))} for name, text in item.policies.items()]
    if isinstance(item, Group):
        return fields | {"GroupName": item.name, "GroupId": item.id, "GroupPolicyList": inline}
    fields |= {
        "Tags": [{"Key": key, "Value": value} for key, value in tags_of(item).items()],
        "PermissionsBoundary": _boundary(item),
    }
    if isinstance(item, User):
        groups = [group.name for group in iam.groups.values() if item in group.users]
        return fields | {"UserName": item.name, "UserId": item.id, "UserPolicyList": inline, "GroupList": groups}
    return fields | _role_detail(iam, item) | {"RolePolicyList": inline}


def _role_detail(iam: SandboxIam, role: Role) -> Fields:
    profiles = [profile for profile in iam.instance_profiles.values() if role in profile.roles]
    return {
        "RoleName": role.name,
        "RoleId": role.id,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document),
        "InstanceProfileList": [_profile_detail(profile) for profile in profiles],
        "RoleLastUsed": {"LastUsedDate": role.last_used, "Region": "us-east-1"} if role.last_used else {},
    }


def _profile_detail(profile: InstanceProfile) -> Fields:
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": profile.create_date,
        "Roles": [],
    }


def _policy_detail(policy: ManagedPolicy) -> Fields:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": [
            {
                "Document": quote(version.document),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.version_id == policy.default_version_id,
                "CreateDate": version.create_date,
            }
            for version in policy.versions
        ],
    }


def _boundary(entity: User | Role) -> Fields | None:
    arn = boundary_arn(entity)
    return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn} if arn else None


def put_user_boundary(iam: SandboxIam, parameters: Parameters) -> Fields:
    """Attach a permissions boundary to a user, or with none given, detach it."""
    user = iam.users.get(parameters.text("UserName") or "")
    if user is None:
        name = parameters.text("UserName")
        raise service_error("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    arn = parameters.text("PermissionsBoundary")
    # moto shows a user's boundary in GetUser if there is one to show, but has no operation to set it.
    vars(user)["permissions_boundary_arn"] = arn
    vars(user)["permissions_boundary"] = (
        {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn} if arn else None
    )
    return {}


_OWN: dict[str, Callable[[SandboxIam, Parameters], Fields]] = {
    "GetAccountAuthorizationDetails": _authorization_details,
    "PutUserPermissionsBoundary": put_user_boundary,
    "DeleteUserPermissionsBoundary": put_user_boundary,
}
