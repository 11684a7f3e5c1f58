"""Roles made by hand, taken into the file as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.change import TagRole
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.grant import Declaration, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, PolicyArn, RoleName
from gatepass.domain.role import ADOPTED_TAG, GRANT_TAG, PERMISSIONS_POLICY, Role
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import accepted_external_id
from gatepass.usecases.adopt_role import Adoption, adopt_role
from gatepass.usecases.close_door import close_door
from gatepass.usecases.plan_grants import plan_account
from tests.people import CUSTOMER, OTHER_PROVIDER, PROVIDER, declaration, memory_roles, randomness
from tests.usecases.applied import WAIT, apply_file
from tests.usecases.judge import may_enter

NAME, GRANT_NAME = RoleName("VendorAudit"), GrantName("audit")
CHOSEN = "vendor-chosen-4711"
ROOT = {"AWS": "arn:aws:iam::111122223333:root"}
ENGINEER = "arn:aws:iam::111122223333:user/netops-1"
AUDIT = PolicyArn("arn:aws:iam::aws:policy/SecurityAudit")
READS = policy({"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
LISTS = policy({"Sid": "A", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"})


def trust(condition: Mapping[str, object] | None = None, principal: object = None) -> Document:
    asked = {"StringEquals": {"sts:ExternalId": CHOSEN}} if condition is None else condition
    return policy({"Effect": "Allow", "Principal": principal or ROOT, "Action": "sts:AssumeRole", "Condition": asked})


def role(trusting: Document | None = None, **inline: Document) -> Role:
    return Role(
        NAME, trusting or trust(), timedelta(hours=2), "/vendors/", frozenset({AUDIT}), inline, tags={"cost": "77"}
    )


def account(standing: Role) -> MemoryRoles:
    roles = memory_roles()
    roles.roles[standing.name] = standing
    return roles


def adopted(standing: Role, provider: AccountId | None = None) -> Adoption:
    return adopt_role(NAME, GRANT_NAME, account(standing), provider)


def file_of(adoption: Adoption) -> Declaration:
    return declaration(adoption.grant)


def test_a_role_that_is_not_there_is_not_made_and_similar_names_are_told() -> None:
    with pytest.raises(NotThere, match="VendorAudti") as refused:
        adopt_role(RoleName("VendorAudti"), GRANT_NAME, account(role()))

    assert "VendorAudit" in refused.value.next_step


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"AWS": [ROOT["AWS"], "999900001111"]}, "several accounts"),
        ("*", "names no other account"),
        ({"Service": "ec2.amazonaws.com"}, "names no other account"),
        ({"AWS": f"arn:aws:iam::{CUSTOMER}:root"}, "names no other account"),
    ],
)
def test_a_role_without_one_provider_is_refused(principal: object, told: str) -> None:
    with pytest.raises(Conflict, match=told):
        adopted(role(trust(principal=principal)))


def test_of_several_providers_one_can_be_named() -> None:
    several = role(trust(principal={"AWS": [ROOT["AWS"], "999900001111"]}))

    assert adopted(several, OTHER_PROVIDER).grant.provider == OTHER_PROVIDER


def test_a_role_of_ours_is_refused() -> None:
    with pytest.raises(Conflict, match="one of Gatepass already"):
        adopted(replace(role(), path="/gatepass/", tags={GRANT_TAG: "audit"}))


def test_the_grant_says_what_the_role_gives() -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": CHOSEN},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/audit/*"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        "StringLike": {"sts:SourceIdentity": "?*"},
    }

    adoption = adopted(role(trust(condition), extra=READS))

    grant = adoption.grant
    assert adoption.leftovers == ()
    assert (grant.provider, grant.permissions, grant.custom_policy) == (PROVIDER, ("SecurityAudit",), READS)
    assert grant.principals == (PrincipalPattern("role/audit/*"),)
    assert grant.source_networks == (ip_network("203.0.113.0/24"),)
    assert grant.window == Window(None, datetime(2027, 1, 1, tzinfo=UTC))
    assert grant.requires_source_identity
    assert grant.needs_second_factor
    assert grant.session_limit == timedelta(hours=2)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEqualsIfExists": {"sts:ExternalId": CHOSEN}},
        {"StringLike": {"sts:ExternalId": "*"}},
        {"StringEqualsIgnoreCase": {"sts:ExternalId": CHOSEN}},
    ],
)
def test_a_second_factor_that_aws_does_not_enforce_is_called_none(condition: dict[str, object]) -> None:
    assert not adopted(role(trust(condition))).grant.needs_second_factor


def test_a_second_way_in_without_the_id_makes_it_none() -> None:
    both = policy(*trust().statements, *trust({}).statements)

    assert not adopted(role(both)).grant.needs_second_factor


def test_what_the_file_cannot_say_is_told_and_no_external_id_is_in_it() -> None:
    condition = {
        "StringEquals": {"sts:ExternalId": [CHOSEN, "second-4712"]},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }

    adoption = adopted(role(trust(condition)))

    assert "the condition Bool on aws:multifactorauthpresent" in adoption.leftovers
    assert CHOSEN not in str(adoption)


def test_several_inline_policies_become_one_whose_statements_have_names_of_their_own() -> None:
    custom = adopted(role(one=READS, two=LISTS)).grant.custom_policy

    assert custom is not None
    assert [statement.get("Sid") for statement in custom.statements] == ["A", None]
    assert {str(statement["Action"]) for statement in custom.statements} == {"s3:GetObject", "s3:ListBucket"}


def test_applied_it_keeps_name_and_external_id_and_is_found_by_the_switch() -> None:
    roles = account(role(extra=READS))
    adoption = adopt_role(NAME, GRANT_NAME, roles)

    apply_file(file_of(adoption), roles)

    standing = roles.roles[NAME]
    assert standing.path == "/vendors/"
    assert accepted_external_id(standing.trust) == ExternalId(CHOSEN)
    assert may_enter(standing, ENGINEER, ExternalId(CHOSEN), roles.clock.now())
    assert standing.inline[PERMISSIONS_POLICY] == READS
    assert standing.tags["cost"] == "77"
    assert plan_account(file_of(adoption), roles, roles.clock, randomness()).changes == ()
    close_door(GRANT_NAME, roles, roles.clock, WAIT)
    assert doors(roles.roles[NAME]).position is Position.CLOSED


def test_its_session_cannot_change_the_role_itself_though_it_stands_elsewhere() -> None:
    roles = account(role())

    apply_file(file_of(adopt_role(NAME, GRANT_NAME, roles)), roles)

    assert f"arn:aws:iam::{CUSTOMER}:role/vendors/VendorAudit" in roles.roles[NAME].inline["gatepass-limits"].text


def test_from_the_first_change_on_the_role_is_found_so_that_it_can_be_closed() -> None:
    roles = account(role())
    planned = plan_account(file_of(adopt_role(NAME, GRANT_NAME, roles)), roles, roles.clock, randomness())

    first = planned.changes[0]
    roles.make(first)

    assert isinstance(first, TagRole)
    close_door(GRANT_NAME, roles, roles.clock, WAIT)
    assert doors(roles.roles[NAME]).position is Position.CLOSED


def test_a_copy_of_the_tags_on_another_role_makes_it_none_of_ours() -> None:
    copied = replace(role(), tags={GRANT_TAG: "audit", ADOPTED_TAG: "AnotherRole"})

    with pytest.raises(NotThere):
        close_door(GRANT_NAME, account(copied), memory_roles().clock, WAIT)


def test_a_file_that_names_a_role_that_is_gone_or_written_otherwise_changes_nothing() -> None:
    adoption = adopted(role())

    with pytest.raises(NotThere, match="no role VendorAudit"):
        plan_account(file_of(adoption), memory_roles(), memory_roles().clock, randomness())
    other = account(replace(role(), name=RoleName("vendoraudit")))
    with pytest.raises(Conflict, match="is written vendoraudit"):
        plan_account(file_of(adoption), other, other.clock, randomness())


def test_roles_that_aws_keeps_are_never_adopted() -> None:
    linked = account(replace(role(), path="/aws-service-role/x.amazonaws.com/"))

    with pytest.raises(Conflict, match="AWS's own"):
        plan_account(file_of(adopted(role())), linked, linked.clock, randomness())
