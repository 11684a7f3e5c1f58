"""IAM's resources, whose ARNs hold a path that only IAM knows, and its condition keys."""

from __future__ import annotations

from dataclasses import replace

from moto.iam.models import Role, User

from gatepass.sandbox.memory.moto_iam import SandboxIam, iam_of
from gatepass.sandbox.rights.access import Access, Place, resource_account
from gatepass.sandbox.rights.permissions import boundary_arn
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters

# Operations on the caller's own user when they name none.
_OWN_USER = frozenset(
    {"ChangePassword", "CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "UpdateAccessKey"}
    | {"ListMFADevices", "ListSigningCertificates", "ListServiceSpecificCredentials"}
)
# The policy is what is acted on here, not merely attached.
_POLICY_OPERATIONS = frozenset(
    {"CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy", "GetPolicyVersion"}
    | {"ListEntitiesForPolicy", "ListPolicyVersions", "ListPolicyTags", "SetDefaultPolicyVersion", "TagPolicy"}
    | {"UntagPolicy"}
)


def accesses(operation: Operation, place: Place) -> tuple[Access, ...]:
    """Return the action on every IAM resource that the request names."""
    iam, parameters = iam_of(place.account), operation.parameters
    found = []
    role_name, user_name = parameters.text("RoleName"), parameters.text("UserName")
    if role_name is not None:
        role = role_named(iam, role_name)
        arn = role.arn if role else _arn(place, "role", parameters, role_name)
        found.append(Access(operation.action, arn, place.account, _entity_keys(role, parameters)))
    elif user_name is not None:
        user = iam.users.get(user_name)
        arn = user.arn if user else _arn(place, "user", parameters, user_name)
        found.append(Access(operation.action, arn, place.account, _entity_keys(user, parameters)))
    elif operation.name in _POLICY_OPERATIONS and (policy := parameters.text("PolicyArn")):
        found.append(Access(operation.action, policy, resource_account(policy, place.account)))
    for parameter, kind in (
        ("GroupName", "group"),
        ("InstanceProfileName", "instance-profile"),
        ("PolicyName", "policy" if operation.name == "CreatePolicy" else ""),
        ("ServerCertificateName", "server-certificate"),
        ("SAMLProviderArn", ""),
        ("OpenIDConnectProviderArn", ""),
    ):
        value = parameters.text(parameter)
        if value is not None and (kind or value.startswith("arn:")):
            arn = (
                value
                if value.startswith("arn:")
                else _existing_arn(iam, kind, value) or _arn(place, kind, parameters, value)
            )
            # Of a group too AWS tells which policy is attached.
            keys = _entity_keys(None, parameters) if kind == "group" else {}
            found.append(Access(operation.action, arn, place.account, keys))
    if operation.name == "AddRoleToInstanceProfile" and found:
        found.append(Access("iam:PassRole", found[0].resource, place.account))
    if operation.name.startswith("Create") and found and parameters.tags():
        # Whoever makes something with tags needs to be allowed to tag it as well.
        found.append(replace(found[0], action=f"iam:Tag{operation.name.removeprefix('Create')}"))
    return tuple(found) or (Access(operation.action, "*", place.account),)


def names_own_user(operation: Operation) -> bool:
    """Return whether an operation is about the caller's own user, unnamed."""
    return operation.name in _OWN_USER and operation.parameters.text("UserName") is None


def role_named(iam: SandboxIam, name: str) -> Role | None:
    """Return the role with a name."""
    return next((role for role in iam.roles.values() if role.name == name), None)


def tags_of(entity: Role | User) -> dict[str, str]:
    """Return the tags of a user or role."""
    return {tag["Key"]: tag["Value"] for tag in entity.tags or ()}


def _existing_arn(iam: SandboxIam, kind: str, name: str) -> str | None:
    if kind == "group":
        return iam.groups[name].arn if name in iam.groups else None
    if kind == "instance-profile":
        return next((each.arn for each in iam.instance_profiles.values() if each.name == name), None)
    return None


def _arn(place: Place, kind: str, parameters: Parameters, name: str) -> str:
    path = parameters.text("Path") or "/"
    return f"arn:aws:iam::{place.account}:{kind}{path}{name}"


def _entity_keys(entity: Role | User | None, parameters: Parameters) -> dict[str, str]:
    keys: dict[str, str] = {}
    if (policy := parameters.text("PolicyArn")) is not None:
        keys["iam:PolicyARN"] = policy
    boundary = parameters.text("PermissionsBoundary") or (boundary_arn(entity) if entity else None)
    if boundary is not None:
        keys["iam:PermissionsBoundary"] = boundary
    if entity is not None:
        for tag, value in tags_of(entity).items():
            keys[f"aws:ResourceTag/{tag}"] = keys[f"iam:ResourceTag/{tag}"] = value
    return keys
