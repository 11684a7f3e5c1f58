"""Within one account: identity and resource policies, boundary and session policy."""

from __future__ import annotations

import pytest

from gatepass.decision.evaluate import Policies
from tests.decision.asking import (
    ALICE,
    ALLOWED,
    CUSTOMER,
    EXPLICIT,
    FEDERATED,
    IMPLICIT,
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
    layers,
    level,
)

WITHIN_ONE_ACCOUNT = [
    Case("without any policy nothing is allowed", IMPLICIT, layers()),
    Case("an identity policy allows", ALLOWED, layers(identity=[allow("s3:*")])),
    Case("a Deny wins over an Allow of the same policy", EXPLICIT, layers(identity=[allow(), deny("s3:Get*")])),
    Case("a Deny alone is explicit", EXPLICIT, layers(identity=[deny()])),
    Case("a boundary grants nothing", IMPLICIT, layers(boundary=[allow()])),
    Case("a boundary limits", IMPLICIT, layers(identity=[allow()], boundary=[allow("ec2:*")])),
    Case("a boundary lets through", ALLOWED, layers(identity=[allow()], boundary=[allow("s3:*")])),
    Case("a boundary's Deny is explicit", EXPLICIT, layers(identity=[allow()], boundary=[allow(), deny("s3:*")])),
    Case(
        "an empty boundary lets nothing through",
        IMPLICIT,
        Policies(identity=layers(identity=[allow()]).identity, boundary=()),
    ),
    Case("a session policy grants nothing", IMPLICIT, layers(session=[allow()]), SESSION),
    Case("a session policy limits", IMPLICIT, layers(identity=[allow()], session=[allow("ec2:*")]), SESSION),
    Case("a session policy lets through", ALLOWED, layers(identity=[allow()], session=[allow("s3:*")]), SESSION),
    Case(
        "a session policy's Deny is explicit", EXPLICIT, layers(identity=[allow()], session=[allow(), deny()]), SESSION
    ),
    Case("a bucket policy for the account is not enough", IMPLICIT, layers(resource=[bucket(PROVIDER_ROOT)])),
    Case(
        "a bucket policy for another user is not enough", IMPLICIT, layers(resource=[bucket({"AWS": f"{ALICE.arn}2"})])
    ),
    Case("a bucket policy for the user is enough", ALLOWED, layers(resource=[bucket(THE_USER)])),
    Case("a bucket policy for everybody is enough", ALLOWED, layers(resource=[bucket("*")])),
    Case(
        "a session policy limits what a bucket policy gives to everybody",
        IMPLICIT,
        layers(identity=[allow()], session=[allow("ec2:*")], resource=[bucket("*")]),
        SESSION,
    ),
    Case(
        "a session policy lets through what a bucket policy gives to everybody",
        ALLOWED,
        layers(session=[allow("s3:*")], resource=[bucket("*")]),
        SESSION,
    ),
    Case(
        "a bucket policy's Deny is explicit",
        EXPLICIT,
        layers(identity=[allow()], resource=[deny(Principal=PROVIDER_ROOT)]),
    ),
    Case(
        "a Deny of another account does not count",
        ALLOWED,
        layers(identity=[allow()], resource=[deny(Principal={"AWS": CUSTOMER})]),
    ),
]


REACH = [
    Case(
        "the boundary limits what is granted to the role",
        IMPLICIT,
        layers(resource=[bucket(NET_OPS)], boundary=[allow("ec2:*")]),
        SESSION,
    ),
    Case(
        "the session policy limits what is granted to the role",
        IMPLICIT,
        layers(resource=[bucket(NET_OPS)], session=[allow("ec2:*")]),
        SESSION,
    ),
    Case("a grant to the role needs no identity policy", ALLOWED, layers(resource=[bucket(NET_OPS)]), SESSION),
    Case(
        "a grant to the role passes boundary and session policy",
        ALLOWED,
        layers(resource=[bucket(NET_OPS)], boundary=[allow()], session=[allow()]),
        SESSION,
    ),
    Case(
        "a grant to the session passes by the boundary",
        ALLOWED,
        layers(resource=[bucket(THE_SESSION)], boundary=[allow("ec2:*")]),
        SESSION,
    ),
    Case(
        "a grant to the session passes by the session policy",
        ALLOWED,
        layers(resource=[bucket(THE_SESSION)], session=[allow("ec2:*")]),
        SESSION,
    ),
    Case(
        "a boundary's Deny holds against a grant to the session",
        EXPLICIT,
        layers(resource=[bucket(THE_SESSION)], boundary=[deny()]),
        SESSION,
    ),
    Case(
        "a grant to the user passes by the boundary",
        ALLOWED,
        layers(resource=[bucket(THE_USER)], boundary=[allow("ec2:*")]),
    ),
    Case(
        "a grant to everybody passes by the boundary",
        ALLOWED,
        layers(resource=[bucket({"AWS": "*"})], boundary=[allow("ec2:*")]),
        SESSION,
    ),
    Case(
        "a grant to the account is limited by the boundary",
        IMPLICIT,
        layers(identity=[allow()], resource=[bucket(PROVIDER_ROOT)], boundary=[allow("ec2:*")]),
    ),
    Case(
        "the most direct grant counts",
        ALLOWED,
        layers(resource=[bucket(PROVIDER_ROOT), bucket(NET_OPS), bucket(THE_SESSION)], boundary=[allow("ec2:*")]),
        SESSION,
    ),
    Case("a federated user without session policy has nothing", IMPLICIT, layers(identity=[allow()]), FEDERATED),
    Case(
        "a federated user has what both allow", ALLOWED, layers(identity=[allow()], session=[allow("s3:*")]), FEDERATED
    ),
    Case(
        "a federated user is limited by its session policy",
        IMPLICIT,
        layers(identity=[allow()], session=[allow("ec2:*")]),
        FEDERATED,
    ),
    Case(
        "a grant to the federated user needs nothing else",
        ALLOWED,
        layers(resource=[bucket({"AWS": FEDERATED.arn})]),
        FEDERATED,
    ),
    Case(
        "a grant to the user of that name is not the federated user's",
        IMPLICIT,
        layers(resource=[bucket(THE_USER)]),
        FEDERATED,
    ),
    Case("the root user needs no identity policy", ALLOWED, layers(), ROOT),
    Case("the root user is bound by an SCP", IMPLICIT, layers(service_control=(level("root", allow("ec2:*")),)), ROOT),
    Case("the root user is bound by a Deny", EXPLICIT, layers(resource=[deny(Principal=PROVIDER_ROOT)]), ROOT),
]


@pytest.mark.parametrize("case", [*WITHIN_ONE_ACCOUNT, *REACH], ids=lambda case: case.name)
def test_within_one_account_a_resource_policy_grants_as_directly_as_it_names_the_caller(case: Case) -> None:
    assert case.answer() == case.expected
