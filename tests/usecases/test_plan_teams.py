"""What the register says of teams, compared with the provider's account: refused, planned, applied, proved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.adapters.memory_teams import MemoryTeams
from gatepass.domain.documents import document, policy
from gatepass.domain.errors import AccessRefused, Conflict, InvalidFile
from gatepass.domain.identifiers import AccountId
from gatepass.domain.register import Access, Register, Team, TeamName
from gatepass.domain.team_access import (
    AttachPolicyTo,
    CreatePolicy,
    DeletePolicy,
    DetachPolicyFrom,
    HolderKind,
    PutVersion,
    TeamHolder,
    TeamQuotas,
)
from gatepass.usecases.apply_teams import apply_teams, proof_of
from gatepass.usecases.plan_teams import plan_teams
from gatepass.usecases.prove_teams import Proof
from tests.teams import NETOPS, PROVIDER, STORAGE, TEAMS, account, allow, arn, customer, group, register, role, user

GROUP = TeamHolder(HolderKind.GROUP, "NetOps")
MANY = [customer(number, NETOPS) for number in range(1, 1200)]


def applied(book: Register, iam: MemoryTeams) -> Proof:
    list(apply_teams(plan_teams(book, iam), iam))
    return proof_of(book, iam)


def ids(proof: Proof) -> dict[str, tuple[str, ...]]:
    return {finding.id: finding.counterexamples for finding in proof.findings}


def test_another_account_than_the_registers_is_refused() -> None:
    book = replace(register(customer(1, NETOPS)), account=AccountId("999900001111"))

    with pytest.raises(Conflict, match="credentials are for account 111122223333"):
        plan_teams(book, account())


def test_a_team_whose_policies_get_a_name_of_their_own_keeps_its_way_all_the_time() -> None:
    iam = account()
    book = register(customer(1, NETOPS), customer(2, NETOPS))
    applied(book, iam)
    named = register(*book.customers.values(), teams=(replace(TEAMS[0], policy="NetOps-Customers"), TEAMS[1]))

    plan = plan_teams(named, iam)
    assert {team.name for team in plan.teams} == {"netops", "storage"}
    (netops,) = (team for team in plan.teams if team.name == "netops")
    assert (len(netops.customers), netops.gained, netops.lost) == (2, frozenset(), frozenset())
    for change in apply_teams(plan, iam):
        shut_out = ids(proof_of(book, iam)).get("shut-out")
        assert shut_out is None, change

    assert sorted(iam.policies) == ["NetOps-Customers-1", "NetOps-Customers-store"]
    assert plan_teams(named, iam).changes == ()
    again = replace(TEAMS[0], policy="Once-More")
    (netops,) = (
        team for team in plan_teams(register(*book.customers.values(), teams=(again, TEAMS[1])), iam).teams if team.by
    )
    assert (netops.name, netops.gained, netops.lost) == ("netops", frozenset(), frozenset())


def test_a_team_that_wants_arns_only_has_no_condition_on_accounts() -> None:
    """The names of roles stand in full, and the proof holds all the same."""
    iam = account()
    teams = (replace(TEAMS[0], arns_only=True), TEAMS[1])
    book = register(*(customer(number, NETOPS) for number in range(1, 9)), teams=teams)

    proof = applied(register(*book.customers.values()), iam)
    assert "aws:ResourceAccount" in iam.policies["gatepass-netops-1"].document.text
    proof = applied(book, iam)

    assert "aws:ResourceAccount" not in iam.policies["gatepass-netops-1"].document.text
    assert proof.holds
    assert plan_teams(book, iam).changes == ()


def test_groups_and_roles_that_do_not_exist_are_told_all_at_once_with_what_was_meant() -> None:
    teams = (Team(NETOPS, iam_groups=("netops", "NetOps")), Team(STORAGE, iam_roles=("Storge", "Nobody")))
    book = register(customer(1, NETOPS, STORAGE), teams=teams)

    with pytest.raises(InvalidFile) as caught:
        plan_teams(book, account())

    assert [(problem.path, problem.next_step) for problem in caught.value.problems] == [
        (("teams", "netops", "iam_groups", 0), "did you mean NetOps?"),
        (("teams", "storage", "iam_roles", 0), "did you mean Storage?"),
        (("teams", "storage", "iam_roles", 1), "make the role, or correct the name"),
    ]


def test_a_team_without_means_and_a_means_that_a_team_lacks_are_refused() -> None:
    book = register(
        customer(1, TeamName("empty")), customer(2, NETOPS, access=Access.ROLE), teams=(Team(TeamName("empty")), Team(NETOPS, iam_groups=("NetOps",)))
    )  # fmt: skip

    with pytest.raises(InvalidFile) as caught:
        plan_teams(book, account())

    assert [problem.what for problem in caught.value.problems] == [
        "the team empty has no group and no role to be let in by",
        "the customer customer-2 is to be reached by role, and the team netops has none",
    ]


def test_what_does_not_fit_is_told_with_advice_before_anything_changes() -> None:
    iam = account()
    iam.quotas = TeamQuotas(per_group=2)

    with pytest.raises(Conflict) as caught:
        plan_teams(register(*MANY), iam)

    assert "the team netops needs 5 policies on the group NetOps, which has room for 2" in caught.value.why
    assert "split the team netops into 4, each with a group of its own" in caught.value.next_step
    assert iam.made == []


def test_policies_of_others_take_room_too() -> None:
    iam = account()
    iam.quotas = TeamQuotas(per_group=1)
    iam.groups = (replace(group("NetOps"), attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",)),)

    with pytest.raises(Conflict) as caught:
        plan_teams(register(customer(1, NETOPS)), iam)

    assert "has room for 0 (1 of others are attached to it)" in caught.value.why
    assert "detach policies of others from the group NetOps" in caught.value.next_step


def test_the_accounts_own_number_of_policies_is_kept() -> None:
    iam = account()
    iam.quotas = TeamQuotas(policies=5, policies_now=5)

    with pytest.raises(Conflict, match="no room"):
        plan_teams(register(customer(1, NETOPS)), iam)


def test_the_plan_tells_how_many_customers_each_team_reaches_and_what_changes() -> None:
    iam = account()
    applied(register(customer(1, NETOPS), customer(2, NETOPS), customer(3, NETOPS)), iam)

    plan = plan_teams(register(customer(1, NETOPS), customer(4, NETOPS, STORAGE), customer(5)), iam)

    told = [(team.name, len(team.customers), len(team.gained), len(team.lost)) for team in plan.teams]
    assert told == [("netops", 2, 1, 2), ("storage", 1, 1, 0)]
    assert [type(change) for change in plan.changes] == [PutVersion, *[CreatePolicy, AttachPolicyTo] * 2]
    assert [finding.id for finding in plan.findings] == ["name-only-claimed"]


def test_a_plan_that_was_applied_plans_nothing_more() -> None:
    iam, book = account(), register(customer(1, NETOPS), customer(2, STORAGE))
    applied(book, iam)

    assert plan_teams(book, iam).changes == ()


def test_a_team_reads_its_own_second_factors_and_no_other_teams() -> None:
    iam = account()

    applied(register(customer(1, NETOPS), customer(2, STORAGE)), iam)

    stores = {policy.name: policy for policy in iam.standing().policies if policy.name.endswith("-store")}
    assert set(stores) == {"gatepass-netops-store", "gatepass-storage-store"}
    netops = stores["gatepass-netops-store"]
    assert [str(holder) for holder in netops.holders] == ["group NetOps"]
    (statement,) = netops.document.statements
    assert statement["Resource"] == [
        "arn:aws:secretsmanager:*:111122223333:secret:gatepass/netops/*",
        "arn:aws:ssm:*:111122223333:parameter/gatepass/netops/*",
    ]


def test_one_customer_more_changes_one_policy_of_its_team() -> None:
    iam = account()
    applied(register(*MANY), iam)

    plan = plan_teams(register(*MANY, customer(2000, NETOPS)), iam)

    assert len(plan.changes) == 1


def test_a_team_that_left_the_register_loses_everything() -> None:
    iam = account()
    applied(register(customer(1, NETOPS)), iam)

    plan = plan_teams(register(teams=()), iam)

    assert [(team.name, len(team.customers), len(team.lost)) for team in plan.teams] == [("netops", 0, 1)]
    assert [type(change) for change in plan.changes] == [*[DetachPolicyFrom] * 2, *[DeletePolicy] * 2]


def test_an_apply_that_is_refused_in_the_middle_is_finished_by_another() -> None:
    iam, book = account(), register(customer(1, NETOPS), customer(2, STORAGE))
    iam.failures = 2

    with pytest.raises(AccessRefused):
        applied(book, iam)
    iam.failures = None

    assert ids(applied(book, iam)) == {}
    assert plan_teams(book, iam).changes == ()


def test_the_proof_finds_who_gets_in_without_being_in_the_team() -> None:
    iam = account(user("eve", way=allow("sts:AssumeRole", str(arn(1)))))

    proof = applied(register(customer(1, NETOPS), customer(2, STORAGE)), iam)

    assert not proof.holds
    assert ids(proof) == {"reaches-unassigned": (f"arn:aws:iam::{PROVIDER}:user/eve: {arn(1)}",)}


def test_what_another_team_may_not_enter_is_found_too() -> None:
    iam = account()
    iam.roles = (role("Storage", way=allow("sts:*", str(arn(1)))),)

    proof = applied(register(customer(1, NETOPS), customer(2, STORAGE)), iam)

    assert ids(proof) == {"reaches-unassigned": (f"arn:aws:iam::{PROVIDER}:role/Storage: {arn(1)}",)}


def test_a_way_that_opens_only_under_a_condition_is_found() -> None:
    text = allow("sts:AssumeRole", str(arn(1))).data
    statement = text["Statement"]
    assert isinstance(statement, list)
    statement[0]["Condition"] = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    iam = account(user("eve", way=document(text)))

    assert not applied(register(customer(1, NETOPS)), iam).holds


def test_a_role_that_no_team_is_assigned_to_is_to_be_entered_by_nobody() -> None:
    iam = account(user("eve", way=allow("sts:AssumeRole", str(arn(9)))))

    assert not applied(register(customer(1, NETOPS), customer(9)), iam).holds


def test_administrators_are_told_and_are_no_hole() -> None:
    iam = account(user("root-like", everything=allow("*")), user("writer", iam=allow("iam:PutUserPolicy")))

    proof = applied(register(customer(1, NETOPS)), iam)

    assert proof.holds
    assert ids(proof) == {
        "administrators": (f"arn:aws:iam::{PROVIDER}:user/root-like", f"arn:aws:iam::{PROVIDER}:user/writer")
    }


def test_who_is_shut_out_of_what_is_assigned_is_told() -> None:
    boundary = f"arn:aws:iam::{PROVIDER}:policy/Boundary"
    iam = account(replace(user("nils", "NetOps"), boundary=boundary))
    iam.managed = {boundary: allow("s3:*")}

    assert ids(applied(register(customer(1, NETOPS)), iam)) == {
        "shut-out": (f"arn:aws:iam::{PROVIDER}:user/nils: {arn(1)}",)
    }


def test_members_of_the_team_get_in_and_nobody_else() -> None:
    proof = applied(register(customer(1, NETOPS), customer(2, STORAGE)), account())

    assert proof.holds
    assert (proof.principals, proof.roles, proof.findings) == (3, 2, ())


def test_a_policy_attached_to_somebody_by_hand_is_taken_from_him() -> None:
    iam = account()
    book = register(customer(1, NETOPS))
    applied(book, iam)
    olaf = TeamHolder(HolderKind.USER, "olaf")
    iam.make(AttachPolicyTo("gatepass-netops-1", olaf))

    assert not proof_of(book, iam).holds
    assert plan_teams(book, iam).changes == (DetachPolicyFrom("gatepass-netops-1", olaf),)
    assert applied(book, iam).holds


def test_the_plan_tells_ways_that_applying_leaves() -> None:
    iam = account(user("eve", way=allow("sts:AssumeRole", str(arn(1)))))

    plan = plan_teams(register(customer(1, NETOPS)), iam)

    assert [finding.id for finding in plan.findings] == ["reaches-unassigned"]


def verifying(**condition: object) -> dict[str, object]:
    actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    return {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:iam::*:role/gatepass/*", **condition}


def test_the_verifier_is_found_where_it_could_enter_under_another_name() -> None:
    book = register(customer(1, NETOPS))
    for statement in (
        verifying(),
        verifying(Condition={"StringLike": {"sts:SourceIdentity": "gatepass-*"}}),
        verifying(Condition={"StringEqualsIfExists": {"sts:SourceIdentity": "gatepass-verifier"}}),
    ):
        iam = account(user("gatepass-verifier", work=policy(statement)))

        assert "verifier-not-bound" in ids(applied(book, iam)), statement


def test_the_verifier_that_enters_under_its_own_name_only_is_no_hole() -> None:
    bound = verifying(Condition={"StringEquals": {"sts:SourceIdentity": "gatepass-verifier"}})
    iam = account(user("gatepass-verifier", work=policy(bound)))

    proof = applied(register(customer(1, NETOPS)), iam)

    assert proof.holds
    assert ids(proof) == {}
