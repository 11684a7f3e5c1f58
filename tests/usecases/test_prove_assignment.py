"""The proof finds every way in which documents could allow too much or too little."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import GROUP_MANAGED, pack, principal_tag
from gatepass.usecases.prove_assignment import proves

ASSIGNED = [RoleArn(f"arn:aws:iam::{444455550000 + number}:role/gatepass/support") for number in range(40)]
OUTSIDE = [RoleArn(f"arn:aws:iam::{444455550000 + number}:role/Admin") for number in range(40)]
MIXED = [*ASSIGNED[:30], *OUTSIDE[20:], RoleArn("arn:aws:iam::777788889999:role/gatepass/of-its-own")]

Change = Callable[[str], str]


def changed(change: Change, assigned: list[RoleArn]) -> list[Document]:
    """Return the packed documents after somebody's hand was at them."""
    documents = [Document(change(each.text)) for each in pack(assigned, GROUP_MANAGED).documents]
    assert documents != list(pack(assigned, GROUP_MANAGED).documents)
    return documents


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("????????????", "*"), id="the account's wildcard reaches beyond the colon"),
        pytest.param(lambda text: text.replace("role/gatepass/support", "role/gatepass/*"), id="every name of ours"),
        pytest.param(lambda text: text.replace("role/gatepass/support", "role/gatepass/support*"), id="longer names"),
        pytest.param(lambda text: text.replace("role/gatepass/support", "role/*/support"), id="the name under other paths"),
        pytest.param(lambda text: text.replace('"444455550000",', '"4444555500??",').replace("StringEquals", "StringLike"), id="accounts like these"),
        pytest.param(lambda text: text.replace("aws:ResourceAccount", "aws:PrincipalAccount").replace("StringEquals", "StringNotEquals"), id="any account"),
        pytest.param(lambda text: text.replace("StringNotEquals", "StringEquals"), id="the fence the wrong way round"),
        pytest.param(lambda text: text.replace('"Effect":"Deny"', '"Effect":"Allow"'), id="the fence as an Allow"),
        pytest.param(lambda text: text.replace("${aws:username}", "alice"), id="a name that is written down"),
        pytest.param(lambda text: text.replace('"sts:TagSession"]', '"sts:*","iam:*"]'), id="more actions"),
        pytest.param(lambda text: text.replace('"444455550003",', ""), id="a customer too few"),
        pytest.param(lambda text: text.replace('"444455550003",', '"444455550003","444455550040",'), id="a customer too many"),
        pytest.param(lambda text: text.replace(',"sts:TagSession"', ""), id="no session tags"),
        pytest.param(lambda text: text.replace(',"sts:SetSourceIdentity"', ""), id="no source identity"),
    ],
)  # fmt: skip
def test_a_document_that_says_something_else_is_found_out(change: Change) -> None:
    assert proves(changed(change, ASSIGNED), ASSIGNED)


def test_a_document_of_no_one_s_is_found_out() -> None:
    anything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})

    found = proves([*pack(ASSIGNED, GROUP_MANAGED).documents, anything], ASSIGNED)

    assert any(each.allowed and "999900001111" in each.role for each in found)
    assert any(each.action == "iam:PassRole" for each in found)


def test_a_name_in_an_account_where_only_another_name_is_assigned_is_found_out() -> None:
    """Two names and all their accounts under one condition is the mistake that looks right."""
    accounts = [str(role.account) for role in MIXED]
    names = ["arn:aws:iam::????????????:role/Admin", "arn:aws:iam::????????????:role/gatepass/support"]
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
    condition = {"StringEquals": {"aws:ResourceAccount": accounts}}
    wider = policy({"Effect": "Allow", "Action": actions, "Resource": names, "Condition": condition})

    found = proves([wider], MIXED, own_name=None)

    assert str(OUTSIDE[3]) in {each.role for each in found if each.allowed}
    assert str(ASSIGNED[35]) in {each.role for each in found if each.allowed}


def test_what_is_refused_to_the_right_engineer_is_found_out_too() -> None:
    found = proves(pack(ASSIGNED[1:], GROUP_MANAGED).documents, ASSIGNED)

    assert {each.role for each in found} == {str(ASSIGNED[0])}
    assert {each.action for each in found} == {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
    assert not any(each.allowed for each in found)
    assert (
        str(found[0])
        == f"sts:AssumeRole on {ASSIGNED[0]} by gatepass-prover as gatepass-prover is refused, and should be allowed"
    )


def test_entering_without_a_name_is_found_out() -> None:
    open_to_any_name = pack(MIXED, GROUP_MANAGED, own_name=None).documents

    found = proves(open_to_any_name, MIXED)

    assert {each.source_identity for each in found} == {"somebody-else"}


@pytest.mark.parametrize("own_name", ["${aws:username}", principal_tag("email"), None])
@pytest.mark.parametrize("assigned", [ASSIGNED, OUTSIDE, MIXED, []])
def test_packed_documents_stand_the_proof(own_name: str | None, assigned: list[RoleArn]) -> None:
    for arns_only in (False, True):
        documents = pack(assigned, GROUP_MANAGED, own_name=own_name, arns_only=arns_only).documents

        assert proves(documents, assigned, own_name=own_name) == ()


def test_the_provider_s_own_account_number_among_the_customers_does_not_confuse_the_proof() -> None:
    own = [
        RoleArn("arn:aws:iam::111122223333:role/gatepass/support"),
        RoleArn("arn:aws:iam::999900001111:role/gatepass/x"),
    ]

    assert proves(pack(own, GROUP_MANAGED).documents, own) == ()
    assert proves(pack(own, GROUP_MANAGED).documents, own[:1]) != ()
