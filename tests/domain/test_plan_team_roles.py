"""The order in which roles for single customers change: stop anywhere, and none reaches more than before or wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.account_policies import Holder
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import Partition, RoleArn
from gatepass.domain.plan_team_roles import PutTeamRolePolicy, TeamRoleChange, plan_team_roles
from gatepass.domain.register import CustomerName, TeamName
from gatepass.domain.team_roles import (
    WAY_POLICY,
    TeamRole,
    group_trust,
    is_team_role,
    role_trust,
    standing_team_roles,
    team_in,
    team_path,
    team_role_arn,
    team_role_name,
    way_document,
    way_of,
)
from tests.teams import PROVIDER, account, arn

AWS = Partition()
TRUSTS = {"group": group_trust(AWS, PROVIDER), "role": role_trust(AWS, PROVIDER, [f"arn:aws:iam::{PROVIDER}:role/A"])}


def wanted(number: int, reach: set[int], trust: str) -> TeamRole:
    team, customer = TeamName(f"team-{number}"), CustomerName("acme")
    roles = frozenset(arn(each) for each in reach)
    return TeamRole(team_role_arn(AWS, PROVIDER, team, customer), team, customer, TRUSTS[trust], roles)


def let_in(role: Holder) -> tuple[Document | None, frozenset[RoleArn]]:
    """Return by which trust a role is entered, and what it reaches."""
    reached = way_of(role.inline.get(WAY_POLICY))
    assert reached is not None
    return role.trust, reached


def changes_of(goal: list[TeamRole], standing: tuple[Holder, ...]) -> list[TeamRoleChange]:
    takes, gives = plan_team_roles(goal, standing)
    return [*takes, *gives]


ROLES = st.dictionaries(
    st.integers(1, 3), st.tuples(st.sets(st.integers(1, 4), min_size=1), st.sampled_from(sorted(TRUSTS)))
)


@given(before=ROLES, after=ROLES)
def test_stopped_anywhere_every_role_reaches_no_more_than_before_or_than_is_wanted(
    before: dict[int, tuple[set[int], str]], after: dict[int, tuple[set[int], str]]
) -> None:
    iam = account()
    for change in changes_of([wanted(number, *each) for number, each in before.items()], ()):
        iam.make(change)
    old = {role.arn: let_in(role) for role in standing_team_roles(iam.standing().everything)}
    goal = [wanted(number, *each) for number, each in after.items()]
    new = {str(role.arn): (role.trust, role.reach) for role in goal}

    for change in changes_of(goal, standing_team_roles(iam.standing().everything)):
        iam.make(change)
        for role in standing_team_roles(iam.standing().everything):
            trust, reached = let_in(role)
            assert not reached or any(
                trust == side[role.arn][0] and reached <= side[role.arn][1] for side in (old, new) if role.arn in side
            )

    now = {role.arn: let_in(role) for role in standing_team_roles(iam.standing().everything)}
    assert now == new
    assert changes_of(goal, standing_team_roles(iam.standing().everything)) == []


def test_taking_away_is_one_part_and_giving_the_other() -> None:
    iam = account()
    for change in changes_of([wanted(1, {1, 2}, "group"), wanted(2, {1}, "group")], ()):
        iam.make(change)

    takes, gives = plan_team_roles(
        [wanted(1, {2, 3}, "group"), wanted(2, {1, 4}, "group")], standing_team_roles(iam.standing().everything)
    )

    assert takes == (PutTeamRolePolicy("gatepass-team-1.acme", way_document([arn(2)]), is_narrower=True),)
    assert [change.role for change in gives] == ["gatepass-team-1.acme", "gatepass-team-2.acme"]


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "sts:*", "Resource": str(arn(1))},
        {"Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": str(arn(1))},
        {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/x"},
        {"Action": "sts:AssumeRole", "NotResource": str(arn(1))},
    ],
)
def test_a_policy_that_we_did_not_write_is_not_read(statement: dict[str, object]) -> None:
    assert way_of(policy({"Effect": "Allow", **statement})) is None


def test_a_session_goes_on_under_the_name_that_it_was_begun_with() -> None:
    enter, label = way_document([arn(1)]).statements

    assert enter["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert enter["Condition"] == {"StringEquals": {"sts:SourceIdentity": "${aws:SourceIdentity}"}}
    # Session tags do not carry the name, so one statement that asks for it would refuse them.
    assert (label["Action"], label.get("Condition")) == ("sts:TagSession", None)


def test_a_policy_is_read_as_it_was_written() -> None:
    roles = frozenset({arn(1), arn(1, "audit")})

    assert way_of(way_document(roles)) == roles
    assert way_of(None) == frozenset()
    assert way_of(policy()) is None


def test_a_path_that_looks_like_a_pattern_is_none() -> None:
    starred = RoleArn("arn:aws:iam::400000000001:role/a*/support")

    assert '"Resource":"arn:aws:iam::400000000001:role/a${*}/support"' in way_document([starred]).text


NAMES = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", fullmatch=True).filter(
    lambda name: name not in {"customer", "provider"}
)


@given(NAMES, NAMES, NAMES, NAMES)
def test_no_two_teams_and_customers_share_a_name_or_a_path(one: str, two: str, first: str, second: str) -> None:
    names = {team_role_name(TeamName(team), CustomerName(each)) for team, each in ((one, first), (two, second))}

    assert len(names) == len({(one, first), (two, second)})
    assert one == two or not team_path(one).startswith(team_path(two))
    role = str(team_role_arn(AWS, PROVIDER, TeamName(one), CustomerName(first)))
    assert is_team_role(role)
    assert team_in(role) == one


def test_team_a_with_customer_b_c_is_not_team_a_b_with_customer_c() -> None:
    names = [team_role_name(TeamName(team), CustomerName(each)).text for team, each in (("a", "b-c"), ("a-b", "c"))]

    assert names == ["gatepass-a.b-c", "gatepass-a-b.c"]


def test_roles_elsewhere_are_none_of_ours() -> None:
    for path in ("gatepass/", "gatepass/customers", "other/gatepass/customers/a/", ""):
        assert not is_team_role(f"arn:aws:iam::{PROVIDER}:role/{path}x")
    with pytest.raises(InvalidInput):
        RoleArn("gatepass/customers/a/x")
