"""Every decision says why: the statement that decided, or what would have had to be there."""

from __future__ import annotations

import pytest

from gatepass.decision.evaluate import Because, Decision, Policies
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import ANONYMOUS
from tests.decision.asking import (
    ALICE,
    CUSTOMER,
    FEDERATED,
    KEY,
    PROVIDER_ROOT,
    ROLE,
    ROOT,
    SESSION,
    Document,
    allow,
    ask,
    deny,
    document,
    layers,
    level,
    trusting,
)

WITH_ID: Document = {"StringEquals": {"sts:ExternalId": "gp1.KEY.CODE"}}
GUARDED = trusting(PROVIDER_ROOT, Sid="Guarded", Condition=WITH_ID)
ELSEWHERE = "arn:aws:s3:::other/*"


def assuming(policies: Policies, **keys: str) -> Decision:
    """Return the decision on an engineer's sts:AssumeRole."""
    given = {name.replace("_", ":"): value for name, value in keys.items()}
    return ask(policies, caller=SESSION, action="sts:AssumeRole", resource=ROLE, account=CUSTOMER, keys=given)


def test_an_allow_names_the_statements_of_both_sides() -> None:
    because = assuming(layers(identity=[allow(Sid="Admin")], trust=[GUARDED]), sts_ExternalId="gp1.KEY.CODE").because

    assert because == Because(
        kind=PolicyKind.IDENTITY,
        policy="test",
        statement='statement "Admin"',
        condition="StringEquals sts:ExternalId",
        needed="",
        sentence='statement "Admin" of identity policy test and statement "Guarded" of trust policy test '
        "allow sts:AssumeRole",
    )


def test_a_deny_names_its_statement_and_its_condition() -> None:
    because = ask(
        layers(identity=[allow(), deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})])
    ).because

    assert because.kind is PolicyKind.IDENTITY
    assert because.statement == "statement 2"
    assert because.condition == "NotIpAddress aws:SourceIp"
    assert because.needed == "a request that statement 2 of identity policy test does not deny"
    assert (
        str(because) == "statement 2 of identity policy test denies s3:GetObject where NotIpAddress aws:SourceIp holds"
    )


def test_a_missing_external_id_is_named_without_its_value() -> None:
    because = assuming(layers(identity=[allow()], trust=[trusting(PROVIDER_ROOT, "sts:TagSession"), GUARDED])).because

    assert because.kind is PolicyKind.TRUST
    assert because.statement == 'statement "Guarded"'
    assert because.condition == "StringEquals sts:ExternalId"
    assert (
        because.needed == 'a request that meets StringEquals sts:ExternalId of statement "Guarded" of trust policy test'
    )
    assert str(because).endswith(
        'statement "Guarded" of trust policy test comes nearest, '
        "but StringEquals sts:ExternalId does not hold, and the request has no sts:ExternalId"
    )


def test_a_wrong_external_id_is_told_from_a_missing_one() -> None:
    because = assuming(layers(identity=[allow()], trust=[GUARDED]), sts_ExternalId="gp1.KEY.WRONG").because

    assert str(because).endswith("but StringEquals sts:ExternalId does not hold")
    assert "CODE" not in repr(because)
    assert "WRONG" not in repr(because)


@pytest.mark.parametrize(
    ("policies", "kind", "words"),
    [
        (layers(), PolicyKind.IDENTITY, "no statement of the identity policies allows"),
        (layers(identity=[allow("s3:*", ELSEWHERE)]), PolicyKind.IDENTITY, "but it is about other resources"),
        (layers(identity=[allow()], boundary=[allow("ec2:*")]), PolicyKind.BOUNDARY, "the permissions boundary"),
        (layers(identity=[allow()], session=[allow("ec2:*")]), PolicyKind.SESSION, "the session policies"),
        (
            layers(identity=[allow()], service_control=(level("root", allow()), level("unit"))),
            PolicyKind.SERVICE_CONTROL,
            "the service control policies at level unit",
        ),
        (
            layers(identity=[allow()], endpoint=[allow(Principal={"AWS": CUSTOMER})]),
            PolicyKind.ENDPOINT,
            "but it names other principals",
        ),
    ],
)
def test_a_refusal_names_the_layer_and_what_would_have_had_to_be_there(
    policies: Policies, kind: PolicyKind, words: str
) -> None:
    because = ask(policies).because

    assert because.kind is kind
    assert words in str(because)
    assert because.needed.startswith(f"an Allow of s3:GetObject on {KEY} for {ALICE.arn} in the")


def test_a_missing_resource_policy_is_named() -> None:
    across = ask(layers(identity=[allow()]), account=CUSTOMER).because
    blocked = ask(layers(resource=[allow(Principal="*")], blocks_public_access=True), caller=ANONYMOUS).because

    assert across.kind is PolicyKind.RESOURCE
    assert "which has none" in str(across)
    assert "Block Public Access" in str(blocked)


def test_what_no_policy_decides_is_said_in_words() -> None:
    cases = [
        (ask(layers(), caller=ROOT), "root user may do"),
        (ask(layers(), action="sts:GetCallerIdentity", resource="*"), "whatever any policy says"),
        (ask(layers(), resource="arn:aws-cn:s3:::bkt"), "another partition"),
        (ask(layers(), caller=ANONYMOUS, action="kms:Decrypt"), "no unsigned requests"),
        (ask(layers(), caller=ROOT, action="sts:AssumeRole", resource=ROLE), "no root user"),
        (ask(layers(), caller=FEDERATED, action="sts:AssumeRole", resource=ROLE), "a federated user"),
    ]
    for decision, words in cases:
        assert words in str(decision.because)
        assert decision.because.kind is None


def test_a_federated_user_without_a_session_policy_lacks_one() -> None:
    assert ask(layers(identity=[allow()]), caller=FEDERATED).because.kind is PolicyKind.SESSION


def test_the_level_of_an_organisation_is_named() -> None:
    because = ask(layers(identity=[allow()], service_control=(level("unit", allow(), deny("s3:*")),))).because

    assert str(because) == "statement 2 of service control policy test at level unit denies s3:GetObject"


def test_a_policy_without_a_name_is_called_by_its_kind() -> None:
    because = ask(Policies(identity=(parse_policy(document(allow())),))).because

    assert str(because) == "statement 1 of the identity policy allows s3:GetObject"
