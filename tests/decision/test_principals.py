"""Whom a policy's Principal names."""

from __future__ import annotations

import pytest

from gatepass.decision.request import Principal, PrincipalKind, principal, service_principal
from gatepass.domain.errors import InvalidInput
from tests.decision.asking import ALICE, FEDERATED, PROVIDER, ROOT, SESSION, allow, ask, layers

TEAM_ALICE = principal(f"arn:aws:iam::{PROVIDER}:user/team/alice")
CHINESE = principal(f"arn:aws-cn:iam::{PROVIDER}:user/alice")
ROLE_ITSELF = principal(f"arn:aws:iam::{PROVIDER}:role/engineers/NetOps")


def names(who: object, caller: Principal) -> bool:
    """Tell whether a queue policy with this Principal lets a caller in whose own account allows everything."""
    queue = f"arn:{caller.partition}:sqs:eu-west-1:444455556666:queue"
    policies = layers(identity=[allow()], session=[allow()], resource=[allow(Principal=who)])
    return ask(policies, caller=caller, action="sqs:SendMessage", resource=queue, account="444455556666").allowed


@pytest.mark.parametrize(
    ("who", "caller", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{PROVIDER}:user/bob"}, ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:user/Alice"}, ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:user/alice"}, TEAM_ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/alice"}, ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/Net"}, SESSION, False),
        ({"AWS": f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/bob"}, SESSION, False),
        ({"AWS": f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/*"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/Net*"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/*"}, SESSION, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:user/*"}, ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:*"}, ALICE, False),
        ({"AWS": "arn:aws:iam::*:user/alice"}, ALICE, False),
        ({"AWS": "arn:aws:iam::*:root"}, ALICE, False),
        ({"AWS": "999988887777"}, ALICE, False),
        ({"AWS": "AIDAJ45Q7YFFAREXAMPLE"}, ALICE, False),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:root"}, CHINESE, False),
        ({"AWS": f"arn:aws-cn:iam::{PROVIDER}:user/alice"}, ALICE, False),
        ({"CanonicalUser": "a" * 64}, ALICE, False),
        ({"Service": "ec2.amazonaws.com"}, ALICE, False),
        ({"AWS": "*"}, ALICE, True),
        ({"AWS": PROVIDER}, SESSION, True),
        ({"AWS": PROVIDER}, FEDERATED, True),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:root"}, ALICE, True),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:user/team/alice"}, TEAM_ALICE, True),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/NetOps"}, SESSION, True),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/engineers/NetOps"}, SESSION, True),
        ({"AWS": f"arn:aws:iam::{PROVIDER}:role/engineers/NetOps"}, ROLE_ITSELF, True),
        ({"AWS": SESSION.arn}, SESSION, True),
        ({"AWS": FEDERATED.arn}, FEDERATED, True),
        ({"AWS": ["999988887777", ALICE.arn], "Service": "ec2.amazonaws.com"}, ALICE, True),
        ({"AWS": f"arn:aws-cn:iam::{PROVIDER}:root"}, CHINESE, True),
        ({"AWS": PROVIDER}, CHINESE, True),
    ],
)
def test_a_principal_names_callers_by_exact_name_account_or_star(
    who: object, caller: Principal, *, expected: bool
) -> None:
    """No part of a name is a wildcard, and the unique id of a deleted user or role names nobody."""
    assert names(who, caller) is expected


@pytest.mark.parametrize(
    ("caller", "kind", "account", "name"),
    [
        (ALICE, PrincipalKind.USER, PROVIDER, "alice"),
        (TEAM_ALICE, PrincipalKind.USER, PROVIDER, "alice"),
        (SESSION, PrincipalKind.ROLE_SESSION, PROVIDER, "NetOps"),
        (ROLE_ITSELF, PrincipalKind.ROLE, PROVIDER, "NetOps"),
        (FEDERATED, PrincipalKind.FEDERATED_USER, PROVIDER, "alice"),
        (ROOT, PrincipalKind.ROOT, PROVIDER, "root"),
        (service_principal("ec2.amazonaws.com"), PrincipalKind.SERVICE, "", ""),
    ],
)
def test_a_caller_is_read_from_its_arn(caller: Principal, kind: PrincipalKind, account: str, name: str) -> None:
    assert (caller.kind, caller.account, caller.name) == (kind, account, name)
    assert str(caller) == caller.arn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "arn:aws:iam::11112222333:user/alice",
        f"arn:aws:iam::{PROVIDER}:group/netops",
        f"arn:aws:iam::{PROVIDER}:user/",
        f"arn:aws:iam::{PROVIDER}:user/a*",
        f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps",
        f"arn:aws:sts::{PROVIDER}:assumed-role/a/b/c",
        f"arn:aws:iam::{PROVIDER}:assumed-role/NetOps/alice",
        f"arn:azure:iam::{PROVIDER}:root",
        "arn:aws:s3:::bkt",
    ],
)
def test_what_is_no_caller_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="caller"):
        principal(text)


def test_what_is_no_service_is_refused() -> None:
    with pytest.raises(InvalidInput):
        service_principal("ec2")
