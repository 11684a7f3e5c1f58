"""Callers and resources with rules of their own."""

from __future__ import annotations

import pytest

from gatepass.decision.request import ANONYMOUS, principal
from tests.decision.asking import (
    ALLOWED,
    CUSTOMER,
    EC2,
    FEDERATED,
    HOP,
    IMPLICIT,
    KMS_KEY,
    NET_OPS,
    PROVIDER_ROOT,
    ROLE,
    ROOT,
    SESSION,
    THE_USER,
    Case,
    allow,
    bucket,
    deny,
    key_policy,
    layers,
    level,
    trusting,
)

OTHER_CALLERS = [
    Case("anonymous without a bucket policy", IMPLICIT, layers(), ANONYMOUS),
    Case(
        "anonymous with a bucket policy for an account", IMPLICIT, layers(resource=[bucket(PROVIDER_ROOT)]), ANONYMOUS
    ),
    Case("anonymous with a bucket policy for everybody", ALLOWED, layers(resource=[bucket({"AWS": "*"})]), ANONYMOUS),
    Case("anonymous has no identity policies", IMPLICIT, layers(identity=[allow()]), ANONYMOUS),
    Case(
        "anonymous assumes no role",
        IMPLICIT,
        layers(trust=[trusting({"AWS": "*"})]),
        ANONYMOUS,
        "sts:AssumeRole",
        ROLE,
        CUSTOMER,
    ),
    Case("anonymous uses no key", IMPLICIT, layers(resource=[key_policy("*")]), ANONYMOUS, "kms:Decrypt", KMS_KEY),
    Case(
        "Block Public Access keeps strangers out",
        IMPLICIT,
        layers(resource=[bucket("*")], blocks_public_access=True),
        ANONYMOUS,
    ),
    Case(
        "Block Public Access leaves the account in", ALLOWED, layers(resource=[bucket("*")], blocks_public_access=True)
    ),
    Case("a service that is not named", IMPLICIT, layers(resource=[bucket({"Service": "sns.amazonaws.com"})]), EC2),
    Case(
        "a service that is named",
        ALLOWED,
        layers(trust=[trusting({"Service": "ec2.amazonaws.com"})]),
        EC2,
        "sts:AssumeRole",
        ROLE,
        CUSTOMER,
    ),
    Case(
        "a service is not the identity provider of its name",
        IMPLICIT,
        layers(trust=[trusting({"Federated": "ec2.amazonaws.com"})]),
        EC2,
        "sts:AssumeRole",
        ROLE,
        CUSTOMER,
    ),
    Case(
        "an identity provider that is named",
        ALLOWED,
        layers(trust=[trusting({"Federated": f"arn:aws:iam::{CUSTOMER}:saml-provider/idp"}, "sts:AssumeRoleWithSAML")]),
        principal(f"arn:aws:iam::{CUSTOMER}:saml-provider/idp"),
        "sts:AssumeRoleWithSAML",
        ROLE,
        CUSTOMER,
    ),
]


ROLES_AND_KEYS = [
    Case("a role without a trust policy", IMPLICIT, layers(identity=[allow()]), action="sts:AssumeRole", resource=HOP),
    Case(
        "identity allows, trust does not, in one account",
        IMPLICIT,
        layers(identity=[allow()], trust=[trusting({"AWS": CUSTOMER})]),
        action="sts:AssumeRole",
        resource=HOP,
    ),
    Case(
        "trust in the account needs an identity policy",
        IMPLICIT,
        layers(trust=[trusting(PROVIDER_ROOT)]),
        action="sts:AssumeRole",
        resource=HOP,
    ),
    Case(
        "trust in the account and an identity policy",
        ALLOWED,
        layers(identity=[allow()], trust=[trusting(PROVIDER_ROOT)]),
        action="sts:AssumeRole",
        resource=HOP,
    ),
    Case(
        "trust in the user is enough in one account",
        ALLOWED,
        layers(trust=[trusting(THE_USER)]),
        action="sts:AssumeRole",
        resource=HOP,
    ),
    Case(
        "trust in the role is limited by the boundary",
        IMPLICIT,
        layers(trust=[trusting(NET_OPS)], boundary=[allow("s3:*")]),
        SESSION,
        "sts:AssumeRole",
        HOP,
    ),
    Case(
        "trust in the user is not enough across accounts",
        IMPLICIT,
        layers(trust=[trusting(THE_USER)]),
        action="sts:AssumeRole",
        resource=ROLE,
        account=CUSTOMER,
    ),
    Case(
        "tags need the trust policy too",
        IMPLICIT,
        layers(identity=[allow()], trust=[trusting(PROVIDER_ROOT)]),
        action="sts:TagSession",
        resource=HOP,
    ),
    Case(
        "the root user assumes no role", IMPLICIT, layers(trust=[trusting(PROVIDER_ROOT)]), ROOT, "sts:AssumeRole", HOP
    ),
    Case(
        "tags of a federated user need no trust policy",
        ALLOWED,
        layers(identity=[allow()]),
        action="sts:TagSession",
        resource=FEDERATED.arn,
    ),
    Case("a key without a policy", IMPLICIT, layers(identity=[allow()]), action="kms:Decrypt", resource=KMS_KEY),
    Case(
        "a key policy that names somebody else",
        IMPLICIT,
        layers(identity=[allow()], resource=[key_policy({"AWS": CUSTOMER})]),
        action="kms:Decrypt",
        resource=KMS_KEY,
    ),
    Case(
        "a key policy for the account delegates to IAM",
        ALLOWED,
        layers(identity=[allow()], resource=[key_policy(PROVIDER_ROOT)]),
        action="kms:Decrypt",
        resource=KMS_KEY,
    ),
    Case(
        "delegation to IAM is no grant",
        IMPLICIT,
        layers(resource=[key_policy(PROVIDER_ROOT)]),
        action="kms:Decrypt",
        resource=KMS_KEY,
    ),
    Case(
        "a key policy for the user is enough",
        ALLOWED,
        layers(resource=[key_policy(THE_USER)]),
        action="kms:Decrypt",
        resource=KMS_KEY,
    ),
    Case("the root user needs the key policy", IMPLICIT, layers(), ROOT, "kms:Decrypt", KMS_KEY),
    Case(
        "listing keys is about no key",
        ALLOWED,
        layers(identity=[allow("kms:ListKeys")]),
        action="kms:ListKeys",
        resource="*",
    ),
    Case(
        "sts:GetCallerIdentity is never refused",
        ALLOWED,
        layers(identity=[deny()], service_control=(level("root"),)),
        action="sts:GetCallerIdentity",
        resource="*",
    ),
    Case("sts:GetCallerIdentity wants a signature", IMPLICIT, layers(), ANONYMOUS, "sts:GetCallerIdentity", "*"),
]


@pytest.mark.parametrize("case", [*OTHER_CALLERS, *ROLES_AND_KEYS], ids=lambda case: case.name)
def test_a_caller_or_a_resource_with_rules_of_its_own(case: Case) -> None:
    assert case.answer() == case.expected
