"""A customer's grants as one CloudFormation template, for one account or for a stack set of an organisation."""

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import AccountId, GrantName, Partition, PolicyArn
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import closed_trust
from gatepass.render.cloudformation_names import GrantNames, grant_names
from gatepass.render.cloudformation_yaml import yaml_text
from gatepass.render.engine_roles import (
    CLOUDFORMATION,
    EXTERNAL_ID_PATTERN,
    INSTANT_PATTERN,
    VERSION,
    EngineRole,
    Json,
    document_in_order,
    engine_roles,
    inline_documents,
)

MOST_PARAMETERS, MOST_RESOURCES = 200, 500
# A larger template has to lie in S3.
LARGEST_BODY = 51_200
MARK = "Written by gatepass render cloudformation; change access.yml and render it again."
DECLARED_ACCOUNT = "IsDeclaredAccount"
_NO_VALUE: Json = {"Ref": "AWS::NoValue"}


def cloudformation_text(
    declaration: Declaration, partition: Partition, policies: Mapping[str, PolicyArn], *, stack_set: bool = False
) -> str:
    """Return the template as YAML; it holds nothing secret.

    Raises:
        Conflict: a grant keeps a role that stands already, or there are more grants than a template holds.
    """
    template = cloudformation_template(declaration, partition, policies, stack_set=stack_set)
    return f"# {MARK}\n{yaml_text(template)}"


def cloudformation_template(
    declaration: Declaration, partition: Partition, policies: Mapping[str, PolicyArn], *, stack_set: bool = False
) -> Json:
    """Return the template.

    Args:
        declaration: the customer's file.
        partition: the partition of its account.
        policies: the ARN of each permission, by the words of the file.
        stack_set: for the accounts of an organisation, whichever they are, instead of the file's own.

    Raises:
        Conflict: a grant keeps a role that stands already, or there are more grants than a template holds.
    """
    roles = engine_roles(declaration, partition, policies, CLOUDFORMATION)
    named = list(zip(roles, grant_names([each.grant.name for each in roles]), strict=True))
    parameters: Json = {}
    conditions: Json = {} if stack_set else {DECLARED_ACCOUNT: _equals("AWS::AccountId", str(declaration.account))}
    rules: Json = {}
    resources: Json = {}
    for each, names in named:
        parameters |= _parameters(each, names)
        conditions |= _conditions(each, names)
        rules |= _rules(each, names)
        made: Json = {"Type": "AWS::IAM::Role", "Properties": _properties(each, names)}
        resources[names.role] = made if stack_set else {"Condition": DECLARED_ACCOUNT, **made}
    _demand_room(len(parameters), len(resources))
    where = "the accounts of an organisation" if stack_set else f"account {declaration.account}"
    template: Json = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Service Provider Access for {where}",
        "Metadata": {"AWS::CloudFormation::Interface": {"ParameterGroups": _groups(named)}},
        "Parameters": parameters,
        "Rules": rules,
        "Conditions": conditions,
        "Resources": resources,
        "Outputs": {name: one for each, names in named for name, one in _output(each, names, stack_set).items()},
    }
    if stack_set:
        template["Resources"] = _anywhere(resources, declaration.account)
    return {key: part for key, part in template.items() if part or key == "Resources"}


def names_account_in_custom_policy(declaration: Declaration) -> list[GrantName]:
    """Return the grants whose own policy names the file's account, which a stack set replaces by each account's own."""
    word = f":{declaration.account}:"
    return [grant.name for grant in declaration.grants if grant.custom_policy and word in grant.custom_policy.text]


def _parameters(each: EngineRole, names: GrantNames) -> Json:
    name = each.grant.name
    if not each.grant.needs_second_factor:
        return {
            names.door: {
                "Type": "String",
                "AllowedValues": ["open", "closed"],
                "Default": "open",
                "Description": f"Whether the provider {each.grant.provider} may begin sessions by {name}",
            }
        }
    external_id: Json = {
        "Type": "String",
        "NoEcho": True,
        "Default": "",
        "AllowedPattern": f"^$|^{EXTERNAL_ID_PATTERN}$",
        "ConstraintDescription": "2 to 1,224 letters, digits and _+=,.@:/- and no spaces, or nothing",
    }
    return {
        names.external_id: {**external_id, "Description": f"The external ID of {name}; empty closes the door"},
        names.old_id: {
            **external_id,
            "Description": f"The external ID of {name} from before a rotation, which opens beside the new one",
        },
        names.old_id_until: {
            "Type": "String",
            "Default": "",
            "AllowedPattern": f"^$|^{INSTANT_PATTERN}$",
            "ConstraintDescription": "UTC, as 2026-11-27T18:00:00Z, or nothing",
            "Description": "Until when the old external ID opens, in UTC, as 2026-11-27T18:00:00Z",
        },
    }


def _conditions(each: EngineRole, names: GrantNames) -> Json:
    if not each.grant.needs_second_factor:
        return {names.is_open: _equals(names.door, "open")}
    is_rotated = [{"Condition": names.is_open}, _given(names.old_id), _given(names.old_id_until)]
    return {names.is_open: _given(names.external_id), names.is_rotated: {"Fn::And": is_rotated}}


def _rules(each: EngineRole, names: GrantNames) -> Json:
    """Return what is checked before anything is made: an old ID without its end would silently not open."""
    if not each.grant.needs_second_factor:
        return {}
    none = _equals(names.old_id, "")
    both = [_given(names.external_id), _given(names.old_id_until)]
    assertion = {
        "Assert": {"Fn::Or": [none, {"Fn::And": both}]},
        "AssertDescription": f"{names.old_id} needs {names.external_id} beside it, and {names.old_id_until}",
    }
    return {names.rotation_rule: {"Assertions": [assertion]}}


def _properties(each: EngineRole, names: GrantNames) -> Json:
    role = each.role
    properties: Json = {
        "RoleName": str(role.name),
        "Path": role.path,
        "AssumeRolePolicyDocument": {
            "Fn::If": [names.is_open, _opened(each, names), document_in_order(closed_trust())]
        },
        "MaxSessionDuration": int(role.session_limit.total_seconds()),
    }
    if role.boundary is not None:
        properties["PermissionsBoundary"] = str(role.boundary)
    if role.policies:
        properties["ManagedPolicyArns"] = [str(arn) for arn in sorted(role.policies)]
    # A closed door stops the sessions under way as well.
    shut = {"PolicyName": SWITCH_POLICY, "PolicyDocument": document_in_order(deny_everything())}
    properties["Policies"] = [
        *({"PolicyName": name, "PolicyDocument": document} for name, document in inline_documents(role).items()),
        {"Fn::If": [names.is_open, _NO_VALUE, shut]},
    ]
    properties["Tags"] = [{"Key": key, "Value": text} for key, text in sorted(role.tags.items())]
    return properties


def _opened(each: EngineRole, names: GrantNames) -> Json:
    if not each.grant.needs_second_factor:
        return each.opened
    old = each.entered_with_old({"Ref": names.old_id}, {"Ref": names.old_id_until})
    condition = old["Condition"]
    if each.window_end is not None and isinstance(condition, dict):
        # CloudFormation cannot tell which of two instants is the earlier one, so both are asked for.
        condition["DateLessThanIfExists"] = {"aws:CurrentTime": each.window_end}
    rotated: Json = {"Fn::If": [names.is_rotated, old, _NO_VALUE]}
    return {"Version": VERSION, "Statement": [each.entered_with({"Ref": names.external_id}), rotated, each.labelled]}


def _output(each: EngineRole, names: GrantNames, stack_set: bool) -> Json:  # noqa: FBT001 - called in one place
    output: Json = {
        "Description": f"The role of {each.grant.name}; safe to send to the provider",
        "Value": {"Fn::GetAtt": [names.role, "Arn"]},
    }
    return {names.output: output if stack_set else {"Condition": DECLARED_ACCOUNT, **output}}


def _groups(named: Sequence[tuple[EngineRole, GrantNames]]) -> list[Json]:
    return [
        {
            "Label": {"default": f"{each.grant.name}: provider {each.grant.provider}"},
            "Parameters": list(_parameters(each, names)),
        }
        for each, names in named
    ]


def _equals(parameter: str, text: str) -> Json:
    return {"Fn::Equals": [{"Ref": parameter}, text]}


def _given(parameter: str) -> Json:
    return {"Fn::Not": [_equals(parameter, "")]}


def _anywhere(value: object, account: AccountId) -> object:
    """Return the value with the file's account in ARNs replaced by the account that a stack is in."""
    word = f":{account}:"
    match value:
        case str() if word in value:
            # What looks like a variable of CloudFormation is one of IAM, and stays.
            escaped = re.sub(r"\$\{", "${!", value)
            return {"Fn::Sub": escaped.replace(word, ":${AWS::AccountId}:")}
        case dict():
            return {key: _anywhere(inner, account) for key, inner in value.items()}
        case list():
            return [_anywhere(inner, account) for inner in value]
        case _:
            return value


def _demand_room(parameters: int, resources: int) -> None:
    if parameters > MOST_PARAMETERS or resources > MOST_RESOURCES:
        raise Conflict(
            f"one template does not hold {resources} grants",
            why=f"CloudFormation takes {MOST_PARAMETERS} parameters and {MOST_RESOURCES} resources in a template, "
            "and a grant with a second factor has three parameters",
            next_step="spread the grants over several files, each with a stack of its own, or use terraform-json",
        )
