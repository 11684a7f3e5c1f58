"""CloudFormation as far as it makes roles: what a template may hold here, and as whom its roles are made."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import yaml

from gatepass.sandbox.answering.stack_roles import making_roles
from gatepass.sandbox.answering.stack_sets import checked_stack_set
from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.wire.answers import new_request_id
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Refusal, service_error

_BODY = "TemplateBody"
Json = dict[str, object]

# An empty list of parameters travels as an empty text.
_REWRITTEN = (_BODY, "UsePreviousTemplate", "Parameters")
_ROLE = "AWS::IAM::Role"
# What would reach further than the caller's own rights, or past the template that was looked at.
_NOT_HERE = ("TemplateURL", "RoleARN", "AdministrationRoleARN", "StackPolicyURL", "ResourcesToImport")


def checked_stack(asking: Asking) -> Asking:
    """Return the request with its template in plain JSON, which moto reads in one way only.

    Raises:
        Refusal: it asks for what the sandbox does not do, or the template is malformed.
    """
    operation, parameters = asking.operation, asking.operation.parameters
    for name in _NOT_HERE:
        if name in parameters:
            raise Refusal(Fault.NOT_EMULATED, f"The sandbox's CloudFormation does not know {name}.")
    asking = checked_stack_set(asking)
    operation, parameters = asking.operation, asking.operation.parameters
    body = parameters.text(_BODY)
    if operation.name == "UpdateStack" and parameters.flag("UsePreviousTemplate"):
        body = _previous_template(asking)
    if body is None:
        return asking
    template = _template(body)
    pairs = [(name, value) for name, value in operation.pairs if name not in _REWRITTEN]
    pairs += _parameters_left_out(template, parameters)
    if operation.name == "UpdateStack" or parameters.text("ChangeSetType") == "UPDATE":
        template = _looked_at_anew(template)
    plain = json.dumps(template)
    values = Parameters({**parameters.values, _BODY: plain})
    return replace(asking, operation=replace(operation, parameters=values, pairs=(*pairs, (_BODY, plain))))


def _previous_template(asking: Asking) -> str | None:
    from moto.cloudformation.models import cloudformation_backends  # noqa: PLC0415 - it loads half of moto

    backend = cloudformation_backends[asking.caller.account][asking.place.region]
    name = asking.operation.parameters.text("StackName")
    found = [stack for stack in backend.stacks.values() if name in (stack.name, stack.stack_id)]
    return str(found[0].template) if found else None


def _parameters_left_out(template: Json, parameters: Parameters) -> list[tuple[str, str]]:
    """Return the defaults of parameters that an update does not name; moto would keep what they were."""
    given = parameters.structures("Parameters")
    known, declared = {each.text("ParameterKey") for each in given}, template.get("Parameters")
    slots = declared.items() if isinstance(declared, dict) else ()
    missing = [(name, slot["Default"]) for name, slot in slots if name not in known and "Default" in slot]
    pairs = []
    for number, (name, default) in enumerate(missing, start=len(given) + 1):
        pairs.append((f"Parameters.member.{number}.ParameterKey", str(name)))
        pairs.append((f"Parameters.member.{number}.ParameterValue", str(default)))
    return pairs


def _looked_at_anew(template: Json) -> Json:
    """Return the template with a mark on each role: moto sees no change where only a condition has changed."""
    resources = template["Resources"]
    marked = {}
    if isinstance(resources, dict):
        mark = {"LookedAt": new_request_id()}
        marked = {name: {**resource, "Metadata": mark} for name, resource in resources.items()}
    return {**template, "Resources": marked}


@contextlib.contextmanager
def serving_stacks(asking: Asking) -> Iterator[None]:
    """Make roles as the caller while its request is served; a stack that could not be made leaves nothing.

    Raises:
        Refusal: the caller may not do what the template asks for.
    """
    with contextlib.suppress(ModuleNotFoundError):
        _hide_no_echo()
    try:
        with making_roles(asking):
            yield
    except Refusal:
        if asking.operation.name == "CreateStack":
            _forget_stack(asking)
        raise


@cache
def _hide_no_echo() -> None:
    """Have DescribeStacks mask parameters by their names; moto looks for their values among the names."""
    from moto.cloudformation.models import Stack  # noqa: PLC0415 - it loads half of moto

    def parameter_list(stack: Stack) -> list[dict[str, object]]:
        hidden = stack.resource_map.no_echo_parameter_keys
        known = stack.resource_map.resolved_parameters.items()
        return [{"ParameterKey": key, "ParameterValue": "****" if key in hidden else value} for key, value in known]

    Stack.parameter_list = property(parameter_list)  # type: ignore[assignment, method-assign]


def _forget_stack(asking: Asking) -> None:
    """Delete what was made of a stack that could not be made whole, as the service itself would."""
    from moto.cloudformation.models import cloudformation_backends  # noqa: PLC0415 - it loads half of moto

    backend = cloudformation_backends[asking.caller.account][asking.place.region]
    with making_roles(None):
        backend.delete_stack(asking.operation.parameters.text("StackName") or "")


def _template(body: str) -> Json:
    try:
        template = yaml.load(body, Loader=_TemplateLoader)  # noqa: S506 - a safe loader, with CloudFormation's tags
    except (yaml.YAMLError, RecursionError):
        raise service_error("ValidationError", "Template format error: YAML not well-formed.") from None
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(template, dict) or not isinstance(resources, dict) or not resources:
        words = "Template format error: At least one Resources member must be defined."
        raise service_error("ValidationError", words)
    if "Transform" in template:
        raise Refusal(Fault.NOT_EMULATED, "The sandbox's CloudFormation knows no Transform.")
    for name, resource in resources.items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if kind != _ROLE:
            raise Refusal(Fault.NOT_EMULATED, f"The sandbox's CloudFormation makes {_ROLE} only; {name} is {kind}.")
    return template


class _TemplateLoader(yaml.SafeLoader):  # type: ignore[misc]  # the library ships no types
    """Reads plain values and CloudFormation's short tags, and nothing that would run."""


def _short_tag(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, object]:
    if isinstance(node, yaml.ScalarNode):
        value: object = node.value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_TemplateLoader.add_multi_constructor("!", _short_tag)
# A date stays the text that it was: policies have a Version.
_TemplateLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def is_about_stacks(operation: Operation) -> bool:
    """Say whether the request is one to CloudFormation."""
    return operation.service.name == "cloudformation"
