"""What IAM checks before it changes anything, where moto does not."""

from __future__ import annotations

from collections.abc import Callable

from moto.iam.models import Group, Role, User

from gatepass.decision.policy import MalformedPolicy, PolicyKind
from gatepass.sandbox.memory.moto_iam import AWS_POLICY, SandboxIam, iam_of
from gatepass.sandbox.rights.documents import parse
from gatepass.sandbox.rights.iam_resources import role_named
from gatepass.sandbox.rights.principal_references import check_principals
from gatepass.sandbox.wire.constraints import validation_error
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Refusal, service_error

# Default quotas; characters are counted without white space.
TRUST_POLICY_SIZE = 2_048
MANAGED_POLICY_SIZE = 6_144
INLINE_POLICY_SIZES = {"role": 10_240, "group": 5_120, "user": 2_048}
ROLES_IN_ACCOUNT = 1_000
POLICIES_IN_ACCOUNT = 1_500
SHORTEST_SESSION_LIMIT, LONGEST_SESSION_LIMIT = 3_600, 43_200

_POLICY_WRITES = frozenset(
    {
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    }
)

_Rule = Callable[[SandboxIam, Parameters], None]


def check_iam_rules(operation: Operation, account: str) -> None:
    """Check a change that a caller may make.

    Raises:
        Refusal: IAM would not make it.
    """
    if operation.name in _POLICY_WRITES and AWS_POLICY.fullmatch(operation.parameters.text("PolicyArn") or ""):
        # Every account of every sandbox shares them.
        raise Refusal(Fault.ACCESS_DENIED, "AWS's own policies cannot be changed.")
    rule = _RULES.get(operation.name)
    if rule is not None:
        rule(iam_of(account), operation.parameters)


def size(document: str) -> int:
    """Return the size of a policy as IAM counts it."""
    return sum(not character.isspace() for character in document)


def malformed(error: MalformedPolicy) -> Refusal:
    """Return IAM's refusal of a malformed policy."""
    return service_error("MalformedPolicyDocument", error.what)


def _limit(message: str) -> Refusal:
    return service_error("LimitExceeded", message, 409)


def _conflict(message: str) -> Refusal:
    return service_error("DeleteConflict", message, 409)


def _no_such(message: str) -> Refusal:
    return service_error("NoSuchEntity", message, 404)


def _check_document(document: str, kind: PolicyKind) -> None:
    try:
        parse(document, kind, "")
    except MalformedPolicy as error:
        raise malformed(error) from None


def _trust(_: SandboxIam, parameters: Parameters) -> None:
    document = parameters.text("AssumeRolePolicyDocument") or parameters.text("PolicyDocument") or ""
    _check_document(document, PolicyKind.TRUST)
    check_principals(document)
    if size(document) > TRUST_POLICY_SIZE:
        raise _limit(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}")


def _create_role(iam: SandboxIam, parameters: Parameters) -> None:
    name = parameters.text("RoleName") or ""
    # Names differ by more than case.
    if any(role.name.lower() == name.lower() for role in iam.roles.values()):
        raise service_error("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    if len(iam.roles) >= ROLES_IN_ACCOUNT:
        raise _limit(f"Cannot exceed quota for RolesPerAccount: {ROLES_IN_ACCOUNT}")
    _trust(iam, parameters)
    _session_limit(iam, parameters)
    _boundary(iam, parameters)


def _session_limit(_: SandboxIam, parameters: Parameters) -> None:
    seconds = parameters.number("MaxSessionDuration")
    if seconds is not None and not SHORTEST_SESSION_LIMIT <= seconds <= LONGEST_SESSION_LIMIT:
        raise validation_error(f"The MaxSessionDuration {seconds} is not between 3600 and 43200 seconds.")


def _boundary(iam: SandboxIam, parameters: Parameters) -> None:
    arn = parameters.text("PermissionsBoundary")
    if arn is not None and arn not in iam.managed_policies:
        raise _no_such(f"Scope ARN: {arn} does not exist or is not attachable.")


def _managed_policy(iam: SandboxIam, parameters: Parameters) -> None:
    document = parameters.text("PolicyDocument") or ""
    _check_document(document, PolicyKind.IDENTITY)
    if size(document) > MANAGED_POLICY_SIZE:
        raise _limit(f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}")
    if "PolicyName" in parameters and len(iam.managed_policies.own()) >= POLICIES_IN_ACCOUNT:
        raise _limit(f"Cannot exceed quota for PoliciesPerAccount: {POLICIES_IN_ACCOUNT}")


def _inline_policy(iam: SandboxIam, parameters: Parameters) -> None:
    document = parameters.text("PolicyDocument") or ""
    _check_document(document, PolicyKind.IDENTITY)
    entity = _entity(iam, parameters)
    if entity is None:
        return
    kind = type(entity).__name__.lower()
    others = (text for name, text in entity.policies.items() if name != parameters.text("PolicyName"))
    if size(document) + sum(size(str(text)) for text in others) > INLINE_POLICY_SIZES[kind]:
        raise _limit(f"Maximum policy size of {INLINE_POLICY_SIZES[kind]} bytes exceeded for {kind} {entity.name}")


def _entity(iam: SandboxIam, parameters: Parameters) -> Role | User | Group | None:
    if (role := parameters.text("RoleName")) is not None:
        return role_named(iam, role)
    if (group := parameters.text("GroupName")) is not None:
        return iam.groups.get(group)
    return iam.users.get(parameters.text("UserName") or "")


def _delete_policy(iam: SandboxIam, parameters: Parameters) -> None:
    arn = parameters.text("PolicyArn") or ""
    policy = next((policy for policy in iam.managed_policies.own() if policy.arn == arn), None)
    if policy is None:
        raise _no_such(f"Policy {arn} was not found.")
    entities = [*iam.roles.values(), *iam.users.values()]
    is_boundary = any(getattr(entity, "permissions_boundary_arn", None) == arn for entity in entities)
    if policy.attachment_count or is_boundary:
        raise _conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise _conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the others."
        )


def _delete_user(iam: SandboxIam, parameters: Parameters) -> None:
    user = iam.users.get(parameters.text("UserName") or "")
    if user is None:
        return
    if user.access_keys:
        raise _conflict("Cannot delete entity, must delete access keys first.")
    if any(user in group.users for group in iam.groups.values()):
        raise _conflict("Cannot delete entity, must remove users from group first.")


def _delete_group(iam: SandboxIam, parameters: Parameters) -> None:
    group = iam.groups.get(parameters.text("GroupName") or "")
    if group is None:
        return
    if group.users:
        raise _conflict("Cannot delete entity, must remove users from group first.")
    if group.managed_policies or group.policies:
        raise _conflict("Cannot delete entity, must detach all policies first.")


_RULES: dict[str, _Rule] = {
    "CreateRole": _create_role,
    "UpdateRole": _session_limit,
    "UpdateAssumeRolePolicy": _trust,
    "PutRolePermissionsBoundary": _boundary,
    "PutUserPermissionsBoundary": _boundary,
    "CreateUser": _boundary,
    "CreatePolicy": _managed_policy,
    "CreatePolicyVersion": _managed_policy,
    "PutRolePolicy": _inline_policy,
    "PutUserPolicy": _inline_policy,
    "PutGroupPolicy": _inline_policy,
    "DeletePolicy": _delete_policy,
    "DeleteUser": _delete_user,
    "DeleteGroup": _delete_group,
}
