"""Permissions are reviewed by asking for what a session should not be able to do."""

from __future__ import annotations

import json

import pytest

from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.powers import Permissions
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.identifiers import Partition
from gatepass.domain.limits import limits_policy
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.usecases.review_permissions import review_permissions
from tests.decision.asking import CUSTOMER, allow, deny, document
from tests.people import CUSTOMER as CUSTOMER_ID
from tests.people import GRANT

# A boundary as the documentation of boundaries shows it: everything but IAM.
BOUNDARY = document(allow("*"), deny(["iam:*", "sts:AssumeRole", "organizations:*"]))


def reviewed(*statements: dict[str, object], boundary: dict[str, object] | None = None) -> list[Finding]:
    """Return what is found in one policy of these statements."""
    bound = parse_policy(boundary, PolicyKind.BOUNDARY) if boundary is not None else None
    return list(review_permissions("role", Permissions(CUSTOMER, (parse_policy(document(*statements)),), bound)))


def ids(findings: list[Finding]) -> list[str]:
    """Return what was found, in order."""
    return [finding.id for finding in findings]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (allow("*"), ["administrator", "iam-without-boundary"]),
        (allow(["*:*"]), ["administrator", "iam-without-boundary"]),
        (allow(None, NotAction="aws-portal:*"), ["administrator", "iam-without-boundary"]),
        (allow("iam:*"), ["changes-policies", "changes-trust", "makes-keys", "iam-without-boundary"]),
        (allow("iam:Put*"), ["changes-policies", "iam-without-boundary"]),
        (allow("iam:UpdateAssumeRolePolicy"), ["changes-trust", "iam-without-boundary"]),
        (allow("iam:CreateAccessKey"), ["makes-keys", "iam-without-boundary"]),
        (allow("iam:CreateAccessKey", "arn:aws:iam::*:user/*"), ["makes-keys", "iam-without-boundary"]),
        (allow(["iam:PassRole", "ec2:RunInstances"]), ["passes-roles"]),
        (allow(["iam:PassRole", "lambda:*"]), ["passes-roles", "takes-over-compute", "reads-data"]),
        (allow(["ssm:SendCommand"]), ["takes-over-compute"]),
        (allow("sts:*"), ["enters-roles"]),
        (allow("s3:Get*"), ["reads-data"]),
        (allow("iam:PutRolePolicy", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), ["changes-policies", "iam-without-boundary"]),
        (allow("iam:PutRolePolicy", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), ["changes-policies", "iam-without-boundary"]),
    ],
)  # fmt: skip
def test_a_way_to_more_than_was_given_is_found(statement: dict[str, object], found: list[str]) -> None:
    findings = reviewed(statement)

    assert ids(findings) == found
    assert all(finding.counterexamples for finding in findings)


@pytest.mark.parametrize(
    "statements",
    [
        [allow(["s3:ListAllMyBuckets", "ec2:Describe*", "iam:Get*", "iam:List*"])],
        [allow("s3:GetObject", "arn:aws:s3:::acme-reports/*")],
        [allow("iam:PassRole")],
        [allow("ec2:RunInstances")],
        [allow("*"), deny("*")],
        [allow("iam:PutRolePolicy", Condition={"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::444455556666:policy/B"}})],
        [allow("iam:*"), deny("iam:*", "arn:aws:iam::*")],
        [allow("sts:AssumeRole", "arn:aws:iam::444455556666:role/one")],
    ],
)  # fmt: skip
def test_permissions_for_the_work_alone_are_let_pass(statements: list[dict[str, object]]) -> None:
    assert reviewed(*statements) == []


def test_a_way_on_named_resources_alone_weighs_less() -> None:
    (finding,) = reviewed(allow("iam:PutRolePolicy", "arn:aws:iam::444455556666:role/app-*"))

    assert finding.id == "changes-policies"
    assert finding.severity is Severity.MEDIUM


def test_a_boundary_that_keeps_iam_out_of_reach_takes_the_findings_away() -> None:
    assert ids(reviewed(allow("*"), boundary=BOUNDARY)) == ["takes-over-compute", "reads-data"]
    assert ids(reviewed(allow("*"), boundary=document(allow("*")))) == ["administrator"]


def test_a_boundary_that_nobody_could_read_is_told() -> None:
    permissions = Permissions(CUSTOMER, (parse_policy(document(allow("*"))),))

    (finding,) = review_permissions("role", permissions, boundary_is_unread=True)

    assert (finding.id, finding.severity) == ("boundary-not-read", Severity.LOW)


def test_what_every_grant_denies_is_part_of_its_permissions() -> None:
    limits = parse_policy(limits_policy(GRANT, Partition(), CUSTOMER_ID).text)
    permissions = Permissions(
        CUSTOMER, (parse_policy(document(allow("iam:*", "arn:aws:iam::444455556666:role/gatepass/*"))), limits)
    )

    assert list(review_permissions("role", permissions)) == []


def _probes(policy: Policy) -> list[str]:
    return [finding.id for finding in review_permissions("role", Permissions(CUSTOMER, (policy,)))]


def test_what_is_known_of_awss_policies_says_the_same_as_their_text() -> None:
    """Moto keeps the texts; they age with it, and the excerpts must say the same until AWS changes them."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - 3 MB that one test needs

    texts = json.loads(aws_managed_policies_data)
    for name, known in KNOWN_POLICIES.items():
        whole = parse_policy(texts[name]["Document"])

        assert _probes(parse_policy(known.document.text)) == _probes(whole), name
