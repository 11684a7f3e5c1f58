"""Roles that Terraform made for real, taken over by the commands and handed back, while their doors stay open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.documents import document
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.terraform.runs import Terraform, copied

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

ROLE = f"ServiceProvider-{PROVIDER}-support"
ARN = f"arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE}"
EXTERNAL_ID = "gp1.7KQ2M9XW4T.QZ7R2M9XW4T8K3H6Y1B5N0C7D2"
IDS = {"support": [EXTERNAL_ID], "audit": ["gp1.7KQ2M9XW4T.AZ7R2M9XW4T8K3H6Y1B5N0C7D2"]}


def changed(changes: list[dict[str, Any]]) -> Iterator[str]:
    """Yield which attributes a plan changes in meaning: two texts of one policy document mean the same."""
    for each in changes:
        before, after = each["change"]["before"] or {}, each["change"]["after"] or {}
        for key in {*before, *after}:
            old, new = before.get(key), after.get(key)
            if "policy" in key and old and new and old.startswith("{"):
                old, new = document(json.loads(old)), document(json.loads(new))
            if old != new:
                yield key


def test_terraforms_roles_move_to_direct_and_back(cloud: Cloud, tmp_path: Path, configuration: Path) -> None:
    """Terraform's own state rm, import blocks and plans say that nothing is made anew and nothing is deleted."""
    key, secret = cloud.aws.root_credentials(CUSTOMER)
    environment = {"AWS_ENDPOINT_URL": cloud.aws.endpoint, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    terraform = Terraform(copied("customer", tmp_path / "hcl"), configuration, environment)
    iam = cloud.client("iam", (key, secret))
    administrator = cloud.administrator(tmp_path / "admin")
    statement = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    netops = cloud.person(tmp_path / "netops", cloud.user(PROVIDER, "netops-1", statement))

    def opens() -> bool:
        return netops.types(f"gatepass sudo {ARN}", EXTERNAL_ID).returncode == 0

    def typed(command: str, expected: int, stdin: str = "") -> str:
        done = administrator.types(command, stdin)
        assert done.returncode == expected, done.stdout
        assert EXTERNAL_ID not in done.stdout
        return done.stdout

    def engine() -> str:
        tags = iam.list_role_tags(RoleName=ROLE)["Tags"]
        return str({tag["Key"]: tag["Value"] for tag in tags}["gatepass:engine"])

    terraform.says("init")
    terraform.says("plan -out=customer.plan", external_ids=IDS)
    terraform.says("apply customer.plan")
    made = iam.get_role(RoleName=ROLE)["Role"]["CreateDate"]
    assert opens()

    told: dict[str, Any] = json.loads(
        typed("gatepass adopt --from-terraform - --json", 0, stdin=terraform.says("show -json"))
    )

    assert {role["grant"] for role in told["roles"]} == {"support", "audit"}
    for role in told["roles"]:
        terraform.says(role["forget"].removeprefix("terraform "))
    assert "aws_iam_role.grant" not in terraform.says("state list")
    planned = json.loads(typed("gatepass plan --json", 3))
    assert {change["change"] for change in planned["changes"]} == {"TagRole"}
    assert opens()
    typed("gatepass apply --yes", 0)
    assert engine() == "direct"
    assert opens()

    # And back: Terraform would make the roles, and is told to import them.
    terraform.says("plan -out=back.plan", external_ids=IDS)
    back = json.loads(
        typed("gatepass adopt --from-terraform - --json", 0, stdin=terraform.says("show -json back.plan"))
    )
    assert {role["kind"] for role in back["roles"]} == {"direct"}
    (terraform.folder / "imports.tf").write_text(back["import_blocks"], encoding="utf-8")
    parts = sum(len(role["parts"]) for role in back["roles"])

    importing = terraform.says("plan -out=import.plan", external_ids=IDS)

    assert f"Plan: {parts} to import, 0 to add, " in importing
    assert "0 to destroy" in importing
    planned = json.loads(terraform.says("show -json import.plan"))
    assert set(changed(planned["resource_changes"])) <= {"tags", "tags_all", "force_detach_policies"}
    terraform.says("apply import.plan")
    assert "No changes." in terraform.says("plan", external_ids=IDS)
    assert engine() == "terraform"
    assert opens()
    assert iam.get_role(RoleName=ROLE)["Role"]["CreateDate"] == made
