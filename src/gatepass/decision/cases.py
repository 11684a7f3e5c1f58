"""Decisions written down as JSON objects, in the form of the conformance cases."""

from __future__ import annotations

from collections.abc import Mapping

from gatepass.decision.evaluate import Decision, Level, Policies, decide
from gatepass.decision.grammar import load_json
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import ANONYMOUS, Context, Principal, Request, context, principal, service_principal
from gatepass.domain.errors import InvalidInput

# With ABAC off, the tags of a bucket are no condition keys:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
_BUCKET_TAGS = ("aws:resourcetag/", "s3:buckettag/")


def parse_case(line: str) -> Mapping[str, object]:
    """Parse one line of a file of cases.

    Raises:
        MalformedPolicy: not JSON, or a key is given twice.
        InvalidInput: not an object.
    """
    return _object(load_json(line), "case")


def decide_case(case: Mapping[str, object]) -> Decision:
    """Read one case and decide it.

    Raises:
        MalformedPolicy: the case has a document that AWS would refuse to save.
        InvalidInput: the case is not of the form.
    """
    return decide(*read_case(case))


def read_case(case: Mapping[str, object]) -> tuple[Request, Policies]:
    """Read one case: the request and the policies that bear on it.

    Raises:
        MalformedPolicy: the case has a document that AWS would refuse to save.
        InvalidInput: the case is not of the form.
    """
    s3 = _object(_object(case.get("settings") or {}, "settings").get("s3") or {}, "settings.s3")
    request = _request(_object(case.get("request"), "request"), hides_bucket_tags=s3.get("bucketAbacEnabled") is False)
    resource_policy = case.get("resourcePolicy")
    resource_kind = PolicyKind.TRUST if _is_about_role(request) else PolicyKind.RESOURCE
    session = case.get("sessionPolicy")
    return request, Policies(
        identity=_policies(case.get("identityPolicies") or [], PolicyKind.IDENTITY, "identityPolicies"),
        boundary=_optional(case.get("permissionBoundaries"), PolicyKind.BOUNDARY, "permissionBoundaries"),
        session=None if session is None else (_policy(session, PolicyKind.SESSION, "sessionPolicy"),),
        resource=None if resource_policy is None else _policy(resource_policy, resource_kind, "resourcePolicy"),
        service_control=_levels(case.get("scps") or [], PolicyKind.SERVICE_CONTROL, "scps"),
        resource_control=_levels(case.get("rcps") or [], PolicyKind.RESOURCE_CONTROL, "rcps"),
        endpoint=_optional(case.get("endpointPolicies"), PolicyKind.ENDPOINT, "endpointPolicies"),
        blocks_public_access=s3.get("blockPublicAccess") is True,
    )


def _request(tree: Mapping[str, object], *, hides_bucket_tags: bool) -> Request:
    keys = _context(_object(tree.get("context") or {}, "request.context"))
    if hides_bucket_tags:
        keys = keys.without_keys(*(key for key in keys if key.startswith(_BUCKET_TAGS)))
    return Request(
        principal=_principal(tree.get("principal")),
        action=_text(tree.get("action"), "request.action"),
        resource=_text(tree.get("resource"), "request.resource"),
        resource_account=_text(tree.get("resourceAccount"), "request.resourceAccount"),
        context=keys,
    )


def _principal(value: object) -> Principal:
    if isinstance(value, Mapping) and value.get("type") == "Anonymous":
        return ANONYMOUS
    text = _text(value, "request.principal")
    return principal(text) if text.startswith("arn:") else service_principal(text)


def _context(tree: Mapping[str, object]) -> Context:
    return context({key: tuple(_value(each, key) for each in _list_of(value)) for key, value in tree.items()})


def _list_of(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _value(value: object, key: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | str):
        return str(value)
    raise InvalidInput(f"request.context.{key}: neither text nor a list of texts", next_step="write the value as text")


def _is_about_role(request: Request) -> bool:
    return request.folded_action.startswith("sts:") and ":role/" in request.resource


def _levels(value: object, kind: PolicyKind, place: str) -> tuple[Level, ...]:
    levels: list[Level] = []
    for number, each in enumerate(_list(value, place), start=1):
        tree = _object(each, f"{place}[{number}]")
        name = tree.get("level")
        inside = f"{place}[{number}].policies"
        levels.append(Level(str(name or number), _policies(tree.get("policies") or [], kind, inside)))
    return tuple(levels)


def _optional(value: object, kind: PolicyKind, place: str) -> tuple[Policy, ...] | None:
    return None if value is None else _policies(value, kind, place)


def _policies(value: object, kind: PolicyKind, place: str) -> tuple[Policy, ...]:
    documents = _list(value, place)
    return tuple(_policy(each, kind, f"{place}[{number}]") for number, each in enumerate(documents, start=1))


def _policy(document: object, kind: PolicyKind, place: str) -> Policy:
    return parse_policy(_object(document, place), kind, place)


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidInput(f"{place}: not a list", next_step="write a list of policy documents")
    return value


def _object(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{place}: not an object", next_step="write a JSON object")
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{place}: not text", next_step="write text")
    return value
