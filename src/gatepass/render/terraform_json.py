"""A customer's grants as one self-contained Terraform configuration in JSON, ``main.tf.json``."""

# https://developer.hashicorp.com/terraform/language/syntax/json

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName, Partition, PolicyArn
from gatepass.domain.role import LIMITS_POLICY, SWITCH_POLICY
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import closed_trust
from gatepass.render.engine_roles import (
    EXTERNAL_ID_CHARACTERS,
    INSTANT_PATTERN,
    TERRAFORM,
    EngineRole,
    Json,
    document_in_order,
    engine_roles,
    inline_documents,
    names_of,
)

TERRAFORM_VERSION = ">= 1.5"
AWS_PROVIDER = {"source": "hashicorp/aws", "version": ">= 5.0, < 7.0"}
MARK = "Written by gatepass render terraform-json; change access.yml and render it again."
_ATTACHMENT = "aws_iam_role_policy_attachment"


def terraform_json(declaration: Declaration, partition: Partition, policies: Mapping[str, PolicyArn]) -> str:
    """Return the text of ``main.tf.json``; it holds nothing secret.

    Args:
        declaration: the customer's file.
        partition: the partition of its account.
        policies: the ARN of each permission, by the words of the file.

    Raises:
        Conflict: a grant keeps a role that stands already.
    """
    roles = engine_roles(declaration, partition, policies, TERRAFORM)
    local: Json = {
        "closed": _literal(document_in_order(closed_trust())),
        "shut": _literal(document_in_order(deny_everything())),
    }
    resources: dict[str, Json] = {"aws_iam_role": {}, "aws_iam_role_policy": {}, _ATTACHMENT: {}}
    for each in roles:
        local |= _locals(each)
        for kind, found in _resources(each).items():
            resources[kind] |= found
    configuration: Json = {
        "//": MARK,
        "terraform": {"required_version": TERRAFORM_VERSION, "required_providers": {"aws": AWS_PROVIDER}},
        # Credentials of another account change nothing.
        "provider": {"aws": {"allowed_account_ids": [str(declaration.account)]}},
        "variable": _variables(),
        "locals": local,
        "resource": {kind: found for kind, found in resources.items() if found},
        "output": {"role_arns": _output(roles)},
    }
    return json.dumps(configuration, indent=2, ensure_ascii=False) + "\n"


def _output(roles: tuple[EngineRole, ...]) -> Json:
    value = {str(each.grant.name): f"${{aws_iam_role.{each.grant.name}.arn}}" for each in roles}
    return {"description": "The role of each grant; safe to send.", "value": value, "precondition": _checks(roles)}


def _checks(roles: tuple[EngineRole, ...]) -> list[Json]:
    """Return what stops a plan.

    A check of the variable itself would have Terraform print the line of the values' file, external IDs and all.
    """
    names = [each.grant.name for each in roles]
    free = names_of(roles, with_factor=False)
    checks = [
        _check(
            f"length(setsubtract(keys(var.external_ids), {_list(names)})) == 0",
            f"external_ids names a grant that there is not. The grants are: {', '.join(map(str, names))}.",
        ),
        _check(
            "alltrue([for ids in values(var.external_ids) : length(ids) <= 2 && length(distinct(ids)) == length(ids)])",
            "A grant has one external ID, or two different ones while it is rotated, or none to close it.",
        ),
        _check(
            # RE2 counts to 1,000 only.
            "alltrue(flatten([for ids in values(var.external_ids) : [for id in ids : "
            f"length(id) >= 2 && length(id) <= 1224 && can(regex({_text(f'^{EXTERNAL_ID_CHARACTERS}+$')}, id))]]))",
            "An external ID has 2 to 1,224 letters, digits and _+=,.@:/- and no spaces.",
        ),
    ]
    if free:
        checks.append(
            _check(
                f"alltrue([for name in {_list(free)} : length(lookup(var.external_ids, name, [])) == 0])",
                f"These grants say second_factor: none, and an empty list closes them: {', '.join(map(str, free))}.",
            )
        )
    return checks


def _variables() -> Json:
    return {
        "external_ids": {
            "description": "The external IDs of each grant, newest first: one, or two while it is rotated; "
            "none closes the door. State and saved plans hold them in clear.",
            "type": "map(list(string))",
            "sensitive": True,
            "default": {},
        },
        "overlap_ends": {
            "description": "Until when the second external ID of a grant opens, in UTC: 2026-11-27T18:00:00Z.",
            "type": "map(string)",
            "default": {},
            "validation": [
                _check(
                    "alltrue([for until in values(var.overlap_ends) : "
                    f"can(regex({_text(f'^{INSTANT_PATTERN}$')}, until))])",
                    "Write the instant in UTC, as 2026-11-27T18:00:00Z.",
                )
            ],
        },
    }


def _check(condition: str, message: str) -> Json:
    return {"condition": f"${{{condition}}}", "error_message": message}


def _locals(each: EngineRole) -> Json:
    """Return the documents of one role, and the choice between its trusts."""
    name = each.grant.name
    label = f"{name}_label"
    found: Json = {
        f"{name}_{policy.removeprefix('gatepass-')}": _literal(document)
        for policy, document in inline_documents(each.role).items()
    }
    found[label] = _literal(each.labelled)
    if not each.grant.needs_second_factor:
        found[f"{name}_enter"] = _literal(each.entered_with(None))
        found[f"{name}_trust"] = (
            f"${{{_is_closed(each)} ? jsonencode(local.closed) : {_trust(name, 'enter', 'label')}}}"
        )
        return found
    ids = f"local.{name}_ids"
    found[f"{name}_ids"] = f"${{lookup(var.external_ids, {_text(str(name))}, [])}}"
    until = f'try(var.overlap_ends[{_text(str(name))}], "")'
    if each.window_end is not None:
        until = f"sort([{_text(each.window_end)}, {until}])[0]"
    current, old = _Expression(f'try({ids}[0], "")'), _Expression(f'try({ids}[1], "")')
    found[f"{name}_enter"] = _literal(each.entered_with(current))
    found[f"{name}_enter_old"] = _literal(each.entered_with_old(old, _Expression(until)))
    one, two = _trust(name, "enter", "label"), _trust(name, "enter", "enter_old", "label")
    choice = f"{_is_closed(each)} ? jsonencode(local.closed) : length({ids}) == 1 ? {one} : {two}"
    found[f"{name}_trust"] = f"${{{choice}}}"
    return found


def _is_closed(each: EngineRole) -> str:
    """Return the expression for a closed door: no external ID, or an empty list for a grant that needs none."""
    if each.grant.needs_second_factor:
        return f"length(local.{each.grant.name}_ids) == 0"
    return f'length(lookup(var.external_ids, {_text(str(each.grant.name))}, ["open"])) == 0'


def _trust(name: GrantName, *statements: str) -> str:
    listed = ", ".join(f"local.{name}_{statement}" for statement in statements)
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{listed}] }})'


def _resources(each: EngineRole) -> Mapping[str, Json]:
    name, role = str(each.grant.name), each.role
    made: Json = {
        "name": str(role.name),
        "path": role.path,
        "assume_role_policy": f"${{local.{name}_trust}}",
        "max_session_duration": int(role.session_limit.total_seconds()),
        "tags": _literal(dict(sorted(role.tags.items()))),
    }
    if role.boundary is not None:
        made["permissions_boundary"] = _literal(str(role.boundary))
    if each.grant.needs_second_factor:
        asked = f"length(local.{name}_ids) < 2 || contains(keys(var.overlap_ends), {_text(name)})"
        message = f"The grant {name} has two external IDs: say in overlap_ends until when the second one opens."
        made["lifecycle"] = [{"precondition": [_check(asked, message)]}]
    # Nothing is allowed before the denials are in place.
    denials = [f"aws_iam_role_policy.{name}_{kind}" for kind in ("limits", "switch")]
    later: Json = {"role": f"${{aws_iam_role.{name}.name}}", "depends_on": denials}
    # A closed door stops the sessions under way as well. How many IDs there are is no secret.
    is_shut = f"${{nonsensitive({_is_closed(each)}) ? 1 : 0}}"
    shut = {"count": is_shut, "name": SWITCH_POLICY, "policy": "${jsonencode(local.shut)}", "role": later["role"]}
    inline: Json = {f"{name}_switch": shut}
    for policy in inline_documents(role):
        local = f"{name}_{policy.removeprefix('gatepass-')}"
        start = {"role": later["role"]} if policy == LIMITS_POLICY else later
        inline[local] = {"name": policy, "policy": f"${{jsonencode(local.{local})}}", **start}
    attached: Json = {}
    if role.policies:
        arns = ", ".join(_text(str(arn)) for arn in sorted(role.policies))
        attached[name] = {"for_each": f"${{toset([{arns}])}}", "policy_arn": "${each.value}", **later}
    return {"aws_iam_role": {name: made}, "aws_iam_role_policy": inline, _ATTACHMENT: attached}


class _Expression(str):
    """An expression of Terraform where otherwise a text would stand."""

    __slots__ = ()


def _literal(value: object) -> object:
    """Return the value so that Terraform reads every text in it as it is written."""
    match value:
        case _Expression():
            return f"${{{value}}}"
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case dict():
            return {_literal(key): _literal(inner) for key, inner in value.items()}
        case list():
            return [_literal(inner) for inner in value]
        case _:
            return value


def _text(text: str) -> str:
    """Return the text as a literal inside an expression."""
    return json.dumps(text.replace("${", "$${").replace("%{", "%%{"), ensure_ascii=False)


def _list(names: Sequence[GrantName]) -> str:
    return "[" + ", ".join(_text(str(name)) for name in names) + "]"
