"""A provider's file whose team is a group of Identity Center, planned and applied in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.command_calls import CALLS
from tests.cli.rights_story import stage, typed
from tests.cli.test_team_commands import REGISTER
from tests.conftest import PROVIDER, Cloud

WITH_CENTER = REGISTER.replace("netops: {iam_groups: [NetOps]}", "netops: {identity_center_group: Net Ops}")
PLAN, APPLY = "plan customers.yml (permission sets)", "apply customers.yml (permission sets)"
# What the scene itself asks for.
SET_UP = {"identitystore:CreateGroup"}
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}'


class Center:
    """The provider's account with the role Auditors, and Identity Center with the group Net Ops."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.root = cloud.aws.root_credentials(PROVIDER)
        cloud.client("iam", self.root).create_role(RoleName="Auditors", AssumeRolePolicyDocument=TRUST)
        self.sso = cloud.client("sso-admin", self.root)
        (instance,) = self.sso.list_instances()["Instances"]
        self.arn = instance["InstanceArn"]
        store = cloud.client("identitystore", self.root)
        store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="Net Ops")

    def sets(self) -> list[Any]:
        found: list[Any] = self.sso.list_permission_sets(InstanceArn=self.arn)["PermissionSets"]
        return found

    def policy(self) -> str:
        (arn,) = self.sets()
        text = self.sso.get_inline_policy_for_permission_set(InstanceArn=self.arn, PermissionSetArn=arn)
        return str(text["InlinePolicy"])

    def calls(self, since: int) -> set[str]:
        """Return what was asked of Identity Center after so many events, as IAM's actions."""
        prefixes = {"sso.amazonaws.com": "sso", "identitystore.amazonaws.com": "identitystore"}
        events = [event for event in self.cloud.aws.events()[since:] if event["eventSource"] in prefixes]
        return {f"{prefixes[str(event['eventSource'])]}:{event['eventName']}" for event in events}


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    with stage(tmp_path) as cloud:
        (tmp_path / "customers.yml").write_text(WITH_CENTER, encoding="utf-8")
        yield Center(cloud)


def test_groups_of_both_kinds_that_do_not_exist_are_told_with_their_places(center: Center, tmp_path: Path) -> None:
    wrong = WITH_CENTER.replace("Net Ops", "NetOps").replace("[Auditors]", "[Auditor]")
    (tmp_path / "customers.yml").write_text(wrong, encoding="utf-8")

    came = typed("apply customers.yml --yes", center.root)

    assert came.code == 1
    assert "customers.yml:5:35: Identity Center has no group NetOps for the team netops" in came.text
    assert "did you mean Net Ops?" in came.text
    assert "has no role Auditor for the team auditors" in came.text
    assert center.sets() == []


def test_without_yes_nobody_at_a_terminal_changes_nothing(center: Center) -> None:
    assert typed("apply customers.yml", center.root).code == 2
    assert center.sets() == []


def test_who_may_not_read_identity_center_is_told_which_right_is_missing(center: Center) -> None:
    look = '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}'
    keys = center.cloud.user(PROVIDER, "lead", look)

    came = typed("plan customers.yml", keys)

    assert came.code == 1
    assert "AWS refused sso:ListInstances" in came.text


def test_the_region_that_the_person_chose_is_where_identity_center_is_looked_for(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    came = typed("plan customers.yml", center.root)

    assert came.code == 1
    assert "Identity Center has no group Net Ops" in came.text


def test_what_is_planned_is_applied_and_then_nothing_is_left(center: Center) -> None:
    planned = typed("plan customers.yml", center.root)
    assert planned.code == 3
    assert "netops: 1 customer by group Net Ops with permission set gatepass-netops, +1" in planned.text
    assert "+ assign the permission set gatepass-netops to the group Net Ops in account 111122223333" in planned.text
    assert "netops: 0 customers" not in planned.text

    came = typed("apply customers.yml --yes", center.root)
    assert came.code == 0, came.text
    assert "${aws:PrincipalTag/engineer}" in center.policy()
    again = typed("plan customers.yml", center.root)
    assert again.code == 0
    assert "nothing to change" in again.text


def test_json_tells_the_same(center: Center) -> None:
    facts = json.loads(typed("plan customers.yml --json", center.root).text)
    (team,) = facts["permission_sets"]["teams"]
    assert (team["group"], team["permission_sets"], team["gained"]) == (
        "Net Ops",
        ["gatepass-netops"],
        ["444455556666"],
    )
    assert [change["change"] for change in facts["permission_sets"]["changes"]] == [
        "CreatePermissionSet", "PutInlinePolicy", "Assign", "Provision"
    ]  # fmt: skip

    made = json.loads(typed("apply customers.yml --yes --json", center.root).text)["made"]
    assert [each["text"] for each in made if "permission_set" in each] == [
        each["text"] for each in facts["permission_sets"]["changes"]
    ]


def test_a_customer_that_left_leaves_no_way_in(center: Center, tmp_path: Path) -> None:
    assert typed("apply customers.yml --yes", center.root).code == 0
    (tmp_path / "customers.yml").write_text(WITH_CENTER.replace("support: [netops], ", ""), encoding="utf-8")
    # Where an assignment stands, AWS has made this role; without it, nothing tells that Identity Center holds sets of ours.
    reserved = "AWSReservedSSO_gatepass-netops_0123456789abcdef"
    center.cloud.client("iam", center.root).create_role(
        RoleName=reserved, Path="/aws-reserved/sso.amazonaws.com/", AssumeRolePolicyDocument=TRUST
    )

    came = typed("apply customers.yml --yes", center.root)

    assert came.code == 0, came.text
    assert "netops: 0 customers, -1" in came.text
    assert center.sets() == []


def test_every_call_to_identity_center_stands_in_the_list(center: Center) -> None:
    since = len(center.cloud.aws.events())
    assert typed("plan customers.yml", center.root).code == 3
    planned = center.calls(since)
    assert typed("apply customers.yml --yes", center.root).code == 0
    since = len(center.cloud.aws.events())
    assert typed("plan customers.yml", center.root).code == 0

    assert center.calls(since) == set(CALLS[PLAN])
    assert planned <= center.calls(0)
    assert {"sso:CreatePermissionSet", "sso:ProvisionPermissionSet"} <= center.calls(0) <= {*CALLS[APPLY], *SET_UP}


def test_the_rights_for_identity_center_are_printed_only_when_asked_for() -> None:
    def statements(options: str) -> dict[str, Any]:
        came = typed(f"doctor --policy provider {options}", ("AKIAIOSFODNN7EXAMPLE", "unused"))
        found = json.JSONDecoder().raw_decode(came.text)[0]["Statement"]
        return {each["Sid"]: each for each in found}

    assert typed("doctor --policy engineer --identity-center", ("AKIAIOSFODNN7EXAMPLE", "unused")).code == 2
    assert "sso:" not in json.dumps(statements(""))
    asked = statements("--identity-center")
    # Without the tag it could assign any permission set of the organisation.
    assert asked["PermissionSets"]["Condition"] == {"StringLike": {"aws:ResourceTag/gatepass:team": "*"}}
    assert asked["PermissionSets"]["Resource"] == "arn:aws:sso:::permissionSet/*"
