"""The order in which teams' policies change: stop anywhere, and nobody reaches more than before or than is wanted."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import GROUP_MANAGED, USER_NAME, pack
from gatepass.domain.plan_teams import plan_team_access, takes_and_gives
from gatepass.domain.register import Access, Team, TeamName
from gatepass.domain.team_access import (
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DeleteVersion,
    DetachPolicyFrom,
    HolderKind,
    PutVersion,
    TeamHolder,
    TeamPolicy,
    numbered_policies,
    policy_name,
    team_of,
)
from gatepass.domain.team_reach import narrowed, reach_of
from tests.teams import NETOPS, account, arn

GROUP = TeamHolder(HolderKind.GROUP, "NetOps")
BILLING = TeamHolder(HolderKind.GROUP, "Billing")
ONE = "gatepass-netops-1"


def document(*numbers: int, own_name: str | None = USER_NAME) -> Document:
    (packed,) = pack([arn(number) for number in numbers], GROUP_MANAGED, own_name=own_name).documents
    return packed


def team_policy(name: str, numbers: Iterable[int], *holders: TeamHolder, versions: tuple[str, ...] = ()) -> TeamPolicy:
    return TeamPolicy(name, document(*numbers), frozenset(holders), versions)


def reached(policies: Iterable[TeamPolicy], holder: TeamHolder) -> frozenset[RoleArn]:
    found: frozenset[RoleArn] = frozenset()
    for each in policies:
        reach = reach_of(each.document)
        assert reach is not None
        found |= reach.roles if holder in each.holders else frozenset()
    return found


def test_a_document_that_somebody_widened_by_hand_is_held_by_nobody_while_it_is_replaced() -> None:
    """What cannot be compared with what is wanted could be anything."""
    by_hand = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})

    changes = plan_team_access([team_policy(ONE, [1], GROUP)], [TeamPolicy(ONE, by_hand, frozenset({GROUP}))])

    assert changes == (
        DetachPolicyFrom(ONE, GROUP), PutVersion(ONE, document(1)), AttachPolicyTo(ONE, GROUP)
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "*", "Resource": str(arn(1))},
        {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/x"},
        {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::400000000001:role/*"},
        {"Action": "sts:AssumeRole", "NotResource": str(arn(1))},
        {"Action": "sts:AssumeRole", "Resource": str(arn(1)), "Condition": {"StringNotEquals": {"aws:PrincipalArn": "x"}}},
        {"Action": "sts:AssumeRole", "Resource": str(arn(1)), "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}},
    ],
)  # fmt: skip
def test_what_says_anything_else_than_ours_is_not_read(statement: dict[str, object]) -> None:
    assert reach_of(policy({"Effect": "Allow", **statement})) is None


def test_a_policy_that_nobody_wants_lets_go_of_everybody_and_is_deleted() -> None:
    observed = team_policy("gatepass-old-1", [1], GROUP, TeamHolder(HolderKind.USER, "eve"), versions=("v1", "v2"))

    assert plan_team_access([], [observed]) == (
        DetachPolicyFrom("gatepass-old-1", GROUP),
        DetachPolicyFrom("gatepass-old-1", TeamHolder(HolderKind.USER, "eve")),
        DeleteVersion("gatepass-old-1", "v1"),
        DeleteVersion("gatepass-old-1", "v2"),
        DeletePolicy("gatepass-old-1"),
    )


def test_a_policy_that_somebody_attached_to_himself_lets_go_of_him() -> None:
    eve = TeamHolder(HolderKind.USER, "eve")

    changes = plan_team_access([team_policy(ONE, [1], GROUP)], [team_policy(ONE, [1], GROUP, eve)])

    assert changes == (DetachPolicyFrom(ONE, eve),)


def test_nothing_is_planned_when_everything_is_as_wanted() -> None:
    assert (
        plan_team_access([team_policy(ONE, [1, 2], GROUP)], [team_policy(ONE, [2, 1], GROUP, versions=("v1",))]) == ()
    )


def test_a_new_policy_is_made_before_it_is_attached() -> None:
    assert plan_team_access([team_policy(ONE, [1], GROUP)], []) == (
        CreatePolicy(ONE, document(1)), AttachPolicyTo(ONE, GROUP)
    )  # fmt: skip


def test_the_oldest_version_makes_room_for_a_sixth() -> None:
    observed = team_policy(ONE, [1], GROUP, versions=("v3", "v4", "v5", "v6"))

    assert plan_team_access([team_policy(ONE, [1, 2], GROUP)], [observed]) == (
        DeleteVersion(ONE, "v3"), PutVersion(ONE, document(1, 2))
    )  # fmt: skip


def test_taking_away_comes_before_giving_over_all_teams() -> None:
    wanted = [team_policy("gatepass-a-1", [1, 2], GROUP), team_policy("gatepass-z-1", [4], BILLING)]
    observed = [team_policy("gatepass-a-1", [1], GROUP), team_policy("gatepass-z-1", [2, 4], BILLING)]

    assert [change.policy for change in plan_team_access(wanted, observed)] == ["gatepass-z-1", "gatepass-a-1"]


NAMED = "NetOpsCustomers-1"


def test_policies_with_a_new_name_are_attached_before_the_old_ones_go() -> None:
    """Nobody is shut out meanwhile, and old and new together allow what either does."""
    changes = plan_team_access([team_policy(NAMED, [1, 2], GROUP)], [team_policy(ONE, [1, 2], GROUP, versions=("v1",))])

    assert changes == (
        CreatePolicy(NAMED, document(1, 2)), AttachPolicyTo(NAMED, GROUP),
        DetachPolicyFrom(ONE, GROUP), DeleteVersion(ONE, "v1"), DeletePolicy(ONE),
    )  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [([1, 2], [2, 3]), ([1], [2])])
def test_policies_with_a_new_name_that_both_lose_and_gain_are_taken_away_first(
    before: list[int], after: list[int]
) -> None:
    """Old and new together would be more than either."""
    changes = plan_team_access([team_policy(NAMED, after, GROUP)], [team_policy(ONE, before, GROUP)])

    assert [type(change) for change in changes] == [DetachPolicyFrom, DeletePolicy, CreatePolicy, AttachPolicyTo]


def test_a_group_with_room_for_one_of_them_lets_the_old_one_go_first() -> None:
    wanted, observed = [team_policy(NAMED, [1], GROUP)], [team_policy(ONE, [1], GROUP)]

    takes, gives = takes_and_gives(wanted, observed, lambda _: 1)

    assert [type(change) for change in (*takes, *gives)] == [
        DetachPolicyFrom, DeletePolicy, CreatePolicy, AttachPolicyTo
    ]  # fmt: skip


def test_a_policy_that_somebody_changed_by_hand_never_stays_for_its_new_name() -> None:
    by_hand = TeamPolicy(ONE, policy({"Effect": "Allow", "Action": "*", "Resource": "*"}), frozenset({GROUP}))

    changes = plan_team_access([team_policy(NAMED, [1], GROUP)], [by_hand])

    assert changes[:2] == (DetachPolicyFrom(ONE, GROUP), DeletePolicy(ONE))


def test_a_narrowed_document_says_nothing_that_either_does_not() -> None:
    assert narrowed(document(1, 2), frozenset({arn(2), arn(3)})) == document(2)
    assert narrowed(document(1), frozenset({arn(3)})) is None
    assert narrowed(document(1, own_name=None), frozenset({arn(1)})) == document(1, own_name=None)


NUMBERS = st.sets(st.integers(1, 5), min_size=1)
POLICIES = st.dictionaries(
    st.sampled_from(["gatepass-a-1", "gatepass-a-2", "gatepass-b-1", "Renamed-1"]),
    st.tuples(NUMBERS, st.sets(st.sampled_from([GROUP, BILLING]))),
)


@given(wanted=POLICIES, observed=POLICIES)
def test_stopped_anywhere_nobody_reaches_more_than_before_or_than_is_wanted(
    wanted: dict[str, tuple[set[int], set[TeamHolder]]], observed: dict[str, tuple[set[int], set[TeamHolder]]]
) -> None:
    goal = [team_policy(name, numbers, *holders) for name, (numbers, holders) in wanted.items()]
    start = [team_policy(name, numbers, *holders) for name, (numbers, holders) in observed.items()]
    iam = account()
    for change in plan_team_access(start, []):
        iam.make(change)
    before = iam.standing().policies

    for change in plan_team_access(goal, before):
        iam.make(change)
        for holder in (GROUP, BILLING):
            now = reached(iam.standing().policies, holder)
            assert now <= reached(before, holder) or now <= reached(goal, holder)

    end = {each.name: (each.document, each.holders) for each in iam.standing().policies}
    assert end == {each.name: (each.document, each.holders) for each in goal}
    assert plan_team_access(goal, iam.standing().policies) == ()


def test_a_name_tells_its_team_whatever_the_team_is_called() -> None:
    for team in ("netops", "netops-1", "r", "netops-r1"):
        for means in (Access.GROUP, Access.ROLE):
            name = policy_name(TeamName(team), means, 7)
            assert team_of(name) == team
            assert numbered_policies([TeamPolicy(name, document(1))], TeamName(team), means).keys() == {7}
    assert team_of("somebody-elses") is None
    named = Team(NETOPS, iam_groups=("NetOps",), policy="Customers-of.NetOps")
    for means in (Access.GROUP, Access.ROLE):
        assert team_of(policy_name(named, means, 7), [named]) == "netops"
    assert numbered_policies([TeamPolicy("Customers-of.NetOps-2", document(1))], named, Access.GROUP).keys() == {2}
    assert numbered_policies([TeamPolicy(ONE, document(1))], named, Access.GROUP) == {}
    assert numbered_policies([TeamPolicy("gatepass-netops-1-1", document(1))], NETOPS, Access.GROUP) == {}


@given(st.sets(st.tuples(st.integers(1, 60), st.sampled_from(["support", "audit"])), min_size=1))
def test_what_is_packed_is_read_again_as_it_was(wanted: set[tuple[int, str]]) -> None:
    roles = {arn(number, name) for number, name in wanted}
    for own_name in (USER_NAME, None):
        reads = [reach_of(each) for each in pack(roles, GROUP_MANAGED, own_name=own_name).documents]
        assert {role for reach in reads if reach for role in reach.roles} == roles
        assert all(reach is not None and reach.own_name == own_name for reach in reads)
