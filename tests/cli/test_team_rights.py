"""The provider's access lead plans and applies with exactly the rights that are printed, and with none less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from gatepass.domain.command_calls import CALLS
from gatepass.domain.store_calls import LISTS, STORES
from tests.cli.rights_scenes import demand_refusal, demand_whole
from tests.cli.rights_story import Policy, Step, Told, stage, tell, typed
from tests.cli.test_team_commands import ACCESS, REGISTER, SUPPORT, TRUST, Provider
from tests.conftest import CUSTOMER, PROVIDER, Cloud

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

POLICY = f"arn:aws:iam::{PROVIDER}:policy/gatepass/teams/gatepass-netops-1"
GROWN = REGISTER.replace("audit: [auditors]", "audit: [auditors, netops]")
BY_ROLE = REGISTER + "    access: role-per-customer\n"
OWN_ROLE = "gatepass-netops.acme-prod"
EMPTY = REGISTER[: REGISTER.index("    teams: {support")]


def four_more_versions(cloud: Cloud) -> None:
    """Leave no room for a further one."""
    iam = cloud.client("iam", cloud.aws.root_credentials(PROVIDER))
    version = iam.get_policy(PolicyArn=POLICY)["Policy"]["DefaultVersionId"]
    text = iam.get_policy_version(PolicyArn=POLICY, VersionId=version)["PolicyVersion"]["Document"]
    while len(iam.list_policy_versions(PolicyArn=POLICY)["Versions"]) < 5:
        iam.create_policy_version(PolicyArn=POLICY, PolicyDocument=json.dumps(text), SetAsDefault=True)


def kept_for_netops(cloud: Cloud) -> None:
    ssm = boto3.Session(*cloud.aws.root_credentials(PROVIDER), region_name="us-east-1").client("ssm")
    value = json.dumps({"role": SUPPORT, "factor": None})
    ssm.put_parameter(Name="/gatepass/netops/acme-prod/support", Value=value, Type="SecureString")


def attached_by_hand(cloud: Cloud) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(PROVIDER))
    iam.attach_user_policy(UserName="olaf", PolicyArn=POLICY)


def changed_by_hand(cloud: Cloud) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(PROVIDER))
    iam.attach_role_policy(RoleName=OWN_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.untag_role(RoleName=OWN_ROLE, TagKeys=["gatepass:team"])
    iam.update_assume_role_policy(RoleName=OWN_ROLE, PolicyDocument=TRUST)


STEPS = (
    Step("plan customers.yml", ("iam:GetAccountAuthorizationDetails",), expected=3),
    Step("apply customers.yml --yes", ("iam:CreatePolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy")),
    Step("apply customers.yml --yes", ("iam:CreatePolicyVersion",), files={"customers.yml": GROWN}),
    Step(
        "apply customers.yml --yes", ("iam:DeletePolicyVersion",),
        files={"customers.yml": REGISTER},
        before=four_more_versions,
    ),
    Step(
        "apply customers.yml --yes", ("iam:CreateRole", "iam:PutRolePolicy"),
        files={"customers.yml": BY_ROLE},
    ),
    Step(
        "apply customers.yml --yes",
        ("iam:DeleteRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy", "iam:GetRole"),
        before=changed_by_hand,
    ),
    Step("apply customers.yml --yes", ("iam:DeleteRole",), files={"customers.yml": REGISTER}),
    Step(
        "apply customers.yml --yes",
        ("iam:DetachRolePolicy", "iam:DetachGroupPolicy", "iam:DetachUserPolicy", "iam:DeletePolicy"),
        files={"customers.yml": EMPTY},
        before=attached_by_hand,
    ),
    Step(
        "apply customers.yml --yes",
        (
            "ssm:DescribeParameters", "ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource",
            "ssm:DeleteParameter",
        ),
        files={"customers.yml": REGISTER.replace("support: [netops]", "support: [auditors]")},
        before=kept_for_netops,
    ),
    Step("profiles sync"),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    home = tmp_path_factory.mktemp("lead")
    with stage(home) as cloud:
        (home / "access.yml").write_text(ACCESS, encoding="utf-8")
        (home / "customers.yml").write_text(REGISTER, encoding="utf-8")
        assert typed("apply --yes --wait 0s", cloud.aws.root_credentials(CUSTOMER)).code == 0
        Provider(cloud)
        yield tell(cloud, printed(cloud), STEPS, home, account=PROVIDER, prefix="lead")


def printed(cloud: Cloud) -> Policy:
    came = typed("doctor --policy provider", cloud.aws.root_credentials(PROVIDER))
    assert came.code == 0, came.text
    policy: Policy = json.JSONDecoder().raw_decode(came.text)[0]
    return policy


# Without it AWS's default quotas are taken to hold.
SPARED = {"iam:GetAccountSummary"}


@pytest.mark.parametrize("action", sorted({*CALLS["apply customers.yml"], *STORES["ssm"], LISTS["ssm"]} - SPARED))
def test_without_one_right_the_access_lead_is_stopped_and_told_which_is_missing(told: Told, action: str) -> None:
    demand_refusal(told.lacking[action], action)


def test_nothing_is_refused_to_the_access_lead(told: Told) -> None:
    demand_whole(told)


def test_every_call_with_a_providers_file_stands_in_the_list(told: Told) -> None:
    """Who has every right comes last and makes only what is left; the rest is what those without one were stopped at."""
    assert told.made["plan"] == set(CALLS["plan customers.yml"]) | {LISTS["ssm"]}
    assert told.made["apply"] <= set(CALLS["apply customers.yml"]) | {*STORES["ssm"], LISTS["ssm"]}
    assert told.made["profiles"] == set()


def test_only_policies_of_teams_can_be_attached(tmp_path: Path) -> None:
    with stage(tmp_path) as cloud:
        Provider(cloud)
        keys = cloud.user(PROVIDER, "lead", ", ".join(json.dumps(each) for each in printed(cloud)["Statement"]))
        iam = cloud.client("iam", keys)

        for attach, name in (
            (iam.attach_group_policy, {"GroupName": "NetOps"}),
            (iam.attach_role_policy, {"RoleName": "Auditors"}),
        ):
            with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
                attach(**name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_only_roles_under_the_path_of_single_customers_can_be_made_and_changed(tmp_path: Path) -> None:
    with stage(tmp_path) as cloud:
        Provider(cloud)
        keys = cloud.user(PROVIDER, "lead", ", ".join(json.dumps(each) for each in printed(cloud)["Statement"]))
        iam = cloud.client("iam", keys)
        name = {"RoleName": "Auditors"}

        for refused, given in (
            (iam.create_role, {"RoleName": "Mine", "Path": "/gatepass/", "AssumeRolePolicyDocument": TRUST}),
            (iam.update_assume_role_policy, {**name, "PolicyDocument": TRUST}),
            (iam.put_role_policy, {**name, "PolicyName": "more", "PolicyDocument": TRUST}),
            (iam.delete_role, name),
        ):
            with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
                refused(**given)
        made = {"RoleName": "Mine", "Path": "/gatepass/customers/netops/", "AssumeRolePolicyDocument": TRUST}
        assert iam.create_role(**made)["Role"]["Path"] == "/gatepass/customers/netops/"
