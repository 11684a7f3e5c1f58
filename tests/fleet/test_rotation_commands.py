"""A rotation by two parties at their own terminals, with files in between and an AWS that enforces."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.handover import EXTERNAL_ID, REGISTER, ROLE_NAME, done, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

PASS = f"{CUSTOMER}-support.pass.json"
ROTATES = "gatepass fleet rotate --files access.yml --passes out --receipts in"
ADMITS = "gatepass fleet admit in --receipts out"


@dataclass
class Scene:
    """The customer's administrator and the provider's access lead, who send each other files."""

    cloud: Cloud
    admin: Person
    lead: Person
    engineer: Person

    def carry(self) -> None:
        """Carry what lies in each outbox into the other's inbox."""
        for sender, receiver in ((self.admin, self.lead), (self.lead, self.admin)):
            for file in (sender.home / "out").iterdir():
                shutil.copy(file, receiver.home / "in" / file.name)

    def ids(self) -> set[str]:
        """Return the external IDs that the trust takes."""
        iam = self.cloud.client("iam", self.cloud.aws.root_credentials(CUSTOMER))
        trust = iam.get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
        return set(EXTERNAL_ID.findall(json.dumps(trust)))

    def works(self) -> bool:
        """Say whether the engineer gets in by what the team's store holds."""
        shutil.copy(self.lead.home / "customers.yml", self.engineer.home / "customers.yml")
        return self.engineer.types("gatepass exec acme-prod -- true").returncode == 0


def runs(person: Person, command: str) -> str:
    """Let the person begin a run in which every unit is done."""
    told = person.types(command)
    assert told.returncode == 0, told.stdout + person.types("gatepass fleet failures").stdout
    assert "1 of 1, 1 done, 0 failed" in told.stdout
    return told.stdout


@pytest.fixture
def scene(cloud: Cloud, tmp_path: Path) -> Scene:
    enter = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    read = '{"Effect": "Allow", "Action": ["ssm:GetParameter", "kms:Decrypt"], "Resource": "*"}'
    lead = cloud.person(
        tmp_path / "lead", cloud.user(PROVIDER, "lead-1", '{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}')
    )
    key, secret = cloud.user(PROVIDER, "gatepass-verifier", enter)
    (lead.home / "credentials").write_text(
        f"[gatepass-verifier]\naws_access_key_id={key}\naws_secret_access_key={secret}\n", encoding="utf-8"
    )
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    engineer = cloud.person(tmp_path / "engineer", cloud.user(PROVIDER, "maria", f"{enter}, {read}"))
    found = Scene(cloud, cloud.administrator(tmp_path / "admin"), lead, engineer)
    for person in (found.admin, found.lead):
        for folder in ("out", "in"):
            (person.home / folder).mkdir()
    done(lead, "gatepass keys init --name Harbour")
    done(lead, "gatepass offer acme-prod --permissions SecurityAudit --reason Audits --for 90d -o out/acme.offer.json")
    found.carry()
    done(found.admin, "gatepass accept in/acme.offer.json --yes --trust-key")
    done(found.admin, "gatepass apply --yes --wait 0s")
    done(found.admin, "gatepass pass support -o first.pass")
    shutil.copy(found.admin.home / "first.pass", lead.home / "first.pass")
    done(lead, "gatepass admit first.pass --team support=netops --yes")
    (lead.home / "out" / "acme.offer.json").unlink()
    (found.admin.home / "in" / "acme.offer.json").unlink()
    return found


def test_both_halves_with_files_in_between(scene: Scene) -> None:
    admin, lead = scene.admin, scene.lead
    (old,) = scene.ids()
    assert scene.works()
    assert done(admin, f"{ROTATES} --dry-run").startswith(f"{CUSTOMER}/support\n1 units")

    told = runs(admin, ROTATES)
    both = scene.ids()
    assert old in both
    assert len(both) == 2
    assert scene.works(), "the provider knows nothing yet"
    sealed = (admin.home / "out" / PASS).read_text(encoding="utf-8")
    assert not any(one in sealed + told for one in both)

    # A second night without an answer is told, and nothing is drawn.
    refused(admin, ROTATES, "1 failed", 3)
    refused(admin, "gatepass fleet failures", "no receipt", 3)
    assert scene.ids() == both

    (lead.home / "in" / "hello.pass.json").write_text("hello", encoding="utf-8")
    scene.carry()
    refused(lead, ADMITS, "2 of 2, 1 done, 1 failed", 3)
    refused(lead, "gatepass fleet failures", "hello.pass.json: ", 3)
    assert scene.works(), "by the new one, while both open"
    (lead.home / "in" / "hello.pass.json").unlink()

    scene.carry()
    runs(admin, ROTATES)
    (new,) = scene.ids()
    assert {old, new} == both
    assert scene.works()
    assert "1 skipped" in done(lead, ADMITS)
    kept = done(admin, "gatepass pass support --reveal")
    assert re.findall(EXTERNAL_ID, kept) == [new]
    for path in (path for home in (admin.home, lead.home) for path in home.rglob("*") if path.is_file()):
        assert not any(one.encode() in path.read_bytes() for one in both), path


@pytest.mark.thorough
def test_one_process_with_both_sides_credentials(scene: Scene) -> None:
    """The administrator also is the provider: a company that serves its own accounts."""
    (old,) = scene.ids()
    admin = scene.admin
    for folder in ("state", ".config"):
        shutil.copytree(scene.lead.home / folder, admin.home / folder, dirs_exist_ok=True)
    shutil.copy(scene.lead.home / "customers.yml", admin.home / "customers.yml")
    key, secret = scene.lead.environment["AWS_ACCESS_KEY_ID"], scene.lead.environment["AWS_SECRET_ACCESS_KEY"]
    profile = f"\n[lead]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"
    text = (scene.lead.home / "credentials").read_text(encoding="utf-8") + profile
    (admin.home / "credentials").write_text(text, encoding="utf-8")

    runs(admin, f"{ROTATES} --receipts out --provider-profile lead")

    (new,) = scene.ids()
    assert new != old
    shutil.copy(admin.home / "customers.yml", scene.lead.home / "customers.yml")
    assert scene.works()
