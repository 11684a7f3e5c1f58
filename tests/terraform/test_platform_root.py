"""The root module for Scalr and for HCP Terraform: Terraform takes it, and its one variable moves the doors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.terraform.runs import HCL, Terraform

ACCESS = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support: {{provider: "{PROVIDER}", permissions: [AmazonS3FullAccess]}}
  audit: {{provider: "{PROVIDER}", permissions: [SecurityAudit]}}
"""
FIRST, SECOND = "gp1.7KQ2M9XW4T.first", "gp1.7KQ2M9XW4T.second"


def repository(home: Path, platform: str) -> Path:
    """Return a folder as it lies in version control: the rendered root, the customer's file, and our module."""
    folder = home / platform
    folder.mkdir(parents=True)
    (folder / "access.yml").write_text(ACCESS, encoding="utf-8")
    told = Person(home).types(f"gatepass render terraform {platform}/access.yml --for {platform} -o {platform}")
    assert told.returncode == 0, told.stdout
    shutil.copytree(
        HCL / "modules/service-provider-access",
        folder / "modules/service-provider-access",
        ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"),
    )
    return folder


@pytest.mark.parametrize("platform", ["scalr", "hcp"])
def test_external_ids_are_not_written_beside_what_a_platform_keeps(platform: str, tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")

    told = Person(tmp_path).types(f"gatepass render terraform --for {platform} --with-external-id -o out")

    assert told.returncode == 2
    assert f"gatepass {platform} setup" in told.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.thorough
def test_one_variable_opens_rotates_and_closes_every_door(configuration: Path, cloud: Cloud, tmp_path: Path) -> None:
    keys = cloud.aws.root_credentials(CUSTOMER)
    place = {
        "AWS_ENDPOINT_URL": cloud.aws.endpoint,
        "AWS_ACCESS_KEY_ID": keys[0],
        "AWS_SECRET_ACCESS_KEY": keys[1],
    }
    terraform = Terraform(repository(tmp_path, "scalr"), configuration, place)
    engineer = cloud.client(
        "sts", cloud.user(PROVIDER, "ann", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    )
    terraform.says("init")
    terraform.says("fmt -check")
    over = {"external_ids": [SECOND, FIRST], "old_opens_until": "2020-01-01T00:00:00Z"}

    said = terraform.says("apply -auto-approve", doors={"support": over, "audit": {"external_ids": []}})
    arns = json.loads(terraform.says("output -json role_arns"))

    def enters(grant: str, external_id: str) -> bool:
        asked = {"RoleArn": arns[grant], "RoleSessionName": "ann", "SourceIdentity": "ann", "ExternalId": external_id}
        try:
            engineer.assume_role(**asked)
        except ClientError:
            return False
        return True

    assert not enters("support", FIRST)
    assert not enters("audit", FIRST)
    assert enters("support", SECOND)
    assert SECOND not in said

    both = over | {"old_opens_until": "2099-01-01T00:00:00Z"}
    said = terraform.says("apply -auto-approve", doors={"support": both, "audit": {"external_ids": [FIRST]}})
    assert not enters("audit", SECOND)
    assert enters("audit", FIRST)
    assert enters("support", FIRST)
    assert enters("support", SECOND)
    assert FIRST not in said


def test_terraform_takes_the_root_for_hcp_with_and_without_a_role_to_enter(configuration: Path, tmp_path: Path) -> None:
    terraform = Terraform(repository(tmp_path, "hcp"), configuration)
    terraform.says("init")
    terraform.says("fmt -check")
    terraform.says("validate")
    said = terraform.says("console", platform_role_arn="arn:aws:iam::444455556666:role/x", platform_external_id=FIRST)

    assert FIRST not in said
