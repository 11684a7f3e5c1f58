"""Teams in Identity Center: refused, planned, applied; stopped anywhere, nobody reaches more than before or than wanted."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_permission_sets import MemoryPermissionSets
from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import parse_policy
from gatepass.decision.request import Request, context, principal
from gatepass.domain.documents import Document, document
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile
from gatepass.domain.identifiers import RoleArn
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
from gatepass.domain.set_documents import parts_of, reached_by
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
    """Return the roles that a group gets into; the policies of each team are known by their own store."""
    documents = place.reached(group)
    return frozenset().union(*(reached_by(each, str(team)) for each in documents for team in (NETOPS, SRE)))


def read_by(place: MemoryPermissionSets, group: str) -> frozenset[str]:
    """Return the teams whose second factors a group reads."""
    texts = " ".join(each.text for each in place.reached(group))
    return frozenset(re.findall(r":parameter/gatepass/([a-z*]+)/", texts))


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
        plan_both(book(customer(1, NETOPS, SRE), teams=teams), account(), center, MemorySecrets())

    assert [problem.next_step for problem in caught.value.problems] == ["did you mean NetOps?", "did you mean SRE?"]


def test_a_means_that_the_team_lacks_is_refused_once() -> None:
    wanted = book(customer(1, NETOPS, access=Access.PERMISSION_SET), teams=(Team(NETOPS, iam_groups=("NetOps",)),))

    with pytest.raises(InvalidFile) as caught:
        plan_both(wanted, account(), center, MemorySecrets())

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
    assert plan_both(wanted, account(), nobody, MemorySecrets()).sets is None


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


def test_a_team_reads_its_own_second_factors_and_no_other_teams() -> None:
    place = applied(book(customer(1, NETOPS, SRE)), center())
    (text,) = place.reached("g-net")
    asker = principal(f"arn:aws:sts::{PROVIDER}:assumed-role/{NAME}/maria")
    identity = Policies(identity=(parse_policy(text.text),))

    def may(action: str, name: str) -> bool:
        asked = Request(asker, action, f"arn:aws:{name}", str(PROVIDER), context({}))
        return decide(asked, identity).allowed

    own = f"ssm:eu-west-1:{PROVIDER}:parameter/gatepass/netops/customer-1/support"
    for other in ("sre", "netops-2", "none-", "withheld-", "provider"):
        assert not may("ssm:GetParameter", own.replace("/netops/", f"/{other}/"))
    for action in ("ssm:PutParameter", "ssm:DeleteParameter", "ssm:GetParameterHistory"):
        assert not may(action, own)
    assert may("ssm:GetParameter", own)
    assert may(
        "secretsmanager:GetSecretValue",
        f"secretsmanager:eu-west-1:{PROVIDER}:secret:gatepass/netops/customer-1/support-abcdef",
    )


def test_a_set_from_before_gets_the_right_to_read_without_losing_its_way() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    (whole,) = place.reached("g-net")
    place.make(PutInlinePolicy(NAME, parts_of(whole, "netops").ways))
    place.make(Provision(NAME))

    changes = plan_team_sets(wanted, place).changes

    assert changes == (PutInlinePolicy(NAME, whole), Provision(NAME))


@pytest.mark.parametrize("wide", ["*", "sre/*"])
def test_a_right_to_read_that_somebody_widened_is_taken_away_and_written_anew(wide: str) -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    (whole,) = place.reached("g-net")
    place.make(PutInlinePolicy(NAME, Document(whole.text.replace("gatepass/netops/*", f"gatepass/{wide}"))))
    place.make(Provision(NAME))

    changes = plan_team_sets(wanted, place).changes
    applied(wanted, place)

    assert changes[0] == PutInlinePolicy(NAME, None, is_narrower=True)
    assert place.reached("g-net") == (whole,)


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
    assert all(each.size <= 10_240 for each in place.reached("g-net"))
    assert all(":parameter/gatepass/netops/*" in each.text for each in place.reached("g-net"))
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
        readers = {group: read_by(place, group) for group in groups}
        place.failures = stop
        with pytest.raises(AccessRefused):
            applied(after, place)

        for group in groups:
            now = reached(place, group)
            assert now <= old[group] or now <= reached(goal, group)
            assert read_by(place, group) <= readers[group] or read_by(place, group) <= read_by(goal, group)
        place.failures = None
        applied(after, place)
        assert all(reached(place, group) == reached(goal, group) for group in groups)
        assert all(read_by(place, group) == read_by(goal, group) for group in groups)
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


def proved(wanted: Register, iam: MemoryTeams, place: MemoryPermissionSets) -> dict[str, tuple[str, ...]]:
    return {each.id: each.counterexamples for each in proof_of(wanted, iam, place).findings}


def provisioned(place: MemoryPermissionSets, name: str = NAME, *, group: str = "g-net") -> MemoryTeams:
    """Return the account with the role that Identity Center makes for a permission set."""
    return account(role(reserved(name), way=document(place.reached(group)[0].data)))


def test_a_team_without_its_permission_set_is_shut_out() -> None:
    wanted = book(customer(1, NETOPS))

    assert proved(wanted, account(), center()) == {"shut-out": (f"team netops: {arn(1)}",)}


def test_a_set_without_a_role_in_the_account_is_proved_by_its_own_policy() -> None:
    wanted = book(customer(1, NETOPS), customer(2, NETOPS))
    place = applied(wanted, center())

    assert proved(wanted, account(), place) == {}
    assert proved(book(customer(1, NETOPS), customer(2)), account(), place)["reaches-unassigned"]


def test_the_role_that_identity_center_made_is_what_counts() -> None:
    """A set that was written and not provisioned lets in by what its role says."""
    before, wanted = book(customer(1, NETOPS)), book(customer(1), customer(2, NETOPS))
    iam, place = provisioned(applied(before, center())), applied(wanted, center())

    found = proved(wanted, iam, place)

    assert found["shut-out"] == (f"team netops: {arn(2)}",)
    assert str(arn(1)) in found["reaches-unassigned"][0]
    assert proved(wanted, provisioned(place), place) == {}


def test_a_deny_of_the_account_that_stands_in_the_way_of_a_set_is_found() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    deny = document(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]}
    )
    iam = account(role(reserved(), way=document(place.reached("g-net")[0].data), deny=deny))

    assert proved(wanted, iam, place) == {"shut-out": (f"team netops: {arn(1)}",)}


def test_a_set_that_somebody_else_is_given_is_found() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())
    place.make(Assign(NAME, Assignment(PROVIDER, AssigneeKind.USER, "u-olaf", "olaf")))

    proof = proof_of(wanted, account(), place)

    assert [each.id for each in proof.findings] == ["set-given-to-others"]
    assert not proof.holds
    applied(wanted, place)
    assert proof_of(wanted, account(), place).findings == ()


def test_the_tag_is_in_the_proof_only_where_identity_center_passes_it_on() -> None:
    wanted = book(customer(1, NETOPS))
    place = applied(wanted, center())

    assert proved(wanted, account(), place) == {}
    assert "shut-out" in proved(wanted, account(), replace(place, maps_name=False))


def test_an_account_with_roles_of_our_sets_asks_identity_center_even_when_no_team_is_left() -> None:
    place = applied(book(customer(1, NETOPS)), center())

    plan = plan_both(
        book(), account(role(reserved(), way=document(place.reached("g-net")[0].data))), lambda: place, MemorySecrets()
    )

    assert plan.sets is not None
    assert plan.count == 4
