"""Runs of the fakes really execute terraform, against the sandbox: the example root, entered as each platform enters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gatepass.sandbox.embedded import EmbeddedAws
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.platforms.fake.asking import Asker, one
from tests.platforms.fake.aws import SCALR_ACCOUNT
from tests.platforms.fake.platform import Api, FakePlatform
from tests.platforms.fake.real import terraform_platform
from tests.terraform.runs import HCL, copied

_REPOSITORY = "acme/access"
_PLATFORM_ID, _DOOR_ID = "gp1.PLATFORM.code", "gp1.DOOR.code"
_OWN_ROLE = f"arn:aws:iam::{CUSTOMER}:role/platform"
_ARN = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-111122223333-support"
_VALUE = json.dumps({"support": [_DOOR_ID], "audit": []})


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Return an AWS in which the customer trusts the platform with an external ID."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        iam = cloud.client("iam", aws.root_credentials(CUSTOMER))
        entering = {"Effect": "Allow", "Principal": {"AWS": SCALR_ACCOUNT}, "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": _PLATFORM_ID}}}  # fmt: skip
        trust = json.dumps({"Version": "2012-10-17", "Statement": [entering]})
        iam.create_role(RoleName="platform", AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName="platform", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
        yield cloud


@pytest.fixture
def platform_keys(cloud: Cloud) -> tuple[str, str]:
    """Return the access key of the platform's own principal."""
    statement = '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}'
    return cloud.user(SCALR_ACCOUNT, "scalr-saas", statement)


def _opens(cloud: Cloud, name: str, external_id: str) -> bool:
    engineer = cloud.user(PROVIDER, name, f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    sts: Any = cloud.client("sts", engineer)
    try:
        sts.assume_role(RoleArn=_ARN, RoleSessionName=name, SourceIdentity=name, ExternalId=external_id)
    except ClientError:
        return False
    return True


def _ran(asker: Asker, workspace: str, **attributes: object) -> str:
    run = asker.run(workspace, **attributes)
    asker.platform.wait_for_runs()
    return run


def _logs(platform: FakePlatform, run: str) -> str:
    phases = [
        platform.objects.of(ref) for name in ("plan", "apply") for ref in platform.objects.named_run(run).related(name)
    ]
    return "".join(each.kept.get("log", "") for each in phases)


def test_scalr_enters_by_a_delegated_role_plans_and_applies(
    cloud: Cloud, platform_keys: tuple[str, str], configuration: Path
) -> None:
    """docs.scalr.io/docs/aws: the platform's account 919814621061 enters the role with the external ID."""
    with terraform_platform(
        Api.SCALR, cloud.aws.endpoint, platform_keys, configuration, {_REPOSITORY: HCL}
    ) as platform:
        asker = Asker(platform)
        workspace = asker.workspace(auto_apply=True, working_directory="examples/customer")
        asker.variable(workspace, "external_ids", _VALUE, hcl=True, sensitive=True)
        asker.makes(
            "/vars",
            "vars",
            {"key": "TF_LOG_PATH", "value": "", "category": "shell"},
            workspace=("workspaces", workspace),
        )
        delegation = {"name": "own", "provider-name": "aws", "aws-account-type": "regular",
                      "aws-credentials-type": "role_delegation", "aws-trusted-entity-type": "aws_account",
                      "aws-role-arn": _OWN_ROLE, "aws-external-id": "gp1.PLATFORM.wrong", "is-shared": True}  # fmt: skip
        made = asker.makes("/provider-configurations", "provider-configurations", delegation)
        assert made.attributes["status"] == "errored"
        link = one("provider-configuration-links", {}, provider_configuration=("provider-configurations", made.id))
        asker.sends("POST", f"/workspaces/{workspace}/provider-configuration-links", link)

        refused = _ran(asker, workspace)
        assert asker.status(refused) == "errored"
        assert "not authorized to perform: sts:AssumeRole" in _logs(platform, refused)

        right = asker.changes(
            f"/provider-configurations/{made.id}", "provider-configurations", {"aws-external-id": _PLATFORM_ID}
        )
        assert right.attributes["status"] == "active"
        dry = _ran(asker, workspace, is_dry=True)
        assert asker.status(dry) == "planned_and_finished"
        assert not _opens(cloud, "before", _DOOR_ID)

        applied = _ran(asker, workspace)
        assert asker.status(applied) == "applied", _logs(platform, applied)
        assert _opens(cloud, "after", _DOOR_ID)
        assert not _opens(cloud, "stranger", "gp1.DOOR.wrong")
        told = {each["name"]: each["value"] for each in asker.reads(f"/workspaces/{workspace}/outputs").tree["data"]}
        assert json.loads(told["role_arns"])["support"] == _ARN
        assert _DOOR_ID not in _logs(platform, applied)
        assert _DOOR_ID not in _logs(platform, dry)


def test_the_root_module_enters_the_role_itself_in_hcp_terraform(
    cloud: Cloud, platform_keys: tuple[str, str], configuration: Path, tmp_path: Path
) -> None:
    """registry.terraform.io/providers/hashicorp/aws/latest/docs#assume_role-configuration-block."""
    root = copied("customer", tmp_path) / "main.tf"
    entering = "assume_role {\n    role_arn    = var.role\n    external_id = var.own_id\n  }\n"
    declared = 'variable "role" {}\nvariable "own_id" {\n  sensitive = true\n}\n'
    text = root.read_text(encoding="utf-8")
    root.write_text(
        declared + text.replace('region = "us-east-1"\n', f'region = "us-east-1"\n  {entering}'), encoding="utf-8"
    )
    with terraform_platform(
        Api.HCP, cloud.aws.endpoint, platform_keys, configuration, {_REPOSITORY: tmp_path}
    ) as platform:
        asker = Asker(platform)
        workspace = asker.workspace(auto_apply=True, working_directory="examples/customer")
        asker.variable(workspace, "external_ids", _VALUE, hcl=True, sensitive=True)
        asker.variable(workspace, "role", _OWN_ROLE)
        own = asker.variable(workspace, "own_id", "gp1.PLATFORM.wrong", sensitive=True)

        refused = _ran(asker, workspace)
        assert asker.status(refused) == "errored"
        assert "not authorized to perform: sts:AssumeRole" in _logs(platform, refused)
        assert json.loads(_logs(platform, refused).splitlines()[-1])["@level"] == "error"

        asker.changes(f"/workspaces/{workspace}/vars/{own.id}", "vars", {"value": _PLATFORM_ID})
        applied = _ran(asker, workspace)
        assert asker.status(applied) == "applied", _logs(platform, applied)
        assert _opens(cloud, "hcp", _DOOR_ID)
        outputs = asker.reads(f"/workspaces/{workspace}/current-state-version-outputs").tree["data"]
        assert {each["attributes"]["name"]: each["attributes"]["value"] for each in outputs}["role_arns"][
            "support"
        ] == _ARN
        for secret in (_DOOR_ID, _PLATFORM_ID):
            assert secret not in _logs(platform, applied)
