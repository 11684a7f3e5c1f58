"""From Terraform to these commands and back, typed as people type it: the door opens all the time by the same ID."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.terraform_files import EXTERNAL_ID as STATE_SECRET
from tests.adapters.terraform_files import ROLE, plan, resources, state
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

FILE = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support:
    provider: "{PROVIDER}"
    permissions: [AmazonS3FullAccess]
    window: {{until: 2099-01-01T00:00:00Z}}
"""
ARN = f"arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE}"
STATE = state(*resources())


@dataclass
class Stage:
    """A customer's administrator, an engineer, and a role as Terraform's module makes it."""

    administrator: Person
    netops: Person
    iam: Any
    external_id: str

    def types(self, command: str, expected: int, stdin: str = "") -> str:
        """Type a command of the administrator's, and return what it printed, which is never the external ID."""
        finished = self.administrator.types(command, stdin)
        assert finished.returncode == expected, finished.stdout
        assert self.external_id not in finished.stdout
        assert STATE_SECRET not in finished.stdout
        return finished.stdout

    def facts(self, command: str, expected: int, stdin: str = "") -> Any:  # noqa: ANN401 - JSON
        """Return what a command prints as JSON."""
        return json.loads(self.types(f"{command} --json", expected, stdin))

    def opens(self) -> bool:
        """Say whether the engineer gets in with the external ID from before everything, and can then act."""
        entered = self.netops.types(f"gatepass sudo {ARN}", self.external_id).returncode == 0
        return entered and self.netops.types("gatepass list s3bucket").returncode == 0

    def tags(self) -> dict[str, str]:
        """Return the role's tags."""
        return {tag["Key"]: tag["Value"] for tag in self.iam.list_role_tags(RoleName=ROLE)["Tags"]}

    def documents(self) -> tuple[Any, ...]:
        """Return everything that the role is, but for its tags."""
        role = self.iam.get_role(RoleName=ROLE)["Role"]
        names = self.iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
        inline = {name: self.iam.get_role_policy(RoleName=ROLE, PolicyName=name)["PolicyDocument"] for name in names}
        attached = self.iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
        return role["AssumeRolePolicyDocument"], role["MaxSessionDuration"], inline, attached

    def terraform_applies(self) -> None:
        """Set the tags as Terraform does: those of its configuration, and no others."""
        self.iam.tag_role(RoleName=ROLE, Tags=[{"Key": "gatepass:engine", "Value": "terraform"}])
        self.iam.untag_role(RoleName=ROLE, TagKeys=["gatepass:declared", "gatepass:adopted"])

    def terraform_writes_trust(self, trust: dict[str, Any]) -> None:
        """Set the trust as Terraform does when it sees drift."""
        self.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))


@pytest.fixture
def stage(cloud: Cloud, tmp_path: Path) -> Stage:
    administrator = cloud.administrator(tmp_path / "admin")
    (administrator.home / "terraform.yml").write_text(FILE, encoding="utf-8")
    assert administrator.types("gatepass apply terraform.yml --yes").returncode == 0
    revealed = administrator.types("gatepass pass support --reveal").stdout
    found = re.search(r"gp1\.[A-Z0-9]+\.[A-Z0-9]+", revealed)
    assert found is not None
    statement = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    netops = cloud.person(tmp_path / "netops", cloud.user(PROVIDER, "netops-1", statement))
    stage = Stage(administrator, netops, cloud.client("iam", cloud.aws.root_credentials(CUSTOMER)), found[0])
    stage.terraform_applies()
    return stage


def test_a_role_moves_from_terraform_to_direct_and_back_while_its_door_stays_open(stage: Stage) -> None:
    before = stage.documents()
    assert stage.opens()
    (stage.administrator.home / "state.json").write_text(STATE, encoding="utf-8")

    told = stage.types("gatepass adopt --from-terraform state.json", 0)

    assert "written: grant support in access.yml" in told
    assert "terraform state rm " in told
    assert told.index("terraform state rm ") < told.index("take the grant support out of the file")
    assert f'  id = "{ROLE}:gatepass-limits"' in told
    # Told again, nothing is written again.
    assert "says already" in stage.types("gatepass adopt --from-terraform state.json", 0)
    assert stage.opens()

    planned = stage.facts("gatepass plan", 3)

    assert [change["change"] for change in planned["changes"]] == ["TagRole"]
    assert (planned["roles"][0]["engine"], planned["roles"][0]["taken_from"]) == ("direct", "terraform")
    assert "because the file says role:" in stage.types("gatepass plan", 3)
    stage.types("gatepass apply --yes", 0)
    assert stage.tags()["gatepass:engine"] == "direct"
    assert stage.documents() == before
    assert stage.opens()
    assert "nothing to change" in stage.types("gatepass plan", 0)
    # A state that still holds it would have two engines write it.
    held = stage.facts("gatepass adopt --from-terraform state.json", 3)
    assert (held["roles"][0]["kind"], held["import_blocks"]) == ("direct", "")

    # And back: a plan of Terraform that would make the role leads to the blocks that import it.
    made = plan(*((each, ["create"]) for each in resources()))
    back = stage.facts("gatepass adopt --from-terraform -", 0, stdin=made)

    assert back["roles"][0]["kind"] == "direct"
    assert back["import_blocks"].count("import {") == len(resources())
    stage.terraform_applies()
    access = stage.administrator.home / "access.yml"
    lines = access.read_text(encoding="utf-8").splitlines(keepends=True)
    access.write_text("".join(line for line in lines if "role:" not in line), encoding="utf-8")
    assert "kept by:  terraform" in stage.types("gatepass plan", 0)
    assert stage.documents() == before
    assert stage.opens()


def test_terraforms_role_is_closed_in_an_emergency_and_otherwise_left_to_terraform(stage: Stage) -> None:
    (stage.administrator.home / "access.yml").write_text(FILE, encoding="utf-8")
    before = stage.documents()

    for command in ("rotate support", "withdraw support --yes", "open support --for 1h", f"adopt {ROLE}"):
        assert "kept by terraform" in stage.types(f"gatepass {command}", 1)
    assert stage.documents() == before

    # Every command that shows roles shows whose they are.
    assert stage.facts("gatepass pass support", 0)["roles"][0]["engine"] == "terraform"
    assert "kept by:       terraform" in stage.types("gatepass pass support", 0)
    assert f"{ROLE} (terraform)" in stage.types("gatepass doors", 3)
    assert stage.facts("gatepass doors", 3)["doors"][0]["engine"] == "terraform"
    assert f"{ARN} (kept by terraform)" in stage.types("gatepass lint --account", 3)

    stage.iam.update_role(RoleName=ROLE, MaxSessionDuration=7200)
    assert "terraform would have to" in stage.types("gatepass plan", 3)
    assert "it is not as the file says" in stage.types("gatepass apply --yes", 1)
    assert stage.iam.get_role(RoleName=ROLE)["Role"]["MaxSessionDuration"] == 7200
    stage.iam.update_role(RoleName=ROLE, MaxSessionDuration=3600)

    assert 'empty external_ids["support"] in Terraform' in stage.types("gatepass close support --wait 0s", 0)
    assert not stage.opens()
    assert 'external_ids["support"]' in stage.types("gatepass open support", 1)
    stage.terraform_writes_trust(before[0])
    assert not stage.opens()
    assert "only the denial of a close is lifted" in stage.types("gatepass open support", 0)
    assert stage.opens()
    assert stage.documents()[0] == before[0]


def test_a_grant_that_the_file_has_gets_the_roles_name_and_bad_input_is_told(stage: Stage) -> None:
    access = stage.administrator.home / "access.yml"
    access.write_text(FILE, encoding="utf-8")
    others = state(*resources(), *resources("Gone", "gone"), *resources("web", "web"))
    stage.iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(stage.documents()[0]))

    assert "name a ROLE" in stage.types("gatepass adopt", 2)
    assert "--provider is for a ROLE" in stage.types(f"gatepass adopt --provider {PROVIDER} --from-terraform -", 2)
    assert "cannot be read" in stage.types("gatepass adopt --from-terraform nowhere.json", 1)
    assert "neither a state nor a plan" in stage.types("gatepass adopt --from-terraform -", 1, stdin="{}")
    assert "no role of the grant audit" in stage.types("gatepass adopt --from-terraform - --grant audit", 1, STATE)
    assert access.read_text(encoding="utf-8") == FILE

    told = stage.types("gatepass adopt --from-terraform -", 3, stdin=others)

    assert "gone: the role Gone" in told
    assert "not ours: the role web" in told
    assert f"written: role: {ROLE} in the grant support of access.yml" in told
    assert access.read_text(encoding="utf-8") == f'{FILE}    role: "{ROLE}"\n'
