"""Teams that enter each customer by a role of the provider's own: refused, planned, applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.domain.account_policies import Holder
from gatepass.domain.documents import document
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile
from gatepass.domain.identifiers import GrantName
from gatepass.domain.plan_team_roles import (
    DeleteTeamRole,
    DetachFromTeamRole,
    EndTeamRoleSessions,
    MakeTeamRole,
    PutTeamRolePolicy,
    PutTeamRoleTrust,
    TagTeamRole,
    TakeTeamRolePolicy,
)
from gatepass.domain.register import Customer, CustomerName, Team, TeamName
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.team_access import AttachPolicyTo, CreatePolicy, TeamQuotas
from gatepass.domain.team_roles import WAY_POLICY
from gatepass.usecases.apply_teams import proof_of
from gatepass.usecases.plan_teams import plan_teams
from tests.teams import NETOPS, STORAGE, account, allow, arn, customer, register, role
from tests.usecases.team_roles import ONE, OWN, TWO, applied, by_role, changed, ids, names

STORED = f"{OWN}/storage/gatepass-storage.customer-1"
AUDIT = GrantName("audit")


def with_audit(one: Customer, *teams: TeamName) -> Customer:
    number = int(str(one.name).rpartition("-")[2])
    return replace(one, roles={**one.roles, AUDIT: arn(number, "audit")}, teams={**one.teams, AUDIT: teams})


def test_a_team_of_identity_center_alone_is_refused_at_its_place() -> None:
    teams = (Team(NETOPS, identity_center_group="NetOps"),)

    with pytest.raises(InvalidFile) as caught:
        plan_teams(register(by_role(1, NETOPS), teams=teams), account())

    (problem,) = caught.value.problems
    assert problem.path == ("customers", "customer-1", "access")
    assert "has neither an IAM group nor an IAM role" in problem.what
    assert "permission-set" in problem.next_step


def test_a_group_that_does_not_exist_is_told() -> None:
    with pytest.raises(InvalidFile, match="no group Netops for the team netops"):
        plan_teams(register(by_role(1, NETOPS), teams=(Team(NETOPS, iam_groups=("Netops",)),)), account())


def test_nobody_comes_from_a_role_of_ours() -> None:
    iam = account()
    applied(register(by_role(1, NETOPS)), iam)
    teams = (Team(NETOPS, iam_groups=("NetOps",)), Team(STORAGE, iam_roles=(ONE.rpartition("/")[2],)))

    with pytest.raises(InvalidFile, match="for the team storage"):
        plan_teams(register(by_role(1, NETOPS, STORAGE), teams=teams), iam)


def test_a_name_that_a_role_of_others_has_is_refused_whatever_its_case() -> None:
    iam = account(role("Gatepass-NetOps.customer-1"))

    with pytest.raises(Conflict, match="role/Gatepass-NetOps\\.customer-1"):
        plan_teams(register(by_role(1, NETOPS)), iam)


def test_the_accounts_number_of_roles_is_kept_and_told_before_anything_changes() -> None:
    iam = account(role("Others"))
    iam.quotas = TeamQuotas(roles=3)

    with pytest.raises(Conflict) as caught:
        plan_teams(register(by_role(1, NETOPS), by_role(2, NETOPS)), iam)

    assert "it would take 4 roles, 2 of them for single customers, and the account may have 3" in caught.value.why
    assert "access: group" in caught.value.next_step
    assert iam.made == []
    # Those that stand already are not counted twice.
    applied(register(by_role(1, NETOPS)), iam)
    assert plan_teams(register(by_role(1, NETOPS)), iam).changes == ()


def test_a_trust_that_lists_too_many_roles_is_refused() -> None:
    several = [f"Engineers-with-a-long-name-{number:02}" for number in range(40)]
    iam = account(*(role(name) for name in several))

    with pytest.raises(Conflict) as caught:
        plan_teams(register(by_role(1, STORAGE), teams=(Team(STORAGE, iam_roles=tuple(several)),)), iam)

    assert "would need a trust policy of" in caught.value.why


def test_more_roles_of_one_customer_than_a_policy_holds_are_refused() -> None:
    one = by_role(1, NETOPS)
    roles = {GrantName(f"g{number}"): arn(1, f"with-a-rather-long-name-{number:03}") for number in range(100)}
    one = replace(one, roles=roles, teams=dict.fromkeys(roles, (NETOPS,)))

    with pytest.raises(Conflict) as caught:
        plan_teams(register(one), account())

    assert "the role of the team netops for customer-1 would need a policy of" in caught.value.why


def test_the_plan_tells_the_roles_and_what_changes() -> None:
    iam = account()
    applied(register(by_role(1, NETOPS), by_role(3, NETOPS)), iam)

    plan = plan_teams(register(by_role(1, NETOPS), by_role(2, NETOPS), customer(4, NETOPS)), iam)

    told = [(team.name, len(team.customers), team.own_roles, len(team.gained), len(team.lost)) for team in plan.teams]
    assert told == [("netops", 3, 2, 2, 1), ("storage", 0, 0, 0, 0)]
    assert [type(change) for change in plan.changes] == [
        TakeTeamRolePolicy, DeleteTeamRole, CreatePolicy, AttachPolicyTo, MakeTeamRole, PutTeamRolePolicy
    ]  # fmt: skip


def test_one_role_for_each_team_and_customer_and_one_policy_of_constant_size_for_each_team() -> None:
    iam, book = account(), register(by_role(1, NETOPS, STORAGE), by_role(2, NETOPS))

    proof = applied(book, iam)

    assert proof.holds
    assert {finding.id for finding in proof.findings} == set()
    assert (proof.principals, proof.roles, proof.own_roles) == (6, 2, 3)
    assert names(iam) == {ONE, TWO, STORED}
    door = iam.policies["gatepass-netops-c1"]
    assert [str(holder) for holder in door.holders] == ["group NetOps"]
    assert {statement["Resource"] for statement in door.document.statements} == {f"{OWN}/netops/*"}
    assert {str(holder) for holder in iam.policies["gatepass-netops-store"].holders} == {"group NetOps"}
    assert plan_teams(book, iam).changes == ()
    size = door.document.size
    applied(register(*(by_role(number, NETOPS) for number in range(1, 40))), iam)
    assert iam.policies["gatepass-netops-c1"].document.size == size


def test_a_customer_with_one_grant_more_gets_a_wider_policy_and_no_other_role() -> None:
    iam = account()
    applied(register(by_role(1, NETOPS)), iam)

    book = register(with_audit(by_role(1, NETOPS), NETOPS))

    assert [type(change) for change in plan_teams(book, iam).changes] == [PutTeamRolePolicy]
    assert ids(applied(book, iam)) == {}
    narrowing = plan_teams(register(by_role(1, NETOPS)), iam).changes
    assert [(type(change), getattr(change, "is_narrower", None)) for change in narrowing] == [(PutTeamRolePolicy, True)]


def test_a_grant_of_another_team_is_not_in_the_role() -> None:
    iam = account()

    proof = applied(register(with_audit(by_role(1, NETOPS), STORAGE)), iam)

    assert ids(proof) == {}
    reach = {each.name: each.inline[WAY_POLICY].text for each in iam.roles if each.inline}
    assert str(arn(1, "audit")) not in reach["gatepass-netops.customer-1"]
    assert str(arn(1, "audit")) in reach["gatepass-storage.customer-1"]


def test_no_teams_path_begins_as_anothers_does_and_no_two_share_a_role() -> None:
    """Team a with customer b-c is another than team a-b with customer c."""
    names_ = [("a", "b-c", 1), ("a-b", "c", 2)]
    teams = (Team(TeamName("a"), iam_groups=("NetOps",)), Team(TeamName("a-b"), iam_roles=("Storage",)))
    book = register(
        *(replace(by_role(number, TeamName(team)), name=CustomerName(name)) for team, name, number in names_),
        teams=teams,
    )
    iam = account()

    proof = applied(book, iam)

    assert proof.holds
    assert "shut-out" not in ids(proof)
    assert names(iam) == {f"{OWN}/a/gatepass-a.b-c", f"{OWN}/a-b/gatepass-a-b.c"}


def test_long_names_are_cut_and_stay_apart() -> None:
    end = "x" * 55
    book = register(
        *(replace(by_role(number, NETOPS), name=CustomerName(f"{end}{number}")) for number in (1, 2)),
    )
    iam = account()

    assert applied(book, iam).holds
    assert len(names(iam)) == 2
    assert all(len(each.rsplit("/", 1)[1]) == 64 for each in names(iam))
    assert plan_teams(book, iam).changes == ()


def test_a_customer_that_left_loses_its_role_and_a_team_that_left_everything() -> None:
    iam = account()
    applied(register(by_role(1, NETOPS), by_role(2, NETOPS)), iam)

    applied(register(by_role(1, NETOPS)), iam)
    assert names(iam) == {ONE}
    plan = plan_teams(register(teams=()), iam)
    assert [(team.name, len(team.customers), len(team.lost)) for team in plan.teams] == [("netops", 0, 1)]
    applied(register(teams=()), iam)

    assert names(iam) == set()
    assert iam.policies == {}


def test_a_role_under_our_path_that_is_not_ours_is_emptied_and_deleted_and_told() -> None:
    """Whatever lies there, the whole team could enter it."""
    iam = account()
    applied(register(by_role(1, NETOPS)), iam)
    managed = "arn:aws:iam::aws:policy/AdministratorAccess"
    odd = Holder(f"{OWN}/netops/Odd", inline={"more": allow("*")}, attached=(managed,), trust=allow("*"))
    iam.roles = (*iam.roles, odd)

    assert plan_teams(register(by_role(1, NETOPS)), iam).changes == (
        TakeTeamRolePolicy("Odd", "more"), DetachFromTeamRole("Odd", managed), DeleteTeamRole("Odd", is_ours=False)
    )  # fmt: skip
    assert applied(register(by_role(1, NETOPS)), iam).holds
    assert names(iam) == {ONE}


def test_what_somebody_changed_by_hand_is_changed_back() -> None:
    iam, book = account(), register(by_role(1, NETOPS))
    applied(book, iam)
    name = "gatepass-netops.customer-1"
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    changed(
        iam, name,
        lambda each: replace(each, tags={}, attached=(managed,), inline={**each.inline, "more": allow("*")}),
    )  # fmt: skip

    assert plan_teams(book, iam).changes == (
        TakeTeamRolePolicy(name, "more"),
        DetachFromTeamRole(name, managed),
        TagTeamRole(name, {"gatepass:team": "netops", "gatepass:customer": "customer-1"}),
    )
    assert ids(applied(book, iam)) == {}


def test_a_deny_of_older_sessions_stays_and_what_only_has_its_name_goes() -> None:
    iam, book = account(), register(by_role(1, NETOPS))
    applied(book, iam)
    iam.make(EndTeamRoleSessions("gatepass-netops.customer-1"))

    assert plan_teams(book, iam).changes == ()
    changed(
        iam, "gatepass-netops.customer-1",
        lambda each: replace(each, inline={**each.inline, SWITCH_POLICY: allow("s3:*")}),
    )  # fmt: skip
    assert plan_teams(book, iam).changes == (TakeTeamRolePolicy("gatepass-netops.customer-1", SWITCH_POLICY),)


def test_a_trust_that_changes_leaves_no_power_meanwhile_and_ends_older_sessions() -> None:
    iam, book = account(), register(by_role(1, NETOPS))
    applied(book, iam)
    opened = document({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
    changed(iam, "gatepass-netops.customer-1", lambda each: replace(each, trust=opened))

    assert not proof_of(book, iam).holds
    assert [type(change) for change in plan_teams(book, iam).changes] == [
        TakeTeamRolePolicy, PutTeamRoleTrust, EndTeamRoleSessions, PutTeamRolePolicy
    ]  # fmt: skip
    iam.failures = 2
    with pytest.raises(AccessRefused):
        applied(book, iam)
    iam.failures = None
    assert [type(change) for change in plan_teams(book, iam).changes] == [EndTeamRoleSessions, PutTeamRolePolicy]
    assert ids(applied(book, iam)) == {}
    assert plan_teams(book, iam).changes == ()


def test_a_team_of_both_groups_and_roles_gets_in_by_its_groups() -> None:
    teams = (Team(NETOPS, iam_groups=("NetOps",), iam_roles=("Storage",)),)
    iam = account()

    assert applied(register(by_role(1, NETOPS), teams=teams), iam).holds
    assert {str(holder) for holder in iam.policies["gatepass-netops-c1"].holders} == {"group NetOps"}


def test_a_team_let_in_by_a_role_only_claims_its_engineers_names() -> None:
    plan = plan_teams(register(by_role(1, STORAGE)), account())

    assert [finding.id for finding in plan.findings] == ["name-only-claimed"]


def test_the_door_has_the_name_that_the_team_chose_for_its_policies() -> None:
    iam = account()
    teams = (Team(NETOPS, iam_groups=("NetOps",), policy="NetOpsCustomers"),)

    assert applied(register(by_role(1, NETOPS), teams=teams), iam).holds
    assert set(iam.policies) == {"NetOpsCustomers-c1", "NetOpsCustomers-store"}
    assert names(iam) == {ONE}
