"""NotPrincipal leaves nobody out whose account, role and session are not all listed."""

from __future__ import annotations

import pytest

from gatepass.decision.evaluate import Policies
from gatepass.decision.request import ANONYMOUS
from tests.decision.asking import (
    ALICE,
    ALLOWED,
    EC2,
    EXPLICIT,
    NET_OPS,
    PROVIDER,
    PROVIDER_ROOT,
    ROOT,
    SESSION,
    Case,
    allow,
    bucket,
    deny,
    layers,
)


def leaving_out(*who: str) -> Policies:
    """Return policies that allow everything, with a Deny that leaves some principals out."""
    return layers(identity=[allow()], resource=[deny("s3:*", "*", NotPrincipal={"AWS": list(who)})])


ROOT_ARN, ROLE_ARN = PROVIDER_ROOT["AWS"], NET_OPS["AWS"]
NOT_PRINCIPAL = [
    Case("a user needs its account listed beside it", EXPLICIT, leaving_out(ALICE.arn)),
    Case("an account does not stand for its users", EXPLICIT, leaving_out(ROOT_ARN)),
    Case("a user and its account", ALLOWED, leaving_out(ALICE.arn, PROVIDER)),
    Case("a session needs its own ARN listed", EXPLICIT, leaving_out(ROLE_ARN, ROOT_ARN), SESSION),
    Case("a session needs its role listed", EXPLICIT, leaving_out(SESSION.arn, ROOT_ARN), SESSION),
    Case("a session needs its account listed", EXPLICIT, leaving_out(SESSION.arn, ROLE_ARN), SESSION),
    Case("a session, its role and its account", ALLOWED, leaving_out(SESSION.arn, ROLE_ARN, ROOT_ARN), SESSION),
    Case("the root user", ALLOWED, leaving_out(ROOT_ARN), ROOT),
    Case("an anonymous caller is never listed", EXPLICIT, leaving_out(ROOT_ARN, ALICE.arn), ANONYMOUS),
    Case("everybody", ALLOWED, leaving_out("*")),
    Case(
        "a service that is not listed", EXPLICIT, layers(resource=[bucket("*"), deny(NotPrincipal=PROVIDER_ROOT)]), EC2
    ),
    Case(
        "a service that is listed",
        ALLOWED,
        layers(resource=[bucket("*"), deny(NotPrincipal={"Service": "ec2.amazonaws.com"})]),
        EC2,
    ),
    Case(
        "whoever has a boundary is denied",
        EXPLICIT,
        layers(identity=[allow()], boundary=[allow()], resource=[deny(NotPrincipal={"AWS": [ALICE.arn, ROOT_ARN]})]),
    ),
]


@pytest.mark.parametrize("case", [*NOT_PRINCIPAL], ids=lambda case: case.name)
def test_not_principal_leaves_out_whoever_is_listed_in_full(case: Case) -> None:
    assert case.answer() == case.expected
