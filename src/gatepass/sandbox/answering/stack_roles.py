"""The roles of stacks, made, changed and deleted by IAM's own rules, which moto's CloudFormation passes by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from moto.iam.models import Role

from gatepass.sandbox.answering.iam_rules import check_iam_rules
from gatepass.sandbox.memory.moto_iam import SandboxIam, iam_of
from gatepass.sandbox.rights.authorization import Asking, authorise
from gatepass.sandbox.rights.iam_resources import accesses
from gatepass.sandbox.rights.principal_references import replace_principal
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Protocol, Refusal
from gatepass.sandbox.wire.services import service_named

Properties = Mapping[str, Any]

# As whom roles are made; None for the service itself, which clears away.
_maker: ContextVar[Asking | None] = ContextVar("maker", default=None)
_made: ContextVar[tuple[Role, ...]] = ContextVar("made", default=())


@contextmanager
def making_roles(asking: Asking | None) -> Iterator[None]:
    """Make roles as this caller for a while; a request that is refused midway leaves none that it has made.

    Raises:
        Refusal: the caller may not do what the template asks for, or IAM would not.
    """
    maker, made = _maker.set(asking), _made.set(())
    try:
        yield
    except Refusal:
        for role in _made.get():
            _remove(iam_of(role.account_id), role)
        raise
    finally:
        _maker.reset(maker)
        _made.reset(made)


def _do(account: str, name: str, **parameters: object) -> None:
    """Check one call to IAM: the caller's rights, and IAM's own rules.

    In another account than the caller's it is the service that acts, in the name of its organisation.

    Raises:
        Refusal: it is not allowed, or breaks a rule.
    """
    service = service_named("iam")
    if service is None:
        raise LookupError(name)
    operation = Operation(service, name, Protocol.QUERY, "/", Parameters(parameters))
    asking = _maker.get()
    if asking is not None and asking.caller.account == account:
        own = replace(asking, operation=operation)
        authorise(own, accesses(operation, own.place))
    check_iam_rules(operation, account)


def _create(account: str, properties: Properties, name: str) -> Role:
    iam = iam_of(account)
    named = {"RoleName": properties.get("RoleName", name), "Path": properties.get("Path", "/")}
    trust = _text(properties["AssumeRolePolicyDocument"])
    limit, boundary = properties.get("MaxSessionDuration", 3600), properties.get("PermissionsBoundary")
    further = {"PermissionsBoundary": boundary} if boundary else {}
    tags = list(properties.get("Tags", []))
    _do(
        account,
        "CreateRole",
        **named, **further, AssumeRolePolicyDocument=trust, MaxSessionDuration=str(limit), Tags=tags,
    )  # fmt: skip
    role: Role = iam.create_role(
        role_name=named["RoleName"], assume_role_policy_document=trust, path=named["Path"],
        permissions_boundary=boundary or "", description=properties.get("Description", ""), tags=tags,
        max_session_duration=limit,
    )  # fmt: skip
    _made.set((*_made.get(), role))
    _fill(iam, role, properties)
    return role


def _fill(iam: SandboxIam, role: Role, properties: Properties) -> None:
    """Bring the role's policies to what the template says, and leave those that no template ever named."""
    account, named = role.account_id, {"RoleName": role.name}
    inline = {each["PolicyName"]: _text(each["PolicyDocument"]) for each in _given(properties.get("Policies"))}
    managed = list(_given(properties.get("ManagedPolicyArns")))
    kept_inline, kept_managed = getattr(role, "of_stack", ((), ()))
    for name in sorted({*kept_inline} - {*inline}):
        _do(account, "DeleteRolePolicy", **named, PolicyName=name)
        role.policies.pop(name, None)
    for arn in sorted({*kept_managed} - {*managed}):
        _do(account, "DetachRolePolicy", **named, PolicyArn=arn)
        if arn in role.managed_policies:
            iam.detach_role_policy(arn, role.name)
    for name, document in inline.items():
        if role.policies.get(name) != document:
            _do(account, "PutRolePolicy", **named, PolicyName=name, PolicyDocument=document)
            role.policies[name] = document
    for arn in managed:
        if arn not in role.managed_policies:
            _do(account, "AttachRolePolicy", **named, PolicyArn=arn)
            iam.attach_role_policy(arn, role.name)
    role.of_stack = (tuple(inline), tuple(managed))  # type: ignore[attr-defined]  # kept beside what moto keeps


def _update(role: Role, properties: Properties) -> Role:
    account, named = role.account_id, {"RoleName": role.name}
    if properties.get("RoleName", role.name) != role.name or properties.get("Path", "/") != role.path:
        raise Refusal(Fault.NOT_EMULATED, "The sandbox's CloudFormation does not replace roles: name and path stay.")
    trust = _text(properties["AssumeRolePolicyDocument"])
    if json.loads(trust) != json.loads(role.assume_role_policy_document):
        _do(account, "UpdateAssumeRolePolicy", **named, PolicyDocument=trust)
        role.assume_role_policy_document = trust
    limit = properties.get("MaxSessionDuration", 3600)
    if int(limit) != int(role.max_session_duration or 3600):
        _do(account, "UpdateRole", **named, MaxSessionDuration=str(limit))
        role.max_session_duration = limit
    boundary = properties.get("PermissionsBoundary")
    if boundary and boundary != role.permissions_boundary_arn:
        _do(account, "PutRolePermissionsBoundary", **named, PermissionsBoundary=boundary)
        role.permissions_boundary_arn = boundary
    elif not boundary and role.permissions_boundary_arn:
        _do(account, "DeleteRolePermissionsBoundary", **named)
        role.permissions_boundary_arn = ""
    _fill(iam_of(account), role, properties)
    return role


def _delete(account: str, name: str) -> None:
    iam = iam_of(account)
    role = next((each for each in iam.roles.values() if each.name == name), None)
    if role is None:
        return
    inline, managed = getattr(role, "of_stack", ((), ()))
    _do(account, "DeleteRole", RoleName=name)
    for policy in inline:
        role.policies.pop(policy, None)
    for arn in managed:
        if arn in role.managed_policies:
            iam.detach_role_policy(arn, name)
    arn, unique_id = role.arn, role.id
    # moto refuses while policies are left that the stack does not know, as AWS does.
    iam.delete_role(name)
    replace_principal(arn, unique_id)


def _remove(iam: SandboxIam, role: Role) -> None:
    """Take back a role of a request that was refused."""
    if role.id not in iam.roles:
        return
    for arn in list(role.managed_policies):
        iam.detach_role_policy(arn, role.name)
    role.policies.clear()
    iam.delete_role(role.name)


def _given(listed: object) -> list[Any]:
    """Return what a list of the template holds once conditions have left some of it out."""
    return [each for each in listed if each is not None] if isinstance(listed, list) else []


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(_without_gaps(document))


def _without_gaps(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_gaps(inner) for key, inner in value.items()}
    return [_without_gaps(inner) for inner in _given(value)] if isinstance(value, list) else value


def _create_from_template(
    _: type[Role],
    /,
    resource_name: str,
    cloudformation_json: Properties,
    account_id: str,
    region_name: str,
    **__: object,
) -> Role:
    del region_name
    return _create(account_id, cloudformation_json["Properties"], resource_name)


def _update_from_template(
    _: type[Role],
    /,
    original_resource: Role,
    new_resource_name: str,
    cloudformation_json: Properties,
    account_id: str,
    region_name: str,
) -> Role:
    del new_resource_name, account_id, region_name
    return _update(original_resource, cloudformation_json["Properties"])


def _delete_from_template(
    _: type[Role], /, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str
) -> None:
    del cloudformation_json, region_name
    _delete(account_id, resource_name)


# moto's CloudFormation asks the class of a resource; its own answers write past IAM's rules.
Role.create_from_cloudformation_json = classmethod(_create_from_template)  # type: ignore[assignment]
Role.update_from_cloudformation_json = classmethod(_update_from_template)  # type: ignore[assignment]
Role.delete_from_cloudformation_json = classmethod(_delete_from_template)  # type: ignore[assignment]
