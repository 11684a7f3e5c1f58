"""The matrix of callers and roles says what deciding every pair says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.matrix import CallerSide, RoleSide, entries
from gatepass.decision.policy import PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal
from tests.decision.asking import CUSTOMER, PROVIDER, Document, allow, deny, document, trusting

OTHER = "999900001111"
ACCOUNTS = (PROVIDER, CUSTOMER, OTHER)

ARNS = st.sampled_from(
    [
        *(f"arn:aws:iam::{account}:role/gatepass/*" for account in ACCOUNTS),
        f"arn:aws:iam::{CUSTOMER}:role/gatepass/one",
        "arn:aws:iam::*:role/gatepass/*",
        "arn:aws:iam::4444?5556666:role/*",
        "arn:aws:iam::${aws:PrincipalAccount}:role/*",
        "arn:aws:*:*:role/*",
        "*",
    ]
)
CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:ResourceAccount": [CUSTOMER, OTHER]}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"StringEqualsIfExists": {"aws:ResourceAccount": OTHER}},
        {"StringNotEquals": {"aws:ResourceAccount": OTHER}},
    ]
)
STATEMENTS = st.one_of(
    st.builds(lambda arns, condition: allow("sts:AssumeRole", arns, Condition=condition), st.lists(ARNS, min_size=1, max_size=3), CONDITIONS),
    st.builds(lambda arn: allow("sts:*", None, NotResource=arn), ARNS),
    st.builds(lambda arn: deny("sts:AssumeRole", arn), ARNS),
    st.just(allow("s3:*")),
)  # fmt: skip
PRINCIPALS = st.sampled_from(
    ["*", *ACCOUNTS, *(f"arn:aws:iam::{account}:root" for account in ACCOUNTS), f"arn:aws:iam::{PROVIDER}:user/alice", f"arn:aws:iam::{CUSTOMER}:user/alice", "AIDAJ45Q7YFFAREXAMPLE"]
)  # fmt: skip
TRUSTS = st.lists(
    st.builds(
        lambda names, asks: trusting({"AWS": names}, Condition={"StringEquals": {"sts:ExternalId": "right-id"}} if asks else {}),
        st.lists(PRINCIPALS, min_size=1, max_size=3, unique=True),
        st.booleans(),
    ),
    min_size=1,
    max_size=2,
)  # fmt: skip


def caller_side(account: str, statements: list[Document]) -> CallerSide:
    """Return alice of an account with one policy."""
    who = principal(f"arn:aws:iam::{account}:user/alice")
    return CallerSide(
        who, Policies(identity=(parse_policy(document(*statements)),)), context({"aws:PrincipalAccount": account})
    )


def role_side(account: str, name: str, statements: list[Document], *, gives_id: bool) -> RoleSide:
    """Return a role."""
    trust = parse_policy(document(*statements), PolicyKind.TRUST)
    return RoleSide(f"arn:aws:iam::{account}:role/gatepass/{name}", account, trust, "right-id" if gives_id else None)


CALLERS = st.lists(
    st.builds(caller_side, st.sampled_from(ACCOUNTS), st.lists(STATEMENTS, min_size=1, max_size=3)), max_size=3
)
ROLES = st.lists(
    st.builds(role_side, st.sampled_from(ACCOUNTS), st.sampled_from(["one", "two"]), TRUSTS, gives_id=st.booleans()),
    max_size=4,
)


def decided(side: CallerSide, role: RoleSide) -> bool:
    """Decide one pair without any index."""
    keys = side.context.with_keys({"sts:ExternalId": role.external_id or (), "aws:ResourceAccount": role.account})
    policies = Policies(identity=side.policies.identity, resource=role.trust)
    return decide(Request(side.caller, "sts:AssumeRole", role.arn, role.account, keys), policies).allowed


@settings(max_examples=100, deadline=None)
@given(callers=CALLERS, roles=ROLES)
def test_the_index_leaves_out_no_pair_and_adds_none(callers: list[CallerSide], roles: list[RoleSide]) -> None:
    expected = [(id(side), id(role)) for side in callers for role in roles if decided(side, role)]

    assert sorted((id(side), id(role)) for side, role in entries(callers, roles)) == sorted(expected)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        (allow("sts:AssumeRole", "arn:aws:iam::*:role/gatepass/*", Condition={"StringEquals": {"aws:ResourceAccount": [CUSTOMER]}}), 1),
        (allow("sts:AssumeRole", Condition={"StringEquals": {"aws:ResourceAccount": [OTHER]}}), 0),
        (allow("sts:AssumeRole", f"arn:aws:iam::{OTHER}:role/gatepass/one"), 0),
        (allow("sts:AssumeRole", f"arn:aws:iam::{CUSTOMER}:role/gatepass/one"), 1),
        (allow("sts:AssumeRole"), 1),
    ],
)  # fmt: skip
def test_a_caller_reaches_the_accounts_that_its_policy_speaks_of(statement: Document, count: int) -> None:
    role = role_side(CUSTOMER, "one", [trusting({"AWS": PROVIDER})], gives_id=False)

    assert len(list(entries([caller_side(PROVIDER, [statement])], [role]))) == count
