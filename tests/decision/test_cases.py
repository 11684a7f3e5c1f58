"""Cases: decisions written down as JSON."""

from __future__ import annotations

import json

import pytest

from gatepass.decision.cases import decide_case, parse_case, read_case
from gatepass.decision.policy import MalformedPolicy, PolicyKind
from gatepass.domain.errors import InvalidInput
from tests.decision.asking import (
    ALICE,
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    KEY,
    PROVIDER,
    ROLE,
    Document,
    allow,
    deny,
    document,
)

ADMIN = document(allow())


def case(**elements: object) -> Document:
    """Return a case that is allowed, with some elements replaced."""
    request = {
        "principal": ALICE.arn,
        "action": "s3:GetObject",
        "resource": KEY,
        "resourceAccount": PROVIDER,
        "context": {"aws:SecureTransport": True, "s3:max-keys": 10, "aws:TagKeys": ["a", "b"]},
    }
    base: Document = {"id": "1", "request": request, "identityPolicies": [ADMIN], "sessionPolicy": None}
    return {**base, **elements}


def asking(**elements: object) -> Document:
    """Return a case whose request differs in some elements."""
    request = case()["request"]
    assert isinstance(request, dict)
    return case(request={**request, **elements})


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (case(identityPolicies=[]), IMPLICIT),
        (case(permissionBoundaries=[]), IMPLICIT),
        (case(permissionBoundaries=[document(deny())]), EXPLICIT),
        (case(sessionPolicy=document(allow("ec2:*"))), IMPLICIT),
        (case(scps=[{"level": "root", "policies": []}]), IMPLICIT),
        (case(rcps=[{"level": "root", "policies": [document(deny("s3:*", Principal="*"))]}]), EXPLICIT),
        (case(endpointPolicies=[document(allow("ec2:*", Principal="*"))]), IMPLICIT),
        (case(resourcePolicy=document(deny(Principal="*"))), EXPLICIT),
        (asking(principal={"type": "Anonymous"}), IMPLICIT),
        (asking(principal="ec2.amazonaws.com"), IMPLICIT),
        (case(), ALLOWED),
        (case(scps=[], rcps=[{"level": "root", "policies": []}], endpointPolicies=None, settings=None), ALLOWED),
        (case(permissionBoundaries=None, scps=None, rcps=None), ALLOWED),
    ],
)
def test_a_case_is_read_and_decided(tree: Document, expected: str) -> None:
    assert decide_case(parse_case(json.dumps(tree))).outcome.value == expected
    assert decide_case(tree).outcome.value == expected


def test_the_resource_policy_of_a_role_is_its_trust_policy() -> None:
    trust = document({"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"})
    tree = {**asking(action="sts:AssumeRole", resource=ROLE, resourceAccount="444455556666"), "resourcePolicy": trust}

    _, policies = read_case(tree)

    assert policies.resource is not None
    assert policies.resource.kind is PolicyKind.TRUST
    with pytest.raises(MalformedPolicy, match=r"trust policy resourcePolicy: Statement\[1\]\.Resource"):
        decide_case({**tree, "resourcePolicy": document(allow("sts:AssumeRole", Principal="*"))})


def test_the_settings_of_a_bucket_count() -> None:
    tagged = document(allow(Condition={"StringEquals": {"aws:ResourceTag/team": "red"}}))
    request = asking(context={"aws:ResourceTag/team": "red"})["request"]
    public = document(allow(Principal="*"))
    stranger = asking(principal={"type": "Anonymous"})["request"]

    def answer(**elements: object) -> str:
        return decide_case(case(**elements)).outcome.value

    untagged = {"s3": {"bucketAbacEnabled": False}}
    blocked = {"s3": {"blockPublicAccess": True}}
    assert answer(request=request, identityPolicies=[tagged], settings=untagged) == IMPLICIT
    assert answer(request=request, identityPolicies=[tagged], settings={"s3": {"bucketAbacEnabled": True}}) == ALLOWED
    assert answer(request=stranger, resourcePolicy=public, settings=blocked) == IMPLICIT
    assert answer(request=stranger, resourcePolicy=public, settings={}) == ALLOWED


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({}, "request: not an object"),
        (case(request=[]), "request: not an object"),
        (asking(principal=None), "principal: not text"),
        (asking(principal={"type": "Nobody"}), "principal: not text"),
        (asking(principal="arn:aws:s3:::bkt"), "not the ARN of a caller"),
        (asking(action=None), "action: not text"),
        (asking(action="GetObject"), "not an action"),
        (asking(action="s3:Get*"), "not an action"),
        (asking(resource=1), "resource: not text"),
        (asking(resourceAccount=None), "resourceAccount: not text"),
        (asking(context=["aws:x"]), "context: not an object"),
        (asking(context={"aws:x": {}}), "aws:x"),
        (asking(context={"aws:x": "1", "AWS:X": "2"}), "given twice"),
        (case(identityPolicies=ADMIN), "identityPolicies: not a list"),
        (case(identityPolicies=["text"]), r"identityPolicies\[1\]: not an object"),
        (case(scps=[ADMIN, "text"]), r"scps\[2\]: not an object"),
        (case(settings=[1]), "settings: not an object"),
    ],
)
def test_what_is_no_case_is_refused(tree: Document, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        decide_case(tree)


def test_a_document_that_aws_would_not_save_is_refused_with_its_place() -> None:
    with pytest.raises(
        MalformedPolicy, match=r"identity policy identityPolicies\[2\]: Statement\[1\]: unknown element"
    ):
        decide_case(case(identityPolicies=[ADMIN, document(allow(Principle="*"))]))
    with pytest.raises(MalformedPolicy, match=r"service control policy scps\[1\]\.policies\[1\]"):
        decide_case(case(scps=[{"level": "root", "policies": [document(allow(Principal="*"))]}]))
    with pytest.raises(MalformedPolicy, match="the key Effect is given twice"):
        parse_case('{"identityPolicies": [{"Statement": {"Effect": "Deny", "Effect": "Allow"}}]}')
    with pytest.raises(MalformedPolicy, match="line 1"):
        parse_case("{")
    with pytest.raises(InvalidInput, match="case: not an object"):
        parse_case("[]")
