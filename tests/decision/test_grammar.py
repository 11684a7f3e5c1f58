"""What AWS would refuse to save is refused; what it saves is read."""

from __future__ import annotations

import json

import pytest

from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from tests.decision.asking import Document, allow, deny, document, trusting

IDENTITY, SESSION, BOUNDARY = PolicyKind.IDENTITY, PolicyKind.SESSION, PolicyKind.BOUNDARY
RESOURCE, TRUST, ENDPOINT = PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.ENDPOINT
SCP, RCP = PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL
ROOT = {"AWS": "arn:aws:iam::111122223333:root"}


def without(name: str) -> Document:
    """Return a statement that lacks one element."""
    return {key: value for key, value in allow().items() if key != name}


REFUSED = [
    ("an unknown element at the top", IDENTITY, {**document(allow()), "Statements": []}, "unknown element Statements"),
    ("an unknown version", IDENTITY, document(allow(), version="2012-10-18"), "Version"),
    ("no Statement", IDENTITY, {"Version": "2012-10-17"}, "Statement is missing"),
    ("an empty list of statements", IDENTITY, document(), "Statement: the list is empty"),
    ("a statement that is text", IDENTITY, {"Statement": ["Allow"]}, r"Statement\[1\]: not an object"),
    ("an Id that is a number", RESOURCE, {**document(allow(Principal="*")), "Id": 7}, "Id: not text"),
    ("an unknown element", IDENTITY, document(allow(Efect="Allow")), r"Statement\[1\]: unknown element Efect"),
    ("a lower-case element", IDENTITY, document({**without("Action"), "action": "*"}), "unknown element action"),
    ("no Effect", IDENTITY, document(without("Effect")), r"Statement\[1\].Effect"),
    ("a lower-case Effect", IDENTITY, document(allow(Effect="allow")), "neither Allow nor Deny"),
    ("an Effect that is a list", IDENTITY, document(allow(Effect=["Allow"])), "neither Allow nor Deny"),
    ("no Action", IDENTITY, document(without("Action")), "Action is missing"),
    ("Action and NotAction", IDENTITY, document(allow(NotAction="s3:*")), "both Action and NotAction"),
    ("no Resource", IDENTITY, document(without("Resource")), "Resource is missing"),
    ("no Resource in a session policy", SESSION, document(without("Resource")), "Resource is missing"),
    ("no Resource in a boundary", BOUNDARY, document(without("Resource")), "Resource is missing"),
    ("no Resource in an SCP", SCP, document(without("Resource")), "Resource is missing"),
    ("Resource and NotResource", IDENTITY, document(allow(NotResource="*")), "both Resource and NotResource"),
    ("an empty list of actions", IDENTITY, document(allow([])), "Action: the list is empty"),
    ("an empty list of resources", IDENTITY, document(allow("*", [])), "Resource: the list is empty"),
    ("an action that is a number", IDENTITY, document(allow([1])), "Action: neither text"),
    ("an action without a service", IDENTITY, document(allow("GetObject")), "an action is a service"),
    ("an action with two colons", IDENTITY, document(allow("s3:Get:Object")), "an action is a service"),
    ("a wildcard in the service", IDENTITY, document(allow("s*:GetObject")), "an action is a service"),
    ("a resource that is no ARN", IDENTITY, document(allow("*", "bkt/key")), 'an ARN or "*"'),
    ("a resource without a service", IDENTITY, document(allow("*", "arn:aws::bkt")), 'an ARN or "*"'),
    ("a Sid with a blank", IDENTITY, document(allow(Sid="Read all")), "Sid: only letters"),
    ("a Sid that is a number", IDENTITY, document(allow(Sid=1)), "Sid: not text"),
    ("a Sid twice", IDENTITY, document(allow(Sid="A"), allow(Sid="A")), "the same Sid"),
    ("a Principal in an identity policy", IDENTITY, document(allow(Principal="*")), "Principal: not allowed"),
    ("a NotPrincipal in an identity policy", IDENTITY, document(deny(NotPrincipal=ROOT)), "NotPrincipal: not allowed"),
    ("a Principal in an SCP", SCP, document(allow(Principal="*")), "Principal: not allowed"),
    ("a Principal in a session policy", SESSION, document(allow(Principal="*")), "Principal: not allowed"),
    ("no Principal in a resource policy", RESOURCE, document(allow()), "Principal is missing"),
    ("no Principal in an endpoint policy", ENDPOINT, document(allow()), "Principal is missing"),
    ("no Principal in a trust policy", TRUST, document(allow("sts:AssumeRole", None)), "Principal is missing"),
    ("NotPrincipal with Allow", RESOURCE, document(allow(NotPrincipal=ROOT)), "not supported with Allow"),
    ("Principal and NotPrincipal", RESOURCE, document(deny(Principal="*", NotPrincipal=ROOT)), "both Principal"),
    ("a Resource in a trust policy", TRUST, document(trusting(ROOT, Resource="*")), "Resource: not allowed"),
    (
        "NotPrincipal in a trust policy",
        TRUST,
        document(deny("sts:AssumeRole", None, NotPrincipal=ROOT)),
        "NotPrincipal: not allowed",
    ),
    ("an action of another service in a trust policy", TRUST, document(trusting(ROOT, "s3:*")), "sts actions only"),
    ("every action in a trust policy", TRUST, document(trusting(ROOT, "*")), "sts actions only"),
    ("a bare star in a trust policy", TRUST, document(trusting("*")), '{"AWS": "\\*"}'),
    ("an Allow in an RCP", RCP, document(allow("s3:*", Principal="*")), "only RCPFullAWSAccess"),
    ("somebody in an RCP", RCP, document(deny("s3:*", Principal=ROOT)), 'Principal "\\*"'),
    ("NotPrincipal in an RCP", RCP, document(deny("s3:*", NotPrincipal=ROOT)), "NotPrincipal: not allowed"),
    (
        "NotAction in an RCP",
        RCP,
        document({**without("Action"), "Effect": "Deny", "NotAction": "s3:*", "Principal": "*"}),
        "NotAction: not allowed",
    ),
]

REFUSED_PRINCIPALS: list[tuple[str, object]] = [
    ("text that is no star", "111122223333"),
    ("an empty object", {}),
    ("an unknown type", {"Aws": "111122223333"}),
    ("an empty list", {"AWS": []}),
    ("an account of 11 digits", {"AWS": "11112222333"}),
    ("a root of 13 digits", {"AWS": "arn:aws:iam::1111222233334:root"}),
    ("a group", {"AWS": "arn:aws:iam::111122223333:group/netops"}),
    ("a session without a name", {"AWS": "arn:aws:sts::111122223333:assumed-role/NetOps"}),
    ("a role of sts", {"AWS": "arn:aws:sts::111122223333:role/NetOps"}),
    ("another service's ARN", {"AWS": "arn:aws:s3:::bkt"}),
    ("another partition", {"AWS": "arn:azure:iam::111122223333:root"}),
    ("every service", {"Service": "*"}),
    ("a service without a domain", {"Service": "ec2"}),
    ("every identity provider", {"Federated": "*"}),
    ("a canonical user that is none", {"CanonicalUser": "alice"}),
    ("a list of lists", {"AWS": [["111122223333"]]}),
]

REFUSED_CONDITIONS: list[tuple[str, object, str]] = [
    ("text", "yes", "Condition: not an object"),
    ("an operator without keys", {"StringEquals": "x"}, "not an object"),
    ("an unknown operator", {"StringIs": {"aws:x": "y"}}, "unknown operator StringIs"),
    ("an unknown operator without keys", {"StringIs": {}}, "unknown operator StringIs"),
    ("an operator in lower case", {"stringEquals": {"aws:x": "y"}}, "unknown operator stringEquals"),
    ("an unknown qualifier", {"ForSomeValues:StringEquals": {"aws:x": "y"}}, "unknown operator"),
    ("two qualifiers", {"ForAllValues:ForAnyValue:StringLike": {"aws:x": "y"}}, "unknown operator"),
    ("IfExists twice", {"StringLikeIfExistsIfExists": {"aws:x": "y"}}, "unknown operator"),
    ("IfExists with Null", {"NullIfExists": {"aws:x": "true"}}, "unknown operator NullIfExists"),
    ("a set qualifier with Null", {"ForAllValues:Null": {"aws:x": "true"}}, "unknown operator"),
    ("a key without a service", {"StringEquals": {"x": "y"}}, "a condition key has a service"),
    ("a key in two cases", {"StringEquals": {"aws:x": "y", "AWS:X": "y"}}, "given twice"),
    ("a value of null", {"StringEquals": {"aws:x": None}}, "neither text"),
    ("a list of objects", {"StringEquals": {"aws:x": [{}]}}, "a condition value is"),
    ("a date that is none", {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}, "not a date"),
    ("a day that is none", {"DateLessThan": {"aws:CurrentTime": "2026-02-30"}}, "not a date"),
]


@pytest.mark.parametrize(("kind", "tree", "problem"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_document_that_breaks_the_grammar_is_refused(kind: PolicyKind, tree: Document, problem: str) -> None:
    with pytest.raises(MalformedPolicy, match=problem) as refusal:
        parse_policy(tree, kind)

    assert refusal.value.what.startswith(kind.value)
    assert refusal.value.why
    assert refusal.value.next_step
    with pytest.raises(MalformedPolicy, match=problem):
        parse_policy(json.dumps(tree), kind)


@pytest.mark.parametrize("who", [case[1] for case in REFUSED_PRINCIPALS], ids=[case[0] for case in REFUSED_PRINCIPALS])
@pytest.mark.parametrize("kind", [TRUST, RESOURCE])
def test_a_principal_of_no_legal_form_is_refused(who: object, kind: PolicyKind) -> None:
    tree = trusting(who) if kind is TRUST else allow(Principal=who)

    with pytest.raises(MalformedPolicy, match="Principal"):
        parse_policy(document(tree), kind)


@pytest.mark.parametrize(
    ("condition", "problem"),
    [case[1:] for case in REFUSED_CONDITIONS],
    ids=[case[0] for case in REFUSED_CONDITIONS],
)
def test_a_condition_that_breaks_the_grammar_is_refused(condition: object, problem: str) -> None:
    with pytest.raises(MalformedPolicy, match=problem):
        parse_policy(document(allow(Condition=condition)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1 column 1"),
        ('{"Statement": [', "line 1 column"),
        ("[]", "not a JSON object"),
        ('"Allow"', "not a JSON object"),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', "the key Version is given twice"),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow"}}', "the key Effect is given twice"),
        ('{"Statement": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({"Statement": [[[[[[[[[["deep"]]]]]]]]]]}), "nested too deeply"),
    ],
)
def test_text_that_is_no_policy_is_refused(text: str, problem: str) -> None:
    with pytest.raises(MalformedPolicy, match=problem):
        parse_policy(text)


def test_an_object_that_json_cannot_hold_is_refused() -> None:
    for tree in ({1: "x"}, {"Statement": object()}, {"Statement": b"bytes"}):
        with pytest.raises(MalformedPolicy):
            parse_policy(tree)  # type: ignore[arg-type]


def test_an_error_repeats_nothing_that_could_be_an_external_id() -> None:
    """People paste values into wrong places; errors are logged."""
    secret = "gp1.7KQ2M9XW4T.hunter2"
    misplaced: list[Document] = [
        trusting(secret),
        trusting({"AWS": secret}),
        trusting({"Service": f"{secret}*"}),
        trusting({secret: "*"}),
        trusting(ROOT, secret),
        trusting(ROOT, **{secret: "x"}),
        trusting(ROOT, Sid=secret),
        trusting(ROOT, Effect=secret),
        trusting(ROOT, Condition=secret),
        trusting(ROOT, Condition={secret: {"sts:ExternalId": "x"}}),
        trusting(ROOT, Condition={"StringEquals": {secret: "sts:ExternalId"}}),
        trusting(ROOT, Condition={"StringEquals": {"sts:ExternalId": {secret: "x"}}}),
        trusting(ROOT, Condition={"StringEquals": {"sts:ExternalId": [secret, None]}}),
        trusting(ROOT, Condition={"DateLessThan": {"aws:CurrentTime": secret}}),
    ]
    for tree in misplaced:
        with pytest.raises(MalformedPolicy) as refusal:
            parse_policy(json.dumps(document(tree)), TRUST)
        error = refusal.value
        assert secret not in f"{error!r} {error} {error.what} {error.why} {error.next_step}"
    with pytest.raises(MalformedPolicy) as refusal:
        parse_policy(f'{{"Statement": "{secret}" "}}', TRUST)
    assert secret not in repr(refusal.value)


@pytest.mark.parametrize(
    ("kind", "tree"),
    [
        (IDENTITY, {"Statement": allow()}),
        (IDENTITY, document(allow(), version="2008-10-17")),
        (IDENTITY, document(allow(), version=None)),
        (IDENTITY, document(allow(Sid=""), allow(Sid=""))),
        (IDENTITY, document(allow(["s3:Get*", "*:*", "ec2:?tart"], ["arn:aws:s3:::a", "*"]))),
        (IDENTITY, document(allow(Condition={}))),
        (IDENTITY, document(allow(Condition={"StringEquals": {}}))),
        (IDENTITY, document(allow(Condition={"StringEquals": {"aws:x": []}}))),
        (IDENTITY, document(allow(Condition={"Bool": {"aws:x": True}, "NumericLessThan": {"aws:y": 3.5}}))),
        (IDENTITY, document(allow(Condition={"DateLessThan": {"aws:CurrentTime": 1782864000}}))),
        (RESOURCE, {**document(allow(Principal="*", Sid="Read all")), "Id": "My policy"}),
        (RESOURCE, document(allow(Principal={"AWS": ["*", "111122223333"], "CanonicalUser": "a" * 64}))),
        (RESOURCE, document(allow("sns:Publish", None, Principal="*"))),
        (RESOURCE, document(allow(Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin E1"}))),
        (ENDPOINT, document(deny(NotPrincipal=ROOT))),
        (TRUST, document(trusting({"AWS": "*"}))),
        (TRUST, document(trusting({"AWS": "AROAJ45Q7YFFAREXAMPLE"}))),
        (TRUST, document(trusting({"AWS": "arn:aws-cn:iam::111122223333:role/team/NetOps"}))),
        (TRUST, document(trusting({"AWS": "arn:aws-us-gov:sts::111122223333:federated-user/bob"}))),
        (TRUST, document(trusting({"AWS": "arn:aws:iam::111122223333:role/Eng-*"}))),
        (TRUST, document(trusting({"Service": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}))),
        (TRUST, document(trusting({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity"))),
        (TRUST, document(trusting({"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}, "sts:*"))),
        (SCP, document(allow(), deny("s3:*", "*", Condition={"Null": {"aws:x": "true"}}))),
        (RCP, document(allow(Principal="*"), deny("sts:*", Principal={"AWS": "*"}))),
    ],
)
def test_a_document_that_aws_saves_is_read(kind: PolicyKind, tree: Document) -> None:
    policy = parse_policy(tree, kind, "name")

    assert (policy.kind, policy.name) == (kind, "name")
    assert [each.position for each in policy.statements] == list(range(1, len(policy.statements) + 1))
    assert parse_policy(policy.document, kind, "name") == policy


def test_policies_are_equal_when_their_documents_say_the_same() -> None:
    tree = document(allow("s3:GetObject"), deny("s3:*"))
    reordered = {"Statement": [dict(reversed(each.items())) for each in (allow("s3:GetObject"), deny("s3:*"))]}

    assert parse_policy(tree) == parse_policy({**reordered, "Version": "2012-10-17"})
    assert parse_policy(tree) != parse_policy(document(allow("s3:PutObject"), deny("s3:*")))
    assert len({parse_policy(tree), parse_policy(json.dumps(tree))}) == 1
