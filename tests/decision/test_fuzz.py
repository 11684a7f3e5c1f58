"""Mutated documents: a clear refusal or a policy, never another exception."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.decision.cases import decide_case, parse_case
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.decision.request import Request, context
from gatepass.domain.errors import InvalidInput
from tests.decision.asking import ALICE, CUSTOMER, PROVIDER, ROLE, Document, allow, deny, document, trusting

EXAMPLES = settings(max_examples=200, deadline=None)
LINES = (Path(__file__).parent / "conformance" / "decisions.jsonl").read_text().splitlines()
IDENTITY, TRUST, RESOURCE = PolicyKind.IDENTITY, PolicyKind.TRUST, PolicyKind.RESOURCE
CONDITION: Document = {
    "StringEquals": {"sts:ExternalId": ["a", "b"]},
    "ForAnyValue:ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
    "DateLessThan": {"aws:CurrentTime": "2026-07-01T00:00:00Z"},
    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    "NumericLessThanIfExists": {"s3:max-keys": 10},
}
WHO = {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/a"], "Service": "ec2.amazonaws.com"}
SEEDS: list[tuple[PolicyKind, Document]] = [
    (IDENTITY, document(allow("s3:Get*", ["arn:aws:s3:::bkt/${aws:username, 'x'}/*", "*"], Condition=CONDITION))),
    (IDENTITY, document(deny(None, None, NotAction="iam:*", NotResource="arn:aws:s3:::a"), allow())),
    (TRUST, document(trusting(WHO, Sid="A", Condition=CONDITION), trusting({"AWS": "*"}, "sts:TagSession"))),
    (RESOURCE, document(deny("s3:*", "*", NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}))),
]
KINDS = st.sampled_from(list(PolicyKind))
WORDS = [
    *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"),
    *(
        "NotResource",
        "Condition",
        "Allow",
        "Deny",
        "2012-10-17",
        "*",
        "s3:*",
        "sts:AssumeRole",
        "arn:aws:s3:::b",
        "AWS",
    ),
    *(
        "StringEquals",
        "ForAllValues:StringLike",
        "NullIfExists",
        "Null",
        "${",
        "${}",
        "${a, 'b'}",
        "arn:aws:iam::1:root",
    ),
    *("\ud800", "\x00", "é", "", " ", "0", "1e9", "true", "999999999999"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


def mutated(data: st.DataObject, value: object) -> object:
    """Return a tree with one thing in it replaced, dropped, renamed or repeated."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 29)):
        key = data.draw(st.sampled_from(sorted(value)))
        rest = {name: each for name, each in value.items() if name != key}
        action = data.draw(st.sampled_from([*["descend"] * 8, "drop", "rename", "add"]))
        if action == "drop":
            return rest
        if action == "rename":
            return {**rest, data.draw(st.sampled_from(WORDS)): value[key]}
        if action == "add":
            return {**value, data.draw(st.sampled_from(WORDS)): data.draw(TREES)}
        return {**rest, key: mutated(data, value[key])}
    if isinstance(value, list) and value and data.draw(st.integers(0, 29)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], mutated(data, value[index]), *value[index + 1 :]]
    return data.draw(st.sampled_from(WORDS) | TREES)


def read(tree: object, kind: PolicyKind) -> Policy | None:
    """Return the policy, or nothing where it is refused clearly."""
    try:
        return parse_policy(tree, kind)  # type: ignore[arg-type]
    except MalformedPolicy:
        return None


def decide_on(policy: Policy) -> None:
    """Decide a request on a policy, in its place."""
    keys = context({"aws:username": "alice", "sts:ExternalId": "a", "aws:CurrentTime": "2026-01-01"})
    for action, resource in (("sts:AssumeRole", ROLE), ("s3:GetObject", "arn:aws:s3:::bkt/alice/f")):
        request = Request(ALICE, action, resource, CUSTOMER, keys)
        names_callers = policy.statements[0].principals is not None
        policies = Policies(resource=policy) if names_callers else Policies(identity=(policy,), boundary=(policy,))
        assert str(decide(request, policies).because)
    assert str(policy)


@EXAMPLES
@given(st.data(), st.sampled_from(SEEDS), st.none() | KINDS, st.integers(1, 3))
def test_a_mutated_document_is_refused_or_read(
    data: st.DataObject, seed: tuple[PolicyKind, Document], other_kind: PolicyKind | None, mutations: int
) -> None:
    tree: object = seed[1]
    kind = other_kind or seed[0]
    for _ in range(mutations):
        tree = mutated(data, tree)

    policy = read(tree, kind)

    if policy is not None:
        decide_on(policy)
        assert read(policy.document, kind) == policy


@EXAMPLES
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_text_is_refused_or_read(seed: tuple[PolicyKind, Document], data: st.DataObject) -> None:
    kind, text = seed[0], json.dumps(seed[1])
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 3))
    changed = (
        text[:start]
        + data.draw(st.sampled_from(["x", "*", '"', "{", "}", "[", ",", ":", "1", "null", ""]))
        + text[start + length :]
    )

    policy = read(changed, kind)

    if policy is not None:
        decide_on(policy)


@EXAMPLES
@given(TREES, KINDS)
def test_any_json_is_refused_or_read(tree: object, kind: PolicyKind) -> None:
    read(tree, kind)


@EXAMPLES
@given(st.data(), st.sampled_from(LINES))
def test_a_mutated_case_is_refused_or_decided(data: st.DataObject, line: str) -> None:
    tree = mutated(data, json.loads(line))
    if not isinstance(tree, dict):
        return
    with suppress(InvalidInput):
        assert str(decide_case(parse_case(json.dumps(tree))).because)


@EXAMPLES
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_a_resource_and_a_pattern(pattern: str, resource: str) -> None:
    policy = read(document(allow("s3:GetObject", f"arn:aws:s3:::{pattern}")), PolicyKind.IDENTITY)
    request = Request(ALICE, "s3:GetObject", f"arn:aws:s3:::{resource}", PROVIDER)

    assert policy is not None
    matches = policy.statements[0].matches(request)
    if pattern == resource and "${" not in pattern:
        assert matches
