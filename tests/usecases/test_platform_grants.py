"""A grant by which a platform keeps the other roles of the account: what its sessions may change, and what not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.decision.evaluate import decide
from gatepass.decision.layers import Policies
from gatepass.decision.principals import principal
from gatepass.decision.request import Request
from gatepass.domain.documents import policy
from gatepass.domain.findings import Severity
from gatepass.domain.grant import Grant, Naming, digest, role_name
from gatepass.domain.identifiers import GrantName, Partition, RoleName, role_arn
from gatepass.usecases.held_policies import declared
from gatepass.usecases.judge_grants import judge_grants
from tests.people import CUSTOMER, GRANT, MORNING, PROVIDER, declaration

_ALL_OF_IAM = policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
PLATFORM = Grant(GrantName("platform"), PROVIDER, custom_policy=_ALL_OF_IAM)
KEEPER = replace(PLATFORM, keeps_roles=True)


def changes(grant: Grant, role: str, action: str = "iam:UpdateAssumeRolePolicy") -> bool:
    """Say whether a session of the grant may do that to a role, by what gatepass apply would make."""
    whole = declaration(grant)
    holds = declared(whole, grant, None)
    name = role_name(grant, whole.naming)
    session = principal(f"arn:aws:sts::{CUSTOMER}:assumed-role/{name}/run-1")
    return decide(Request(session, action, role, str(CUSTOMER)), Policies(identity=holds.identity)).allowed


def arn_of(grant: Grant) -> str:
    return str(role_arn(Partition(), CUSTOMER, role_name(grant, Naming())))


@pytest.mark.parametrize("grant", [PLATFORM, KEEPER])
@pytest.mark.parametrize("action", ["iam:UpdateAssumeRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePolicy"])
def test_no_session_changes_its_own_role(grant: Grant, action: str) -> None:
    """It could undo its own window, and the switch that ends it."""
    assert not changes(grant, arn_of(grant), action)
    assert changes(grant, arn_of(grant), "iam:GetRole")


def test_only_a_grant_that_keeps_roles_changes_those_of_others() -> None:
    assert not changes(PLATFORM, arn_of(GRANT))

    assert changes(KEEPER, arn_of(GRANT))


def test_an_adopted_role_that_keeps_others_is_fenced_off_from_itself_where_it_stands() -> None:
    adopted = replace(KEEPER, adopted=RoleName("Terraform"))

    assert not changes(adopted, f"arn:aws:iam::{CUSTOMER}:role/gatepass/Terraform")
    assert changes(adopted, arn_of(GRANT))


def test_that_a_grant_keeps_roles_is_told_and_belongs_to_what_is_declared() -> None:
    judged = judge_grants(declaration(PLATFORM, GRANT), [KEEPER, PLATFORM], MORNING, Partition(), {})

    found = [finding for finding in judged[PLATFORM.name].review.findings if finding.id == "keeps-roles"]
    assert found == []
    (told,) = [
        finding
        for finding in judge_grants(declaration(KEEPER), [KEEPER], MORNING, Partition(), {})[
            KEEPER.name
        ].review.findings
        if finding.id == "keeps-roles"
    ]
    assert told.severity is Severity.MEDIUM
    assert digest(PLATFORM, declaration(PLATFORM)) != digest(KEEPER, declaration(KEEPER))
