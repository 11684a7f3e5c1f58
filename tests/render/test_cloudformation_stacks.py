"""The rendered template through the sandbox's CloudFormation: stacks, their rights, and a stack set of three accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.render.doors import enters

FILE = """gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit]
    custom_policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
"""
FIRST, SECOND = "gp1.KEYKEYKEYK.FIRSTFIRST", "gp1.KEYKEYKEYK.SECONDSECOND"
ROLE = "ServiceProvider-111122223333-support"
UNTIL = "2099-01-01T00:00:00Z"
MANAGEMENT = "999900001111"


@dataclass(frozen=True)
class Scene:
    """A customer with a rendered template, and an engineer of the provider's."""

    cloud: Cloud
    admin: Person
    template: str
    engineer: tuple[str, str]

    def client(self, service: str, account: str = CUSTOMER) -> Any:  # noqa: ANN401 - boto3's
        return self.cloud.client(service, self.cloud.aws.root_credentials(account))

    def enters(self, external_id: str | None, account: str = CUSTOMER) -> bool:
        return enters(self.cloud, self.engineer, "support", external_id, account)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        admin = cloud.administrator(tmp_path_factory.mktemp("admin"))
        (admin.home / "access.yml").write_text(FILE)
        assert admin.types("gatepass render cloudformation -o out").returncode == 0
        template = (admin.home / "out" / "gatepass.yaml").read_text()
        allowed = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
        yield Scene(cloud, admin, template, cloud.user(PROVIDER, "netops-1", allowed))


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": f"Support{key}", "ParameterValue": value} for key, value in values.items()]


def request(scene: Scene, **values: str) -> dict[str, Any]:
    return {
        "StackName": "gatepass",
        "TemplateBody": scene.template,
        "Parameters": given(**values),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }


@pytest.mark.parametrize(
    "lacking", ["iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]
)  # fmt: skip
def test_who_may_not_make_roles_makes_none_by_a_stack(scene: Scene, lacking: str) -> None:
    statement = f'{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {{"Effect": "Deny", "Action": "{lacking}", "Resource": "*"}}'
    keys = scene.cloud.user(CUSTOMER, f"without-{lacking.split(':')[1]}", statement)

    with pytest.raises(ClientError, match=f"not authorized to perform: {lacking}"):
        scene.cloud.client("cloudformation", keys).create_stack(**request(scene, ExternalId=FIRST))

    assert scene.client("iam").list_roles()["Roles"] == []
    assert scene.client("cloudformation").describe_stacks()["Stacks"] == []


def test_of_a_change_set_that_may_not_be_executed_nothing_is_left(scene: Scene) -> None:
    """The first of two roles was made already when the second one was refused."""
    two = FILE + '  other:\n    provider: "111122223333"\n    permissions: [AmazonS3FullAccess]\n'
    (scene.admin.home / "two.yml").write_text(two)
    template = scene.admin.types("gatepass render cloudformation two.yml -o two")
    assert template.returncode == 0
    body = (scene.admin.home / "two" / "gatepass.yaml").read_text()
    all_but = '{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*", '
    all_but += '"Condition": {"StringLike": {"iam:PolicyARN": "*/AmazonS3FullAccess"}}}'
    keys = scene.cloud.user(CUSTOMER, "without-s3", all_but)
    cloudformation = scene.cloud.client("cloudformation", keys)
    changes = {"StackName": "two", "ChangeSetName": "first", "ChangeSetType": "CREATE", "TemplateBody": body}
    cloudformation.create_change_set(**changes, Capabilities=["CAPABILITY_NAMED_IAM"])

    with pytest.raises(ClientError, match="not authorized to perform: iam:AttachRolePolicy"):
        cloudformation.execute_change_set(StackName="two", ChangeSetName="first")

    assert scene.client("iam").list_roles()["Roles"] == []
    cloudformation.delete_stack(StackName="two")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TemplateBody": '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}'}, "makes AWS::IAM::Role only"),
        (
            {"TemplateBody": '{"Resources": {"x": {"Type": "AWS::IAM::Role"}}, "Transform": "AWS::Include"}'},
            "no Transform",
        ),
        ({"TemplateBody": "Resources: !!python/object/apply:os.getcwd []"}, "not well-formed"),
        ({"TemplateBody": "Resources: {}"}, "At least one Resources member"),
        ({"RoleARN": "arn:aws:iam::444455556666:role/other"}, "does not know RoleARN"),
    ],
)
def test_what_the_sandbox_does_not_do_it_refuses(scene: Scene, changed: dict[str, str], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        scene.client("cloudformation").create_stack(**(request(scene) | changed))

    assert scene.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_stack_from_closed_over_rotated_to_deleted(scene: Scene) -> None:
    cloudformation, iam = scene.client("cloudformation"), scene.client("iam")

    cloudformation.create_stack(**request(scene))
    assert not scene.enters(FIRST)
    (stack,) = cloudformation.describe_stacks()["Stacks"]
    (output,) = stack["Outputs"]
    assert output["OutputValue"] == f"arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE}"

    cloudformation.update_stack(**request(scene, ExternalId=FIRST))
    assert [scene.enters(each) for each in (None, SECOND, FIRST)] == [False, False, True]
    assert FIRST not in json.dumps(cloudformation.describe_stacks()["Stacks"], default=str)
    attached = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["SecurityAudit"]

    cloudformation.update_stack(**request(scene, ExternalId=SECOND, ExternalIdOld=FIRST, ExternalIdOldUntil=UNTIL))
    assert [scene.enters(each) for each in (None, FIRST, SECOND)] == [False, True, True]
    again = request(scene, ExternalId=SECOND)
    del again["TemplateBody"]
    cloudformation.update_stack(**again, UsePreviousTemplate=True)
    assert [scene.enters(each) for each in (FIRST, SECOND)] == [False, True]

    closed = scene.admin.types("gatepass close support --wait 0s")
    assert closed.returncode == 0, closed.stdout
    assert not scene.enters(SECOND)
    cloudformation.update_stack(**request(scene))
    assert not scene.enters(SECOND)
    assert "gatepass-switch" in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    assert cloudformation.describe_stacks()["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    planned = scene.admin.types("gatepass plan access.yml")
    assert "cloudformation" in planned.stdout

    cloudformation.update_stack(**request(scene, ExternalId=FIRST))
    assert scene.enters(FIRST)
    cloudformation.delete_stack(StackName="gatepass")
    assert iam.list_roles()["Roles"] == []
    assert not scene.enters(FIRST)


@pytest.fixture(scope="module")
def organisation(scene: Scene) -> tuple[str, list[str]]:
    """Make an organisation with three accounts in one unit, and one beside it."""
    organizations = scene.client("organizations", MANAGEMENT)
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="work")["OrganizationalUnit"]["Id"]
    accounts = []
    for name in ("a", "b", "c", "beside"):
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        accounts.append(made["CreateAccountStatus"]["AccountId"])
        if name != "beside":
            organizations.move_account(AccountId=accounts[-1], SourceParentId=root, DestinationParentId=unit)
    return unit, accounts


def test_a_stack_set_of_three_accounts_with_an_id_for_each(scene: Scene, organisation: tuple[str, list[str]]) -> None:
    unit, (*accounts, beside) = organisation
    told = scene.admin.types("gatepass render cloudformation --stack-set -o out")
    assert "an external ID of its own" in told.stdout
    template = (scene.admin.home / "out" / "gatepass-stack-set.yaml").read_text()
    cloudformation = scene.client("cloudformation", MANAGEMENT)
    made = {"StackSetName": "gatepass", "TemplateBody": template, "Capabilities": ["CAPABILITY_NAMED_IAM"]}

    with pytest.raises(ClientError, match="management account"):
        scene.client("cloudformation").create_stack_set(**made, PermissionModel="SERVICE_MANAGED")
    with pytest.raises(ClientError, match="SERVICE_MANAGED only"):
        cloudformation.create_stack_set(**made)

    cloudformation.create_stack_set(**made, PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": False})
    with pytest.raises(ClientError, match="not Accounts"):
        cloudformation.create_stack_instances(StackSetName="gatepass", Regions=["us-east-1"], Accounts=[CUSTOMER])
    for number, account in enumerate(accounts):
        target = {"OrganizationalUnitIds": [unit], "Accounts": [account], "AccountFilterType": "INTERSECTION"}
        cloudformation.create_stack_instances(
            StackSetName="gatepass",
            Regions=["us-east-1"],
            DeploymentTargets=target,
            ParameterOverrides=given(ExternalId=f"{FIRST}{number}"),
        )

    assert [scene.enters(f"{FIRST}0", account) for account in (*accounts, beside)] == [True, False, False, False]
    assert [scene.enters(f"{FIRST}{number}", account) for number, account in enumerate(accounts)] == [True] * 3
    cloudformation.delete_stack_instances(
        StackSetName="gatepass",
        Regions=["us-east-1"],
        DeploymentTargets={"OrganizationalUnitIds": [unit]},
        RetainStacks=False,
    )
    assert [scene.enters(f"{FIRST}{number}", account) for number, account in enumerate(accounts)] == [False] * 3
    cloudformation.delete_stack_set(StackSetName="gatepass")


def test_a_grant_without_second_factor_is_closed_by_its_own_parameter(scene: Scene) -> None:
    (scene.admin.home / "free.yml").write_text(f"{FILE}    second_factor: none\n")
    assert scene.admin.types("gatepass render cloudformation free.yml -o free").returncode == 0
    cloudformation = scene.client("cloudformation")
    made = {
        "StackName": "free",
        "TemplateBody": (scene.admin.home / "free" / "gatepass.yaml").read_text(),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }

    cloudformation.create_stack(**made, Parameters=given(Door="closed"))
    assert not scene.enters(None)
    cloudformation.update_stack(**made, Parameters=given(Door="open"))
    assert scene.enters(None)
    cloudformation.update_stack(**made, Parameters=given(Door="closed"))
    assert not scene.enters(None)
    cloudformation.delete_stack(StackName="free")
