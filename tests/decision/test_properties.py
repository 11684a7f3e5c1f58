"""What holds for all policies and requests, not only for those we thought of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gatepass.decision.evaluate import Level, Outcome, Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import ANONYMOUS, PrincipalKind, Request, context
from tests.decision.asking import (
    ALICE,
    CUSTOMER,
    EC2,
    FEDERATED,
    HOP,
    KEY,
    KMS_KEY,
    PROVIDER,
    ROLE,
    ROOT,
    SESSION,
    Document,
    document,
)

EXAMPLES = settings(max_examples=70, deadline=None)
IDENTITY, RESOURCE, TRUST = PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.TRUST
ACTIONS = ["s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sts:TagSession", "kms:Decrypt"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:?utObject", "sts:AssumeRole", "sts:*", "kms:Decrypt", "ec2:*"]
RESOURCES = [KEY, "arn:aws:s3:::bkt/alice/f", ROLE, HOP, KMS_KEY, "*"]
RESOURCE_PATTERNS = ["*", KEY, "arn:aws:s3:::*/f", "arn:aws:s3:::bkt/${aws:username}/*", ROLE, "arn:aws:iam::*:role/*"]
WHO: list[object] = [
    "*",
    {"AWS": "*"},
    {"AWS": PROVIDER},
    {"AWS": ALICE.arn},
    {"AWS": [SESSION.arn, f"arn:aws:iam::{PROVIDER}:role/NetOps"]},
    {"AWS": f"arn:aws:iam::{PROVIDER}:role/NetOps"},
    {"Service": "ec2.amazonaws.com"},
    {"AWS": CUSTOMER},
]
CONDITIONS: list[Document] = [
    {"StringEquals": {"sts:ExternalId": ["right", "${aws:username}"]}},
    {"StringNotEquals": {"sts:ExternalId": "right"}},
    {"Null": {"sts:ExternalId": "false"}},
    {"ForAllValues:StringLike": {"aws:TagKeys": "t*"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}},
    {"DateLessThan": {"aws:CurrentTime": "2026-07-01"}},
    {"NumericLessThanIfExists": {"s3:max-keys": "10"}},
]
KEYS: dict[str, list[str]] = {
    "sts:ExternalId": ["right", "wrong"],
    "aws:username": ["alice", "*"],
    "aws:TagKeys": ["team", "x"],
    "aws:SourceIp": ["203.0.113.9", "198.51.100.1", "nowhere"],
    "aws:SecureTransport": ["true", "false"],
    "aws:CurrentTime": ["2026-06-30T00:00:00Z", "2027-01-01T00:00:00Z"],
    "s3:max-keys": ["5", "many"],
}


def some_of(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


def mostly(usual: object, other: object) -> st.SearchStrategy[Any]:
    """Return the usual value, and now and then another: layers that allow nothing would prove nothing."""
    others = other if isinstance(other, st.SearchStrategy) else st.just(other)
    return st.integers(0, 2).flatmap(lambda number: others if number == 2 else st.just(usual))


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind, effect: str | None = None) -> Document:
    """Return a statement that AWS would save in this kind of policy."""
    tree: Document = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
    if kind is TRUST:
        tree["Action"] = draw(some_of([each for each in ACTION_PATTERNS if each.startswith("sts:")]))
    else:
        tree[draw(mostly("Action", "NotAction"))] = draw(mostly("*", some_of(ACTION_PATTERNS)))
        tree[draw(mostly("Resource", "NotResource"))] = draw(mostly("*", some_of(RESOURCE_PATTERNS)))
    if kind in (RESOURCE, TRUST, PolicyKind.ENDPOINT):
        tree["Principal"] = draw(mostly({"AWS": ["*"]}, st.sampled_from(WHO[1:] if kind is TRUST else WHO)))
        if kind is RESOURCE and tree["Effect"] == "Deny" and draw(st.booleans()):
            tree["NotPrincipal"] = tree.pop("Principal")
    tree["Condition"] = draw(mostly({}, st.sampled_from(CONDITIONS)))
    return tree


@dataclass(frozen=True)
class Layers:
    """The statements of every layer; ``None`` where a layer is not there."""

    identity: list[Document]
    boundary: list[Document] | None
    session: list[Document] | None
    resource: list[Document] | None
    service_control: list[list[Document]]
    endpoint: list[Document] | None
    resource_kind: PolicyKind

    def compiled(self) -> Policies:
        def policies(each: list[Document] | None, kind: PolicyKind) -> tuple[Policy, ...]:
            return (parse_policy(document(*each), kind),) if each else ()

        resource = policies(self.resource, self.resource_kind)
        return Policies(
            identity=policies(self.identity, IDENTITY),
            boundary=None if self.boundary is None else policies(self.boundary, PolicyKind.BOUNDARY),
            session=None if self.session is None else policies(self.session, PolicyKind.SESSION),
            resource=resource[0] if resource else None,
            service_control=tuple(
                Level(str(number), policies(each, PolicyKind.SERVICE_CONTROL))
                for number, each in enumerate(self.service_control)
            ),
            endpoint=None if self.endpoint is None else policies(self.endpoint, PolicyKind.ENDPOINT),
        )


def lists(kind: PolicyKind) -> st.SearchStrategy[list[Document]]:
    return some_statements(kind) | some_statements(kind) | st.just([])


def some_statements(kind: PolicyKind) -> st.SearchStrategy[list[Document]]:
    return st.lists(statements(kind), min_size=1, max_size=3)


@st.composite
def layered(draw: st.DrawFn) -> Layers:
    kind = draw(st.sampled_from([RESOURCE, TRUST]))
    return Layers(
        identity=draw(some_statements(IDENTITY)),
        boundary=draw(mostly(None, lists(PolicyKind.BOUNDARY))),
        session=draw(mostly(None, lists(PolicyKind.SESSION))),
        resource=draw(lists(kind)),
        service_control=draw(mostly([], st.lists(lists(PolicyKind.SERVICE_CONTROL), min_size=1, max_size=2))),
        endpoint=draw(mostly(None, lists(PolicyKind.ENDPOINT))),
        resource_kind=kind,
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    chosen = draw(st.lists(st.sampled_from(sorted(KEYS)), unique=True))
    keys = {key: draw(st.lists(st.sampled_from(KEYS[key]), min_size=1, max_size=2, unique=True)) for key in chosen}
    return Request(
        draw(mostly(SESSION, st.sampled_from([ALICE, ROOT, FEDERATED, EC2, ANONYMOUS]))),
        draw(st.sampled_from(ACTIONS)),
        draw(st.sampled_from(RESOURCES)),
        draw(mostly(PROVIDER, CUSTOMER)),
        context(keys),
    )


def outcome_of(request: Request, given_layers: Layers) -> Outcome:
    return decide(request, given_layers.compiled()).outcome


def extended(given_layers: Layers, layer: str, extra: Document) -> Layers:
    """Return the layers with one statement more, in a layer that is there already."""
    if layer == "service_control":
        levels = given_layers.service_control
        assume(levels)
        return replace(given_layers, service_control=[[*levels[0], extra], *levels[1:]])
    before: list[Document] | None = getattr(given_layers, layer)
    assume(before is not None)
    changed: dict[str, Any] = {layer: [*(before or []), extra]}
    return replace(given_layers, **changed)


LAYERS = ["identity", "boundary", "session", "resource", "service_control", "endpoint"]
KINDS = {
    "identity": IDENTITY,
    "boundary": PolicyKind.BOUNDARY,
    "session": PolicyKind.SESSION,
    "service_control": PolicyKind.SERVICE_CONTROL,
    "endpoint": PolicyKind.ENDPOINT,
}


@EXAMPLES
@given(st.data(), requests(), layered(), st.sampled_from(LAYERS))
def test_adding_a_deny_never_allows_more(data: st.DataObject, request: Request, before: Layers, layer: str) -> None:
    extra = data.draw(statements(KINDS.get(layer, before.resource_kind), "Deny"))

    after = outcome_of(request, extended(before, layer, extra))

    assert after is not Outcome.ALLOWED or outcome_of(request, before) is Outcome.ALLOWED


@EXAMPLES
@given(st.data(), requests(), layered(), st.sampled_from(LAYERS))
def test_adding_an_allow_never_denies_more(data: st.DataObject, request: Request, before: Layers, layer: str) -> None:
    extra = data.draw(statements(KINDS.get(layer, before.resource_kind), "Allow"))

    after = outcome_of(request, extended(before, layer, extra))

    assert after is Outcome.ALLOWED or outcome_of(request, before) is not Outcome.ALLOWED


@EXAMPLES
@given(requests(), layered(), lists(PolicyKind.BOUNDARY))
def test_a_boundary_only_narrows(request: Request, before: Layers, boundary: list[Document]) -> None:
    before = replace(before, boundary=None)

    after = outcome_of(request, replace(before, boundary=boundary))

    assert after is not Outcome.ALLOWED or outcome_of(request, before) is Outcome.ALLOWED


@EXAMPLES
@given(requests(), layered(), lists(PolicyKind.SESSION))
def test_a_session_policy_only_narrows(request: Request, before: Layers, session: list[Document]) -> None:
    """But for a federated user, whom AWS leaves with nothing when no session policy is passed."""
    assume(request.principal.kind is not PrincipalKind.FEDERATED_USER)
    before = replace(before, session=None)

    after = outcome_of(request, replace(before, session=session))

    assert after is not Outcome.ALLOWED or outcome_of(request, before) is Outcome.ALLOWED


@EXAMPLES
@given(requests(), layered(), lists(PolicyKind.ENDPOINT), lists(PolicyKind.SERVICE_CONTROL))
def test_endpoints_and_organisations_only_narrow(
    request: Request, before: Layers, endpoint: list[Document], scp: list[Document]
) -> None:
    before = replace(before, endpoint=None)

    through_endpoint = outcome_of(request, replace(before, endpoint=endpoint))
    one_level_more = outcome_of(request, replace(before, service_control=[*before.service_control, scp]))

    if outcome_of(request, before) is not Outcome.ALLOWED:
        assert Outcome.ALLOWED not in (through_endpoint, one_level_more)


def shuffled(data: st.DataObject, value: object) -> object:
    """Return a document whose keys and lists stand in another order."""
    if isinstance(value, dict):
        return {key: shuffled(data, value[key]) for key in data.draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [shuffled(data, each) for each in data.draw(st.permutations(value))]
    return value


@EXAMPLES
@given(st.data(), requests(), layered())
def test_the_order_of_statements_keys_and_values_is_irrelevant(
    data: st.DataObject, request: Request, before: Layers
) -> None:
    identity, resource = shuffled(data, before.identity), shuffled(data, before.resource)
    assert isinstance(identity, list)
    assert resource is None or isinstance(resource, list)
    keys = dict(reversed(request.context.values_by_key.items()))
    asked = Request(
        request.principal, request.action.upper(), request.resource, request.resource_account, context(keys)
    )

    after = outcome_of(asked, replace(before, identity=identity, resource=resource))

    assert after is outcome_of(request, before)


@EXAMPLES
@given(requests(), layered())
def test_every_decision_says_why_and_reads_back(request: Request, before: Layers) -> None:
    policies = before.compiled()

    decision = decide(request, policies)

    assert str(decision.because)
    assert decision.allowed or decision.because.needed or decision.because.kind is None
    for policy in policies.identity:
        assert parse_policy(policy.document, IDENTITY) == policy
