"""Who can enter the provider's own roles for single customers, and whatever they can enter: proved and attacked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.domain.documents import Document, document, policy
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.register import Team, TeamName
from gatepass.domain.team_access import AttachPolicyTo, HolderKind, TeamHolder
from gatepass.domain.team_roles import WAY_POLICY
from gatepass.usecases.apply_teams import proof_of
from gatepass.usecases.plan_teams import plan_teams
from tests.teams import NETOPS, PROVIDER, STORAGE, SUPPORT, account, allow, arn, register, role, user
from tests.usecases.team_roles import ONE, OWN, applied, by_role, changed, ids, names

ENTER = ["sts:AssumeRole", "sts:SetSourceIdentity"]


def statement(resource: str, **more: object) -> Document:
    return policy({"Effect": "Allow", "Action": ENTER, "Resource": resource, **more})


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(statement(ONE), id="this very role"),
        pytest.param(statement(f"{OWN}/*"), id="every role under our path"),
        pytest.param(statement(f"{OWN}/net*"), id="a path that begins so"),
        pytest.param(allow("sts:*"), id="everything of STS"),
        pytest.param(
            statement(ONE, Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), id="from some network"
        ),
    ],
)
def test_a_stranger_who_can_enter_a_role_of_ours_is_found_before_and_after(way: Document) -> None:
    iam, book = account(user("eve", way=way)), register(by_role(1, NETOPS))

    plan = plan_teams(book, iam)
    proof = applied(book, iam)

    assert [finding.id for finding in plan.findings] == ["reaches-unassigned"]
    assert not proof.holds
    assert f"arn:aws:iam::{PROVIDER}:user/eve: " in ids(proof)["reaches-unassigned"][0]


def test_a_member_of_another_team_is_a_stranger_too() -> None:
    iam = account(user("eve", "Billing"))
    book = register(
        by_role(1, NETOPS), by_role(2, TeamName("billing")),
        teams=(Team(NETOPS, iam_groups=("NetOps",)), Team(TeamName("billing"), iam_groups=("Billing",))),
    )  # fmt: skip
    assert applied(book, iam).holds
    iam.policies["gatepass-billing-c1"] = replace(
        iam.policies["gatepass-billing-c1"], document=iam.policies["gatepass-netops-c1"].document
    )

    assert ids(proof_of(book, iam))["reaches-unassigned"] == (f"arn:aws:iam::{PROVIDER}:user/eve: {ONE}",)
    assert applied(book, iam).holds


def test_a_session_of_another_role_gets_in_by_neither_trust_whatever_its_policies() -> None:
    """Groups are users, and only they have a user name; roles are named in the trust."""
    iam = account(role("Eve", way=allow("sts:*", f"{OWN}/*")))

    assert ids(applied(register(by_role(1, NETOPS, STORAGE)), iam)) == {}


def test_a_user_cannot_pass_for_a_role_of_the_team() -> None:
    iam = account(user("Storage", way=allow("sts:*", f"{OWN}/*")))

    assert ids(applied(register(by_role(1, STORAGE)), iam)) == {}


def test_a_role_of_ours_that_was_given_more_is_a_stranger_in_other_customers() -> None:
    iam, book = account(), register(by_role(1, NETOPS), by_role(2, NETOPS))
    applied(book, iam)
    changed(iam, "gatepass-netops.customer-1", lambda each: replace(each, inline={WAY_POLICY: statement(str(arn(2)))}))

    found = ids(proof_of(book, iam))

    assert found["reaches-unassigned"] == (f"{ONE}: {arn(2)}",)
    assert found["shut-out"] == (f"{ONE}: {arn(1)}",)


def test_the_plan_does_not_tell_of_what_applying_changes_back() -> None:
    iam, book = account(), register(by_role(1, NETOPS), by_role(2, NETOPS))
    applied(book, iam)
    changed(iam, "gatepass-netops.customer-1", lambda each: replace(each, inline={WAY_POLICY: statement(str(arn(2)))}))

    assert plan_teams(book, iam).findings == ()
    assert ids(applied(book, iam)) == {}


def test_a_role_of_ours_that_enters_another_is_found() -> None:
    iam, book = account(), register(by_role(1, STORAGE), by_role(2, STORAGE))
    applied(book, iam)
    one, two = (f"{OWN}/storage/gatepass-storage.customer-{number}" for number in (1, 2))
    trusting = document({"Statement": {"Effect": "Allow", "Principal": {"AWS": one}, "Action": "sts:AssumeRole"}})
    changed(iam, "gatepass-storage.customer-2", lambda each: replace(each, trust=trusting))

    assert f"whoever the trust of {two} names" in ids(proof_of(book, iam))["reaches-unassigned"]


def test_a_trust_that_somebody_opened_fails_the_proof() -> None:
    iam, book = account(), register(by_role(1, NETOPS))
    applied(book, iam)
    opened = document({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})
    changed(iam, "gatepass-netops.customer-1", lambda each: replace(each, trust=opened))

    proof = proof_of(book, iam)

    assert not proof.holds
    assert ids(proof)["reaches-unassigned"][0] == f"whoever the trust of {ONE} names"


def test_who_is_shut_out_of_a_role_of_the_team_and_a_role_that_is_missing_are_told() -> None:
    boundary = f"arn:aws:iam::{PROVIDER}:policy/Boundary"
    iam, book = account(replace(user("nils", "NetOps"), boundary=boundary)), register(by_role(1, NETOPS))
    iam.managed = {boundary: allow("s3:*")}

    assert ids(applied(book, iam)) == {"shut-out": (f"arn:aws:iam::{PROVIDER}:user/nils: {ONE}",)}
    iam.roles = tuple(each for each in iam.roles if each.arn != ONE)
    assert f"arn:aws:iam::{PROVIDER}:user/maria: {ONE}" in ids(proof_of(book, iam))["shut-out"]


def test_administrators_are_told_and_are_no_hole() -> None:
    iam = account(user("root-like", everything=allow("*")))

    proof = applied(register(by_role(1, NETOPS)), iam)

    assert proof.holds
    assert ids(proof) == {"administrators": (f"arn:aws:iam::{PROVIDER}:user/root-like",)}


@pytest.mark.parametrize("action", ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"])
def test_who_may_write_roles_of_ours_is_an_administrator(action: str) -> None:
    """It is not every role of the account, and is a way to every customer."""
    iam = account(
        user("writer", way=allow(action, f"{OWN}/*")),
        user("other", way=allow(action, f"arn:aws:iam::{PROVIDER}:role/others/*")),
    )

    assert ids(applied(register(by_role(1, NETOPS)), iam)) == {
        "administrators": (f"arn:aws:iam::{PROVIDER}:user/writer",)
    }


def test_the_verifier_gets_into_no_role_of_ours() -> None:
    """Its own policy covers our path, and it makes its handshakes from itself."""
    iam = account(user("gatepass-verifier", work=statement("arn:aws:iam::*:role/gatepass/*")))
    book = register(by_role(1, NETOPS))
    applied(book, iam)

    trust = next(each.trust for each in iam.roles if each.arn == ONE)

    assert trust is not None
    (enter, _) = trust.statements
    assert enter["Condition"] == {
        "StringEquals": {"sts:SourceIdentity": "${aws:username}"},
        "StringNotEquals": {"sts:SourceIdentity": "gatepass-verifier"},
    }
    assert ids(proof_of(book, iam))["verifier-not-bound"] == (
        f"arn:aws:iam::{PROVIDER}:user/gatepass-verifier: {arn(1)}",
    )


def test_a_role_that_no_team_is_assigned_to_is_in_no_role_of_ours() -> None:
    iam = account()

    assert applied(register(replace(by_role(1), teams={SUPPORT: ()})), iam).holds
    assert names(iam) == set()


def test_a_policy_of_the_team_in_somebody_elses_hand_is_found_and_taken() -> None:
    iam, book = account(), register(by_role(1, NETOPS))
    applied(book, iam)
    iam.make(AttachPolicyTo("gatepass-netops-c1", TeamHolder(HolderKind.USER, "olaf")))

    assert ids(proof_of(book, iam))["reaches-unassigned"] == (f"arn:aws:iam::{PROVIDER}:user/olaf: {ONE}",)
    assert applied(book, iam).holds


def test_a_role_arn_of_ours_is_an_arn() -> None:
    iam = account()
    applied(register(by_role(1, NETOPS)), iam)

    assert {RoleArn(each).account for each in names(iam)} == {PROVIDER}
