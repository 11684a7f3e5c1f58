"""Roles that Terraform has: whose they are in AWS, and which grants they would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.grant import Declaration, Grant, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleName
from gatepass.domain.role import ADOPTED_TAG, DIGEST_TAG, ENGINE_TAG, PERMISSIONS_POLICY
from gatepass.domain.terraform_roles import Part, Standing, TerraformRole, TerraformRoles
from gatepass.domain.trust import Retiring, closed_trust, open_trust
from gatepass.render.terraform_moves import forget_command, import_blocks
from gatepass.usecases.adopt_from_terraform import (
    Finding,
    Gone,
    NotOurs,
    OurOwn,
    Stuck,
    Takeable,
    find_terraform_roles,
)
from gatepass.usecases.adopt_role import adopt_role
from gatepass.usecases.plan_grants import plan_account
from tests.people import CUSTOMER, GRANT, OTHER_PROVIDER, PROVIDER, SUPPORT, declaration, randomness
from tests.usecases.applied import applied, apply_file, the_role
from tests.usecases.test_engines import kept_by, put

NAME = RoleName(f"ServiceProvider-{PROVIDER}-support")
READS = policy({"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
RICH = replace(
    GRANT,
    permissions=("AmazonEC2ReadOnlyAccess", "AmazonS3FullAccess"),
    custom_policy=READS,
    principals=(PrincipalPattern("role/engineers/*"),),
    window=Window(None, datetime(2027, 1, 1, tzinfo=UTC)),
    session_limit=timedelta(hours=4),
    source_networks=(ip_network("203.0.113.0/24"),),
    requires_source_identity=True,
)


def known(
    name: RoleName = NAME, standing: Standing = Standing.HELD, account: AccountId | None = CUSTOMER
) -> TerraformRoles:
    parts = (
        Part('aws_iam_role.this["support"]', str(name), standing),
        Part('aws_iam_role_policy.limits["it\'s"]', f"{name}:gatepass-limits", standing),
    )
    return TerraformRoles((TerraformRole(name, account, parts),))


def found(roles: MemoryRoles, file: Declaration | None = None, terraform: TerraformRoles | None = None) -> Finding:
    (only,) = find_terraform_roles(terraform or known(), roles, file)
    return only


def adopted(roles: MemoryRoles) -> Grant:
    finding = found(roles)
    assert isinstance(finding, Takeable)
    assert finding.adoption is not None
    assert finding.adoption.leftovers == ()
    return finding.adoption.grant


@pytest.mark.parametrize("grant", [GRANT, RICH, replace(GRANT, needs_second_factor=False)])
def test_the_grant_says_what_the_role_gives_and_the_plan_then_changes_tags_only(grant: Grant) -> None:
    roles = kept_by("terraform", grant)
    before = the_role(roles)

    written = adopted(roles)

    assert written == replace(grant, permissions=tuple(sorted(grant.permissions)), adopted=NAME)
    apply_file(declaration(written), roles)
    after = the_role(roles)
    assert replace(after, tags={}) == replace(before, tags={})
    changed = {key for key in {*before.tags, *after.tags} if before.tags.get(key) != after.tags.get(key)}
    assert changed == {ENGINE_TAG, DIGEST_TAG, ADOPTED_TAG}
    assert plan_account(declaration(written), roles, roles.clock, randomness()).changes == ()


def test_tags_that_terraform_sets_beside_ours_stay() -> None:
    roles = kept_by("terraform")
    put(roles, tags={**the_role(roles).tags, "cost": "77"})

    apply_file(declaration(adopted(roles)), roles)

    assert the_role(roles).tags["cost"] == "77"


def test_while_a_rotation_runs_both_external_ids_go_on() -> None:
    roles = kept_by("terraform")
    old = Retiring(ExternalId("gp1.KEY.OLD"), roles.clock.now() + timedelta(days=1))
    put(roles, trust=open_trust(GRANT, roles.partition, ExternalId("gp1.KEY.NEW"), retiring=old))
    trust = the_role(roles).trust

    apply_file(declaration(adopted(roles)), roles)

    assert the_role(roles).trust == trust


def test_an_inline_policy_of_others_is_told_as_what_the_plan_takes_away() -> None:
    roles = kept_by("terraform")
    put(roles, inline={**the_role(roles).inline, "extra": READS})

    finding = found(roles)

    assert isinstance(finding, Takeable)
    assert finding.adoption is not None
    assert finding.adoption.leftovers == ("the rights in the inline policy extra",)
    assert finding.adoption.grant.custom_policy is None
    assert PERMISSIONS_POLICY not in the_role(roles).inline


def listing(*ids: str) -> Document:
    trust = open_trust(GRANT, applied().partition, ExternalId("gp1.KEY.NEW"))
    statements = trust.statements
    statements[0]["Condition"] = {"StringEquals": {"sts:ExternalId": list(ids)}}
    return policy(*statements)


@pytest.mark.parametrize(
    ("trust", "told"),
    [
        (closed_trust(), "is closed"),
        (listing("gp1.KEY.NEW", "gp1.KEY.OLD"), "in a way that a grant cannot say"),
        (
            open_trust(replace(GRANT, provider=OTHER_PROVIDER), applied().partition, ExternalId("gp1.KEY.NEW")),
            "does not let in account 111122223333 alone",
        ),
    ],
)
def test_what_cannot_be_read_into_a_grant_is_not_taken(trust: Document, told: str) -> None:
    roles = kept_by("terraform")
    put(roles, trust=trust)

    finding = found(roles)

    assert isinstance(finding, Stuck)
    assert told in finding.problem.what
    assert "gp1.KEY" not in f"{finding.problem.what}{finding.problem.why}{finding.problem.next_step}"


def test_a_plan_that_deletes_the_role_stops_it() -> None:
    finding = found(kept_by("terraform"), terraform=known(standing=Standing.LEAVING))

    assert isinstance(finding, Stuck)
    assert "deletes" in finding.problem.what


def test_a_grant_that_the_file_has_is_not_written_again() -> None:
    roles = kept_by("terraform")

    assert found(roles, declaration()) == Takeable(known().roles[0], SUPPORT, None)
    named = declaration(replace(GRANT, adopted=NAME))
    assert found(roles, named) == Takeable(known().roles[0], SUPPORT, None, is_named=True)


def test_a_grant_of_that_name_for_another_role_stops_it() -> None:
    finding = found(kept_by("terraform"), declaration(replace(GRANT, provider=OTHER_PROVIDER)))

    assert isinstance(finding, Stuck)
    assert "has a grant support already" in finding.problem.what


def test_a_role_that_aws_no_longer_has_is_told() -> None:
    roles = kept_by("terraform")
    roles.roles.clear()

    assert isinstance(found(roles), Gone)


def test_roles_of_others_are_not_ours() -> None:
    roles = kept_by("terraform")

    elsewhere = found(roles, terraform=known(account=AccountId("777788889999")))
    put(roles, tags={"team": "web"})

    for finding, why in ((elsewhere, "in account 777788889999"), (found(roles), "lacks the tag")):
        assert isinstance(finding, NotOurs)
        assert why in finding.why
    assert isinstance(found(kept_by("cloudformation")), NotOurs)


def test_a_role_that_gatepass_keeps_can_be_handed_over() -> None:
    assert isinstance(found(applied(), terraform=known(standing=Standing.PLANNED, account=None)), OurOwn)


def test_a_grant_that_terraform_does_not_have_is_not_found() -> None:
    with pytest.raises(NotThere, match="no role of the grant audit") as refused:
        find_terraform_roles(known(), kept_by("terraform"), None, GrantName("audit"))
    assert "support" in refused.value.why

    assert find_terraform_roles(known(), kept_by("terraform"), None, GrantName("Support"))


def test_a_file_without_roles_is_told() -> None:
    with pytest.raises(NotThere, match="no IAM role"):
        find_terraform_roles(TerraformRoles(()), applied(), None)


def test_a_file_for_another_account_is_refused() -> None:
    with pytest.raises(Conflict, match="the file is for account 777788889999"):
        find_terraform_roles(known(), applied(), Declaration(AccountId("777788889999"), (GRANT,)))


def test_adopting_by_name_leads_to_the_state() -> None:
    with pytest.raises(Conflict, match="kept by terraform") as refused:
        adopt_role(NAME, SUPPORT, kept_by("terraform"))

    assert "--from-terraform" in refused.value.next_step


def test_commands_and_blocks_are_quoted() -> None:
    (role,) = known().roles

    assert forget_command(role) == (
        "terraform state rm 'aws_iam_role_policy.limits[\"it'\\''s\"]' 'aws_iam_role.this[\"support\"]'"
    )
    blocks = import_blocks([role])
    assert f'import {{\n  to = aws_iam_role.this["support"]\n  id = "{NAME}"\n}}\n' in blocks
    assert f'  id = "{NAME}:gatepass-limits"' in blocks
