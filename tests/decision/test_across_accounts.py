"""Across accounts, organisations and VPC endpoints: every side must allow."""

from __future__ import annotations

import pytest

from gatepass.decision.policy import PolicyKind
from tests.decision.asking import (
    ALLOWED,
    CUSTOMER,
    EC2,
    EXPLICIT,
    IMPLICIT,
    KMS_KEY,
    NET_OPS,
    PROVIDER_ROOT,
    ROOT,
    SESSION,
    THE_SESSION,
    THE_USER,
    Case,
    allow,
    bucket,
    deny,
    key_policy,
    layers,
    level,
)

ACROSS_ACCOUNTS = [
    Case("identity alone is not enough", IMPLICIT, layers(identity=[allow()]), account=CUSTOMER),
    Case("the bucket policy alone is not enough", IMPLICIT, layers(resource=[bucket(THE_USER)]), account=CUSTOMER),
    Case("everybody does not spare the identity policy", IMPLICIT, layers(resource=[bucket("*")]), account=CUSTOMER),
    Case("both sides allow", ALLOWED, layers(identity=[allow()], resource=[bucket(PROVIDER_ROOT)]), account=CUSTOMER),
    Case(
        "the boundary limits even a grant to the user",
        IMPLICIT,
        layers(identity=[allow()], resource=[bucket(THE_USER)], boundary=[allow("ec2:*")]),
        account=CUSTOMER,
    ),
    Case(
        "the session policy limits even a grant to the session",
        IMPLICIT,
        layers(identity=[allow()], resource=[bucket(THE_SESSION)], session=[allow("ec2:*")]),
        SESSION,
        account=CUSTOMER,
    ),
    Case(
        "a grant to the role does not spare the identity policy",
        IMPLICIT,
        layers(resource=[bucket(NET_OPS)]),
        SESSION,
        account=CUSTOMER,
    ),
    Case("another account's root is not enough", IMPLICIT, layers(), ROOT, account=CUSTOMER),
    Case(
        "another account's root needs the bucket policy only",
        ALLOWED,
        layers(resource=[bucket(PROVIDER_ROOT)]),
        ROOT,
        account=CUSTOMER,
    ),
    Case(
        "no policy reaches into another partition",
        IMPLICIT,
        layers(identity=[allow()], resource=[bucket("*")]),
        resource="arn:aws-cn:s3:::bkt/key",
    ),
]


ORGANISATIONS = [
    Case("an SCP grants nothing", IMPLICIT, layers(service_control=(level("root", allow()),))),
    Case(
        "a level without an Allow refuses",
        IMPLICIT,
        layers(identity=[allow()], service_control=(level("root", allow()), level("unit"), level("account", allow()))),
    ),
    Case(
        "every level allows",
        ALLOWED,
        layers(identity=[allow()], service_control=(level("root", allow()), level("account", allow("s3:*")))),
    ),
    Case(
        "an SCP's Deny is explicit",
        EXPLICIT,
        layers(identity=[allow()], service_control=(level("root", allow(), deny("s3:*")),)),
    ),
    Case(
        "an SCP limits a grant to the user",
        IMPLICIT,
        layers(resource=[bucket(THE_USER)], service_control=(level("root", allow("ec2:*")),)),
    ),
    Case(
        "an SCP does not bind a service",
        ALLOWED,
        layers(resource=[bucket({"Service": "ec2.amazonaws.com"})], service_control=(level("root", deny()),)),
        EC2,
    ),
    Case(
        "an RCP's Deny is explicit",
        EXPLICIT,
        layers(
            identity=[allow()],
            resource_control=(level("root", deny("s3:*", Principal="*"), kind=PolicyKind.RESOURCE_CONTROL),),
        ),
    ),
    Case(
        "an RCP's Deny binds the root user",
        EXPLICIT,
        layers(resource_control=(level("root", deny("s3:*", Principal="*"), kind=PolicyKind.RESOURCE_CONTROL),)),
        ROOT,
    ),
    Case(
        "an RCP's Deny binds a service",
        EXPLICIT,
        layers(
            resource=[bucket("*")],
            resource_control=(level("root", deny("s3:*", Principal="*"), kind=PolicyKind.RESOURCE_CONTROL),),
        ),
        EC2,
    ),
    Case(
        "RCPFullAWSAccess is implied at every level",
        ALLOWED,
        layers(
            identity=[allow()],
            resource_control=(
                level("root"),
                level("account", deny("sqs:*", Principal="*"), kind=PolicyKind.RESOURCE_CONTROL),
            ),
        ),
    ),
    Case(
        "an RCP does not bind kms:RetireGrant",
        ALLOWED,
        layers(
            resource=[key_policy(THE_USER)],
            resource_control=(level("root", deny("kms:*", Principal="*"), kind=PolicyKind.RESOURCE_CONTROL),),
        ),
        action="kms:RetireGrant",
        resource=KMS_KEY,
    ),
]


ENDPOINTS = [
    Case("an endpoint policy grants nothing", IMPLICIT, layers(endpoint=[allow(Principal="*")])),
    Case("an endpoint policy limits", IMPLICIT, layers(identity=[allow()], endpoint=[allow("s3:Put*", Principal="*")])),
    Case(
        "an endpoint policy for somebody else limits",
        IMPLICIT,
        layers(identity=[allow()], endpoint=[allow(Principal={"AWS": CUSTOMER})]),
    ),
    Case(
        "an endpoint policy lets through", ALLOWED, layers(identity=[allow()], endpoint=[allow("s3:*", Principal="*")])
    ),
    Case(
        "an endpoint policy's Deny is explicit",
        EXPLICIT,
        layers(identity=[allow()], endpoint=[allow(Principal="*"), deny(Principal=PROVIDER_ROOT)]),
    ),
    Case(
        "an endpoint policy limits a grant to the user",
        IMPLICIT,
        layers(resource=[bucket(THE_USER)], endpoint=[allow("ec2:*", Principal="*")]),
    ),
]


@pytest.mark.parametrize("case", [*ACROSS_ACCOUNTS, *ORGANISATIONS, *ENDPOINTS], ids=lambda case: case.name)
def test_every_side_must_allow(case: Case) -> None:
    assert case.answer() == case.expected
