"""Lint by probing: what gets through decides, not what the document looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from gatepass.decision.probes import unknown_door
from gatepass.domain.documents import Document
from gatepass.domain.grant import Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import Partition, external_id
from gatepass.domain.trust import closed_trust, open_trust
from gatepass.usecases.lint_trust import Review, Verdict, invalid_document, lint_trust
from tests.people import GRANT, MORNING, PROVIDER

TRUST_POLICIES = [
    json.loads(path.read_text()) | {"file": path.stem}
    for path in sorted((Path(__file__).parents[1] / "decision" / "conformance").glob("trust/*.json"))
]
SECRET = "gp1.7KQ2M9XW4T.Hunter2Hunter2"
OLD_SECRET = "gp1.7KQ2M9XW4T.Hunter1Hunter1"
ROOT = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
WITH_ID = {"StringEquals": {"sts:ExternalId": SECRET}}


def linted(trust: Mapping[str, object] | Document, provider: str | None = None) -> Review:
    """Return the review of one trust policy, in the morning."""
    document = trust.text if isinstance(trust, Document) else trust
    try:
        policy = parse_policy(document, PolicyKind.TRUST)
    except MalformedPolicy as error:
        return invalid_document("trust", error)
    return lint_trust("trust", unknown_door(policy, MORNING, provider=provider))


def trusting(*statements: Mapping[str, object]) -> dict[str, object]:
    """Return a trust policy; each statement allows the provider sts:AssumeRole unless it says otherwise."""
    usual = {"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [usual | dict(each) for each in statements]}


def ids(review: Review) -> set[str]:
    """Return what was found."""
    return {finding.id for finding in review.findings}


@pytest.mark.parametrize("case", TRUST_POLICIES, ids=[case["file"] for case in TRUST_POLICIES])
def test_every_trust_policy_of_the_conformance_set_gets_its_verdict(case: dict[str, Any]) -> None:
    assert linted(case["trust"], case["provider_account"]).verdict is Verdict(case["expected"])
    assert linted(case["trust"]).verdict is Verdict(case["expected"])


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEqualsIfExists": {"sts:ExternalId": SECRET}},
        {"ForAllValues:StringEquals": {"sts:ExternalId": SECRET}},
        {"StringNotEquals": {"sts:ExternalId": SECRET}},
        {"StringLike": {"sts:ExternalId": "*"}},
        {"StringLike": {"sts:ExternalId": "??*"}},
        {"Null": {"sts:ExternalId": "true"}},
        {"Null": {"sts:ExternalId": "false"}},
        {"StringEquals": {"aws:PrincipalTag/team": "netops"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"sts:ExternalId": "${sts:RoleSessionName}"}},
        {"StringEquals": {"sts:ExternalId": "${aws:PrincipalTag/company}"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/32"}},
    ],
)  # fmt: skip
def test_a_trust_that_does_not_hold_its_external_id_opens_without_it(condition: dict[str, object]) -> None:
    review = linted(trusting({"Condition": condition}))

    assert review.verdict is Verdict.OPENS_WITHOUT_ID
    assert review.findings[0].id == "opens-without-id"
    assert review.findings[0].counterexamples
    assert review.is_weighty


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([{"Condition": {"StringEqualsIgnoreCase": {"sts:ExternalId": SECRET}}}], "id-without-case"),
        ([{"Condition": {"StringLike": {"sts:ExternalId": "Key7KQ2M9XW4T-*"}}}], "id-by-pattern"),
        ([{"Principal": {"AWS": "*"}, "Condition": WITH_ID}], "opens-to-strangers"),
        ([{"Principal": {"AWS": "*"}, "Condition": WITH_ID | {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}}], "opens-to-strangers"),
        ([{"Principal": {"AWS": "*"}, "Condition": WITH_ID | {"StringLike": {"aws:PrincipalArn": "*:role/Admin*"}}}], "opens-to-strangers"),
        ([{"Principal": {"AWS": "*"}, "Condition": WITH_ID | {"StringEquals": {"aws:PrincipalTag/team": "netops", "sts:ExternalId": SECRET}}}], "opens-to-strangers"),
        ([{"Action": "sts:AssumeRole*", "Condition": WITH_ID}], "more-than-entering"),
        (
            [
                {"Condition": WITH_ID | {"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}},
                {"Condition": WITH_ID},
            ],
            "window-not-held",
        ),
        (
            [
                {"Condition": WITH_ID},
                {"Condition": WITH_ID | {"DateLessThan": {"aws:EpochTime": "1796000000"}}},
            ],
            "window-not-held",
        ),
    ],
)  # fmt: skip
def test_a_trust_that_lets_in_more_than_it_seems_to_is_wide(statements: list[dict[str, object]], found: str) -> None:
    review = linted(trusting(*statements))

    assert review.verdict is Verdict.WIDE
    assert found in ids(review)


def test_another_account_that_the_policy_names_is_a_stranger_when_the_provider_is_known() -> None:
    trust = trusting({"Principal": {"AWS": ["999900001111", str(PROVIDER)]}, "Condition": WITH_ID})

    assert linted(trust).verdict is Verdict.GOOD
    assert "opens-to-strangers" in ids(linted(trust, str(PROVIDER)))


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Condition": WITH_ID | {"StringEquals": {"sts:ExternalId": "x"}}}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": "has spaces in it"}}}),
        trusting({"Condition": WITH_ID}, {"Effect": "Deny"}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": []}}}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": "x"}}}),
        trusting({"Principal": {"AWS": "AROAJ45Q7YFFAREXAMPLE"}, "Condition": WITH_ID}),
        trusting({"Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:role/*"}, "Condition": WITH_ID}),
        trusting({"Action": "sts:TagSession"}),
        trusting({"Action": ["sts:TagSession", "sts:SetSourceIdentity"], "Condition": {}}),
        trusting(
            {"Condition": WITH_ID | {"DateGreaterThan": {"aws:CurrentTime": "2026-12-02"}, "DateLessThan": {"aws:CurrentTime": "2026-12-01"}}}
        ),
    ],
)  # fmt: skip
def test_a_trust_that_no_call_can_meet_never_opens(trust: dict[str, object]) -> None:
    review = linted(trust)

    assert review.verdict is Verdict.NEVER_OPENS
    assert review.is_weighty


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Condition": WITH_ID}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": 12345}}}),
        trusting({"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Condition": WITH_ID}),
        trusting({"Principal": {"AWS": str(PROVIDER)}, "Condition": WITH_ID | {"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}}),
        trusting({"Condition": {"StringEquals": {"STS:externalID": [SECRET, OLD_SECRET]}}}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": [SECRET, SECRET.swapcase()]}}}),
        trusting({"Condition": {"ForAnyValue:StringEquals": {"sts:ExternalId": SECRET}}}),
        trusting({"Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:role/engineers/NetOps"}, "Condition": WITH_ID}),
        trusting({"Principal": {"AWS": f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/alice"}, "Condition": WITH_ID}),
        trusting({"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"sts:ExternalId": SECRET, "aws:PrincipalAccount": str(PROVIDER)}}}),
        trusting({"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"sts:ExternalId": SECRET, "aws:PrincipalOrgID": "o-acme1"}}}),
        trusting({}, {"Effect": "Deny", "Condition": {"StringNotEquals": {"sts:ExternalId": SECRET}}}),
        trusting({"Condition": {"StringEquals": {"sts:ExternalId": SECRET, "sts:RoleSessionName": "${aws:username}"}}}),
        # A rotation: the old ID stands in a statement of its own that ends by date.
        trusting(
            {"Condition": WITH_ID},
            {"Condition": {"StringEquals": {"sts:ExternalId": OLD_SECRET}, "DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}},
        ),
    ],
)  # fmt: skip
def test_a_trust_that_opens_with_the_right_id_alone_is_good(trust: dict[str, object]) -> None:
    review = linted(trust)

    assert review.verdict is Verdict.GOOD
    assert not review.is_weighty


GRANTS = st.builds(
    lambda principals, windowed, source_ip, named: replace(
        GRANT,
        principals=tuple(PrincipalPattern(each) for each in principals),
        window=Window(
            MORNING + timedelta(days=1) if windowed % 2 else None, MORNING + timedelta(days=5) if windowed > 1 else None
        ),
        source_networks=(ip_network("203.0.113.0/24"),) if source_ip else (),
        requires_source_identity=named,
    ),
    st.lists(st.sampled_from(["role/engineers/*", "user/alice", "role/NetOps-?", "role/*"]), max_size=2, unique=True),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
)
PARTITIONS = st.sampled_from(["aws", "aws-cn", "aws-us-gov"])


@settings(max_examples=40, deadline=None)
@given(grant=GRANTS, partition=PARTITIONS)
def test_what_gatepass_writes_for_any_grant_is_good(grant: Grant, partition: str) -> None:
    review = linted(open_trust(grant, Partition(partition), external_id("7KQ2M9XW4T", "HUNTER2HUNTER2HUNTER2HUNT")))

    assert review.verdict is Verdict.GOOD
    assert not review.is_weighty
    assert "engineer-cannot-be-named" not in ids(review)


@settings(max_examples=40, deadline=None)
@given(grant=GRANTS, partition=PARTITIONS)
def test_what_gatepass_writes_without_a_second_factor_opens_without_it(grant: Grant, partition: str) -> None:
    trust = open_trust(replace(grant, needs_second_factor=False), Partition(partition), None)

    assert linted(trust).verdict is Verdict.OPENS_WITHOUT_ID


def test_a_closed_door_never_opens_and_is_as_it_should_be() -> None:
    review = linted(closed_trust())

    assert review.verdict is Verdict.NEVER_OPENS
    assert not review.is_weighty


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}, Verdict.WIDE),
        ({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}, Verdict.WIDE),
        ({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/infra:*"}}, Verdict.GOOD),
    ],
)  # fmt: skip
def test_a_federated_role_that_asks_for_no_subject_is_wide(condition: dict[str, object], verdict: Verdict) -> None:
    provider = {"Federated": "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com"}
    statement = {"Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}

    assert linted(trusting(statement)).verdict is verdict


def test_a_document_with_too_many_alternatives_is_never_called_good() -> None:
    condition = WITH_ID | {"StringNotEquals": {f"aws:PrincipalTag/{number}": "x" for number in range(12)}}

    review = linted(trusting({"Condition": condition}))

    assert "not-fully-probed" in ids(review)
    assert review.is_weighty


def test_a_role_of_a_service_of_aws_is_good() -> None:
    assert linted(trusting({"Principal": {"Service": "ec2.amazonaws.com"}})).verdict is Verdict.GOOD


def test_a_key_that_no_call_carries_is_named_unless_it_may_be_an_external_id() -> None:
    named = linted(trusting({"Condition": {"StringEquals": {"aws:ExternalId": SECRET}}}))
    hidden = linted(trusting({"Condition": {"StringEquals": {f"{SECRET}:x": "y"}}}))

    assert "no call to enter a role carries aws:externalid" in {finding.what for finding in named.findings}
    assert "unknown-key" in ids(hidden)
    assert "hunter2" not in repr(hidden).lower()


def test_the_external_id_shows_nowhere() -> None:
    for condition in (
        WITH_ID,
        {"StringLike": {"sts:ExternalId": f"{SECRET}*"}},
        {"StringEqualsIgnoreCase": {"sts:ExternalId": SECRET}},
    ):
        review = linted(trusting({"Condition": condition}, {"Action": "sts:*", "Condition": condition}))

        assert review.findings
        assert "hunter2" not in repr(review).lower()
