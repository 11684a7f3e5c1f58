"""Teams in Identity Center: refused, planned, applied; stopped anywhere, nobody reaches more than before or than wanted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory_permission_sets import MemoryPermissionSets
from gatepass.domain.documents import document
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import roles_of
from gatepass.domain.permission_sets import (
    Assign,
    AssigneeKind,
    Assignment,
    CenterGroup,
    CreatePermissionSet,
    DeletePermissionSet,
    Provision,
    PutInlinePolicy,
    Unassign,
    permission_set_name,
    set_of_role,
)
from gatepass.domain.register import Access, Register, Team, TeamName
from gatepass.usecases.apply_permission_sets import apply_team_sets
from gatepass.usecases.apply_teams import proof_of
from gatepass.usecases.plan_permission_sets import plan_team_sets
from gatepass.usecases.plan_register import plan_both
from tests.teams import NETOPS, PROVIDER, account, allow, arn, customer, register, role

SRE = TeamName("sre")
TEAMS = (Team(NETOPS, identity_center_group="Net Ops"), Team(SRE, identity_center_group="SRE"))
GROUPS = (CenterGroup("g-net", "Net Ops"), CenterGroup("g-sre", "SRE"))
NAME = "gatepass-netops"
# Many more than one inline policy of 10,240 characters holds.
MANY = [customer(number, NETOPS) for number in range(1, 1700)]


def book(*customers: object, teams: tuple[Team, ...] = TEAMS) -> Register:
    return register(*customers, teams=teams)  # type: ignore[arg-type]


def center() -> MemoryPermissionSets:
    return MemoryPermissionSets(GROUPS)


def applied(wanted: Register, place: MemoryPermissionSets) -> MemoryPermissionSets:
    list(apply_team_sets(plan_team_sets(wanted, place), place))
    return place


def reached(place: MemoryPermissionSets, group: str) -> frozenset[RoleArn]:
    return roles_of(place.reached(group))


def ids(wanted: Register, place: MemoryPermissionSets) -> list[str]:
    return [finding.id for finding in plan_team_sets(wanted, place).findings]


def test_groups_that_do_not_exist_are_told_all_at_once_with_what_was_meant() -> None:
    teams = (Team(NETOPS, identity_center_group="NetOps"), Team(SRE, identity_center_group="Nobody"))

    with pytest.raises(InvalidFile) as caught:
        plan_team_sets(book(customer(1, NETOPS, SRE), teams=teams), center())

    assert [(problem.path, problem.next_step) for problem in caught.value.problems] == [
        (("teams", "netops", "identity_center_group"), "did you mean Net Ops?"),
        (("teams", "sre", "identity_center_group"), "make the group, or write its display name"),
    ]


def test_groups_of_iam_and_of_identity_center_are_told_together() -> None:
    teams = (Team(NETOPS, iam_groups=("netops",)), Team(SRE, identity_center_group="sre"))

    with pytest.raises(InvalidFile) as caught:
        plan_both(book(customer(1, NETOPS, SRE), teams=teams), account(), center)

    assert [problem.next_step for problem in caught.value.problems] == ["did you mean NetOps?", "did you mean SRE?"]


def test_a_means_that_the_team_lacks_is_refused_once() -> None:
    wanted = book(customer(1, NETOPS, access=Access.PERMISSION_SET), teams=(Team(NETOPS, iam_groups=("NetOps",)),))

    with pytest.raises(InvalidFile) as caught:
        plan_both(wanted, account(), center)

    assert [problem.what for problem in caught.value.problems] == [
        "the customer customer-1 is to be reached by permission-set, and the team netops has none"
    ]


def test_a_permission_set_of_somebody_else_is_never_taken() -> None:
    place = replace(center(), others=frozenset({NAME}))

    with pytest.raises(Conflict, match="permission sets of others named gatepass-netops"):
        plan_team_sets(book(customer(1, NETOPS)), place)


def test_what_does_not_fit_is_told_with_advice_before_anything_changes() -> None:
    place = center()
    many = [customer(number, NETOPS) for number in range(1, 4000)]

    with pytest.raises(Conflict) as caught:
        plan_team_sets(book(*many), place)

    assert "the team netops needs" in caught.value.why
    assert "split the team netops into 3, each with a group of its own" in caught.value.next_step
    assert place.made == []


def test_who_has_no_team_in_identity_center_never_asks_for_it() -> None:
    def nobody() -> MemoryPermissionSets:
        raise AssertionError("Identity Center was asked")

    wanted = register(customer(1, NETOPS))
    assert plan_both(wanted, account(), nobody).sets is None


def test_a_team_is_let_in_by_a_set_whose_policy_demands_the_tag_with_the_engineers_name() -> None:
    place, wanted = center(), book(customer(1, NETOPS), customer(2, NETOPS, SRE))
    plan = plan_team_sets(wanted, place)

    assert [type(change) for change in plan.changes if change.name == NAME] == [
        CreatePermissionSet, PutInlinePolicy, Assign, Provision
    ]  # fmt: skip
    told = [(team.name, team.group, team.sets, len(team.customers), len(team.gained)) for team in plan.teams]
    assert told == [("netops", "Net Ops", (NAME,), 2, 2), ("sre", "SRE", ("gatepass-sre",), 1, 1)]
    applied(wanted, place)
    assert reached(place, "g-net") == {arn(1), arn(2)}
    assert reached(place, "g-sre") == {arn(2)}
    assert '"sts:SourceIdentity":"${aws:PrincipalTag/engineer}"' in place.reached("g-net")[0].text
    assert plan_team_sets(wanted, place).changes == ()
    assert plan.findings == ()


def test_the_name_is_only_claimed_where_the_tag_is_not_mapped() -> None:
    place, wanted = replace(center(), maps_name=False), book(customer(1, NETOPS))

    assert ids(wanted, place) == ["name-only-claimed"]
    applied(wanted, place)
    assert "PrincipalTag" not in place.reached("g-net")[0].text


def test_where_the_mapping_cannot_be_read_the_tag_is_demanded_all_the_same() -> None:
    place, wanted = replace(center(), maps_name=None), book(customer(1, NETOPS))

    assert ids(wanted, place) == ["name-tag-unseen"]
    applied(wanted, place)
    assert "${aws:PrincipalTag/engineer}" in place.reached("g-net")[0].text


def test_more_than_one_policy_holds_is_spread_over_three_permission_sets_at_most() -> None:
    place = applied(book(*MANY), center())

    assert sorted(place.sets) == [NAME, f"{NAME}.2", f"{NAME}.3"][: len(place.sets)]
    assert len(place.sets) > 1
    assert reached(place, "g-net") == {arn(number) for number in range(1, 1700)}
    assert ids(book(*MANY), place) == ["several-permission-sets"]


def test_one_customer_more_changes_one_permission_set() -> None:
    place = applied(book(*MANY), center())

    plan = plan_team_sets(book(*MANY, customer(2000, NETOPS)), place)

    assert [type(change) for change in plan.changes] == [PutInlinePolicy, Provision]


def test_a_set_that_nobody_wants_loses_its_policy_before_its_assignment() -> None:
    place = applied(book(customer(1, NETOPS)), center())
    plan = plan_team_sets(book(), place)

    assert [type(change) for change in plan.changes] == [PutInlinePolicy, Provision, Unassign, DeletePermissionSet]
    assert [finding.id for finding in plan.findings] == ["sessions-outlive"]
    assert [(team.name, len(team.lost)) for team in plan.teams] == [("netops", 1)]
    assert applied(book(), place).sets == {}


def test_who_got_a_set_by_hand_loses_it() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    eve = Assign(NAME, Assignment(PROVIDER, AssigneeKind.USER, "u-eve", "eve"))
    place.make(eve)

    assert plan_team_sets(wanted, place).changes == (Unassign(NAME, eve.assignment),)
    applied(wanted, place)
    assert reached(place, "u-eve") == frozenset()


def test_a_policy_written_by_hand_is_taken_away_and_written_anew() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    place.make(PutInlinePolicy(NAME, allow("sts:*")))
    place.make(Provision(NAME))

    changes = plan_team_sets(wanted, place).changes

    assert changes[0] == PutInlinePolicy(NAME, None, is_narrower=True)
    assert reached(applied(wanted, place), "g-net") == {arn(1)}


def test_a_policy_that_was_written_and_not_provisioned_is_provisioned() -> None:
    place = applied(book(customer(1, NETOPS), customer(2, NETOPS)), center())
    place.failures = 1
    with pytest.raises(AccessRefused):
        applied(book(customer(1, NETOPS)), place)
    place.failures = None

    assert reached(place, "g-net") == {arn(1), arn(2)}
    assert plan_team_sets(book(customer(1, NETOPS)), place).changes == (Provision(NAME),)
    assert reached(applied(book(customer(1, NETOPS)), place), "g-net") == {arn(1)}


BEFORE = book(customer(1, NETOPS), customer(2, NETOPS), customer(3, SRE))
AFTERS = {
    "customers swapped": book(customer(1, NETOPS), customer(3, NETOPS), customer(2, SRE)),
    "teams swapped": book(customer(1, SRE), customer(2, SRE), customer(3, NETOPS)),
    "a team gone": book(customer(4, SRE)),
    "groups swapped": book(
        customer(1, NETOPS), customer(2, NETOPS), customer(3, SRE),
        teams=(Team(NETOPS, identity_center_group="SRE"), Team(SRE, identity_center_group="Net Ops")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", AFTERS)
def test_stopped_anywhere_every_group_reaches_no_more_than_before_or_than_wanted(change: str) -> None:
    after = AFTERS[change]
    goal = applied(after, center())
    groups = ("g-net", "g-sre")

    for stop in range(len(plan_team_sets(after, applied(BEFORE, center())).changes)):
        place = applied(BEFORE, center())
        old = {group: reached(place, group) for group in groups}
        place.failures = stop
        with pytest.raises(AccessRefused):
            applied(after, place)

        for group in groups:
            now = reached(place, group)
            assert now <= old[group] or now <= reached(goal, group)
        place.failures = None
        applied(after, place)
        assert all(reached(place, group) == reached(goal, group) for group in groups)
        assert plan_team_sets(after, place).changes == ()


def test_names_are_short_and_no_two_teams_share_one() -> None:
    long = TeamName("a" * 64), TeamName("a" * 63 + "b"), TeamName("a" * 21), TeamName("a" * 22), TeamName("netops-2")

    names = [permission_set_name(team, number) for team in (*long, NETOPS) for number in (1, 2, 3)]

    assert len(set(names)) == len(names)
    assert max(len(name) for name in names) <= 32


def reserved(name: str = NAME) -> str:
    return f"aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{name}_0123456789abcdef"


def test_only_identity_centers_own_roles_are_known_as_roles_of_our_sets() -> None:
    own = f"arn:aws:iam::{PROVIDER}:role/"

    assert set_of_role(own + reserved()) == NAME
    for other in ("AWSReservedSSO_gatepass-netops_0123456789abcdef", reserved("Admins"), reserved()[:-1]):
        assert set_of_role(own + other) is None


def test_the_proof_knows_whom_a_permission_set_may_let_in() -> None:
    way = {f"{number}": allow("sts:AssumeRole", str(arn(number))) for number in (1,)}
    wanted = book(customer(1, NETOPS), customer(2, SRE))

    assert proof_of(wanted, account(role(reserved(), **way))).holds
    assert not proof_of(wanted, account(role(reserved("gatepass-sre"), **way))).holds
    assert not proof_of(wanted, account(role("AWSReservedSSO_gatepass-netops_0123456789abcdef", **way))).holds


def test_an_account_with_roles_of_our_sets_asks_identity_center_even_when_no_team_is_left() -> None:
    place = applied(book(customer(1, NETOPS)), center())

    plan = plan_both(book(), account(role(reserved(), way=document(place.reached("g-net")[0].data))), lambda: place)

    assert plan.sets is not None
    assert plan.count == 4
