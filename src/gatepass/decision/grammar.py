"""The shape of policy documents: what each kind of policy may and must contain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from enum import Enum

from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import quoted, read_json


class PolicyKind(Enum):
    """What a policy is attached to; each kind has its own grammar and its own place in the evaluation."""

    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource policy"
    TRUST = "trust policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"


class MalformedPolicy(InvalidInput):
    """A policy that AWS would refuse to save.

    `what` names the place, such as ``Statement[1].Condition``, counting statements from 1. It never quotes the value
    of a condition, which may be an external ID.
    """


class Number(str):
    """A JSON number, kept as it was written; only condition values may be numbers."""

    __slots__ = ()


# The deepest legal value stands in document, Statement, statement, Condition, operator, key and a list of values.
_DEEPEST = 7

_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_IAM_KINDS = frozenset({PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.TRUST})
_ALPHANUMERIC_SID_KINDS = _IAM_KINDS | {PolicyKind.SERVICE_CONTROL}
_KINDS_WITH_PRINCIPAL = frozenset(
    {PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.RESOURCE_CONTROL, PolicyKind.ENDPOINT}
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
_KINDS_WITH_NOT_PRINCIPAL = frozenset({PolicyKind.RESOURCE, PolicyKind.ENDPOINT})
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]*", re.ASCII)
# IAM: "Actions/Conditions must be prefaced by a vendor" and "can contain only one colon"; a vendor has no wildcard.
_ACTION = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[\w*?.-]+", re.ASCII)
_RESOURCE = re.compile(r"\*|arn:[a-z*?-]+:[^:].*", re.DOTALL)


def malformed(place: str, problem: str, *, why: str = "", next_step: str = "") -> MalformedPolicy:
    """Return the error for one place of a document."""
    return MalformedPolicy(
        f"{place}: {problem}" if place else problem,
        why=why or "AWS would refuse to save this policy",
        next_step=next_step or "correct the policy document",
    )


def read_document(document: object) -> dict[str, object]:
    """Return a policy document as plain dictionaries, lists and text.

    Raises:
        MalformedPolicy: not JSON, a key given twice, nested too deeply, or not an object.
    """
    tree = _plain_tree(load_json(document) if isinstance(document, str) else document, "", 0)
    if not isinstance(tree, dict):
        raise malformed("", "the policy is not a JSON object")
    return tree


def as_json(tree: Mapping[str, object]) -> str:
    """Return a document, or a part of one, so that equal ones look the same."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"))


def load_json(text: str) -> object:
    """Read JSON in which no key is given twice; a number keeps its text.

    Raises:
        MalformedPolicy: not JSON, a key given twice, or nested too deeply.
    """
    try:
        return read_json(text, Number)
    except InvalidInput as error:
        raise malformed("", error.what) from None


def _plain_tree(value: object, place: str, depth: int) -> object:
    """Return a value as plain dictionaries, lists and text; JSON booleans stay booleans."""
    if depth > _DEEPEST:
        raise malformed("", "the policy is nested too deeply")
    if isinstance(value, Number | bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return Number(value)
    if isinstance(value, list | tuple):
        return [_plain_tree(each, place, depth + 1) for each in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise malformed(place, "a key is not text")
        return {key: _plain_tree(each, place, depth + 1) for key, each in value.items()}
    raise malformed(place, "a value is neither text, number, boolean, list nor object")


def statement_trees(tree: Mapping[str, object]) -> list[tuple[str, Mapping[str, object]]]:
    """Return the statements of a document, each with its place, after checking everything around them."""
    for element in tree:
        if element not in ("Version", "Id", "Statement"):
            raise malformed("", f"unknown element{quoted(element)}")
    if tree.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise malformed("Version", "not a version of the policy language", next_step='write "Version": "2012-10-17"')
    if type(tree.get("Id", "")) is not str:
        raise malformed("Id", "not text")
    if "Statement" not in tree:
        raise malformed("", "Statement is missing")
    statements = tree["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    if not listed:
        raise malformed("Statement", "the list is empty")
    places = [(f"Statement[{position}]", each) for position, each in enumerate(listed, start=1)]
    for place, each in places:
        if not isinstance(each, dict):
            raise malformed(place, "not an object")
    return [(place, each) for place, each in places if isinstance(each, dict)]


def check_statement(statement: Mapping[str, object], kind: PolicyKind, place: str) -> None:
    """Refuse a statement with unknown, missing or prohibited elements."""
    for element in statement:
        if element not in _STATEMENT_ELEMENTS:
            raise malformed(place, f"unknown element{quoted(element)}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise malformed(f"{place}.Effect", "neither Allow nor Deny")
    _check_sid(statement.get("Sid", ""), kind, f"{place}.Sid")
    _check_one_of(statement, "Action", "NotAction", place, required=True)
    if kind is PolicyKind.TRUST:
        _check_none_of(statement, ("Resource", "NotResource"), place)
    else:
        # Some services let a resource policy leave Resource out: it is the resource that the policy is attached to.
        _check_one_of(statement, "Resource", "NotResource", place, required=kind is not PolicyKind.RESOURCE)
    if kind not in _KINDS_WITH_PRINCIPAL:
        _check_none_of(statement, ("Principal", "NotPrincipal"), place)
        return
    if kind not in _KINDS_WITH_NOT_PRINCIPAL:
        _check_none_of(statement, ("NotPrincipal",), place)
    _check_one_of(statement, "Principal", "NotPrincipal", place, required=True)
    if "NotPrincipal" in statement and statement["Effect"] == "Allow":
        raise malformed(
            f"{place}.NotPrincipal", "not supported with Allow", next_step="name who is allowed in Principal"
        )


def _check_sid(sid: object, kind: PolicyKind, place: str) -> None:
    if type(sid) is not str:
        raise malformed(place, "not text")
    if kind in _ALPHANUMERIC_SID_KINDS and not _ALPHANUMERIC.fullmatch(sid):
        raise malformed(place, "only letters A-Z, a-z and digits are allowed")


def _check_one_of(statement: Mapping[str, object], name: str, opposite: str, place: str, *, required: bool) -> None:
    if name in statement and opposite in statement:
        raise malformed(place, f"both {name} and {opposite}")
    if required and name not in statement and opposite not in statement:
        raise malformed(place, f"{name} is missing")


def _check_none_of(statement: Mapping[str, object], names: Iterable[str], place: str) -> None:
    for name in names:
        if name in statement:
            raise malformed(f"{place}.{name}", "not allowed in this kind of policy")


def texts(value: object, place: str) -> tuple[str, ...]:
    """Return an element that is a text or a list of texts."""
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise malformed(place, "the list is empty")
    found = tuple(each for each in listed if type(each) is str)
    if len(found) < len(listed):
        raise malformed(place, "neither text nor a list of texts")
    return found


def actions(statement: Mapping[str, object], kind: PolicyKind, place: str) -> tuple[str, ...]:
    """Return the patterns of Action or NotAction."""
    name = "Action" if "Action" in statement else "NotAction"
    patterns = texts(statement[name], f"{place}.{name}")
    for pattern in patterns:
        if not _ACTION.fullmatch(pattern):
            raise malformed(f"{place}.{name}", "an action is a service, a colon and a name, such as s3:GetObject")
        if kind is PolicyKind.TRUST and not pattern.lower().startswith("sts:"):
            raise malformed(f"{place}.{name}", "a trust policy may name sts actions only")
    if kind is PolicyKind.RESOURCE_CONTROL and name == "NotAction":
        raise malformed(f"{place}.NotAction", "not allowed in this kind of policy")
    return patterns


def resources(statement: Mapping[str, object], place: str) -> tuple[str, ...]:
    """Return the patterns of Resource or NotResource; a statement without either is about every resource."""
    name = "NotResource" if "NotResource" in statement else "Resource"
    patterns = texts(statement.get(name, "*"), f"{place}.{name}")
    for pattern in patterns:
        if not _RESOURCE.fullmatch(pattern):
            raise malformed(f"{place}.{name}", 'a resource is an ARN or "*"')
    return patterns


def check_resource_control(statement: Mapping[str, object], place: str) -> None:
    """Refuse what only AWS's own RCPFullAWSAccess may say: every other statement of an RCP denies everybody."""
    if statement["Principal"] not in ("*", {"AWS": "*"}, {"AWS": ["*"]}):
        raise malformed(f"{place}.Principal", 'a resource control policy is about Principal "*"')
    grants_everything = statement.get("Action") in ("*", ["*"]) and statement.get("Resource") in ("*", ["*"])
    if statement["Effect"] == "Allow" and (not grants_everything or "Condition" in statement):
        raise malformed(f"{place}.Effect", "only RCPFullAWSAccess, which AWS attaches, may allow")
