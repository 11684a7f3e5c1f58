"""The customer's switch and the engineer at the door, typed as people type it, against an AWS that enforces."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.local_store import local_store

FILE = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support:
    provider: "{PROVIDER}"
    permissions: [AmazonS3FullAccess]
    require_source_identity: true
"""
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
_ID = re.compile(r"gp1\.[A-Z0-9]+\.[A-Z0-9]+")


@dataclass
class Stage:
    """A customer's administrator and two engineers of the provider."""

    cloud: Cloud
    administrator: Person
    netops: Person
    helpdesk: Person

    def pass_on(self) -> str:
        """Return the second factor that the administrator hands over."""
        shown = self.done("gatepass pass support --reveal")
        found = _ID.search(shown)
        assert found is not None
        return found[0]

    def done(self, command: str) -> str:
        """Type a command of the administrator's that must succeed, and return what it printed."""
        finished = self.administrator.types(command)
        assert finished.returncode == 0, finished.stdout
        return finished.stdout


@pytest.fixture
def stage(cloud: Cloud, tmp_path: Path) -> Stage:
    administrator = cloud.administrator(tmp_path / "admin")
    (administrator.home / "access.yml").write_text(FILE, encoding="utf-8")
    statement = f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}'
    people = [
        cloud.person(tmp_path / name, cloud.user(PROVIDER, name, statement)) for name in ("netops-1", "helpdesk-1")
    ]
    stage = Stage(cloud, administrator, *people)
    stage.done("gatepass apply --yes")
    return stage


def enters(person: Person, external_id: str) -> bool:
    return person.types(f"gatepass sudo {ROLE}", external_id).returncode == 0


def acts(person: Person) -> bool:
    return person.types("gatepass list s3bucket").returncode == 0


def test_an_opening_ends_by_itself_for_those_inside_and_those_outside(stage: Stage) -> None:
    stage.done("gatepass close support --wait 0s")
    stage.done("gatepass open support --for 30m")
    external_id = stage.pass_on()
    assert enters(stage.netops, external_id)
    assert acts(stage.netops)

    stage.cloud.aws.advance(30 * 60)

    assert not acts(stage.netops)
    assert not enters(stage.helpdesk, external_id)

    stage.done("gatepass open support --for 30m")
    assert not acts(stage.netops), "a session from before came back"
    assert enters(stage.helpdesk, external_id)
    assert acts(stage.helpdesk)


def test_a_rotation_needs_nobody_to_come_back(stage: Stage) -> None:
    old = stage.pass_on()
    stage.done("gatepass rotate support --overlap 2h")
    new = stage.pass_on()

    assert new != old
    assert enters(stage.netops, old)
    assert enters(stage.netops, new)
    status = stage.done("gatepass rotate support --status")
    assert status.count(f"by netops-1 of account {PROVIDER}") == 2
    assert not _ID.search(status)

    stage.cloud.aws.advance(2 * 60 * 60)

    assert not enters(stage.netops, old)
    assert enters(stage.netops, new)


def test_one_engineer_is_put_out_and_the_other_works_on(stage: Stage) -> None:
    external_id = stage.pass_on()
    assert enters(stage.netops, external_id)
    assert enters(stage.helpdesk, external_id)

    stage.done("gatepass revoke support --engineer netops-1")

    assert not acts(stage.netops)
    assert acts(stage.helpdesk)


def test_a_request_is_opened_for_exactly_what_it_says_and_once(stage: Stage) -> None:
    stage.done("gatepass close support --wait 0s")
    written = stage.netops.types(
        f"gatepass request {CUSTOMER}/support --for 30m --reason 'disk full' --ticket ABC-1 -o ask.json"
    )
    assert written.returncode == 0, written.stdout
    ask = (stage.netops.home / "ask.json").read_text(encoding="utf-8")
    (stage.administrator.home / "ask.json").write_text(ask, encoding="utf-8")
    (stage.administrator.home / "more.json").write_text(ask.replace("disk full", "more room"), encoding="utf-8")

    unknown = stage.administrator.types("gatepass open --request ask.json --yes")
    tampered = stage.administrator.types("gatepass open --request more.json --yes --trust-key")
    other = stage.administrator.types("gatepass open audit --request ask.json --yes --trust-key")
    opened = stage.administrator.types("gatepass open --request ask.json --yes --trust-key")
    again = stage.administrator.types("gatepass open --request ask.json --yes")

    assert "nobody has compared the key" in unknown.stdout
    assert "the request is for the grant support, not audit" in other.stdout
    assert [each.returncode for each in (unknown, tampered, other, opened, again)] == [1, 1, 1, 0, 1]
    assert "disk full" in opened.stdout
    external_id = stage.pass_on()
    assert enters(stage.netops, external_id)
    stage.cloud.aws.advance(30 * 60)
    assert not acts(stage.netops)


def test_a_request_never_shortens_a_door_that_is_open_for_longer(stage: Stage) -> None:
    stage.netops.types(f"gatepass request {CUSTOMER}/support --for 30m --reason now -o ask.json")
    ask = (stage.netops.home / "ask.json").read_text(encoding="utf-8")
    (stage.administrator.home / "ask.json").write_text(ask, encoding="utf-8")

    answer = stage.done("gatepass open --request ask.json --yes --trust-key")

    assert "open already" in answer
    stage.cloud.aws.advance(40 * 60)
    assert enters(stage.netops, stage.pass_on())


@pytest.mark.parametrize("store", ["ssm", "secrets-manager", "file"])
def test_the_customers_store_follows_aws_and_aws_wins(stage: Stage, store: str) -> None:
    with (stage.administrator.home / "access.yml").open("a", encoding="utf-8") as file:
        file.write(f"second_factor_store: {store}\n")

    stage.done("gatepass rotate support --overlap 0s")
    assert kept(stage, store) == stage.pass_on()
    spoil(stage, store)
    shown = stage.done("gatepass pass support --reveal")
    assert "brought up to date with AWS" in shown
    assert kept(stage, store) == stage.pass_on()
    stage.done("gatepass close support --wait 0s")

    assert kept(stage, store) is None


NAME = f"gatepass/customer/{CUSTOMER}/support"


def kept(stage: Stage, store: str) -> str | None:
    """Return the external ID that lies in the store, as somebody else would read it."""
    root = stage.cloud.aws.root_credentials(CUSTOMER)
    text = None
    if store == "ssm":
        found = stage.cloud.client("ssm", root).get_parameters(Names=[f"/{NAME}"], WithDecryption=True)["Parameters"]
        text = found[0]["Value"] if found else None
    elif store == "secrets-manager":
        secrets = stage.cloud.client("secretsmanager", root)
        names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"] if "DeletedDate" not in secret]
        text = secrets.get_secret_value(SecretId=NAME)["SecretString"] if NAME in names else None
    else:
        text = local_store(stage.administrator.home).get(f"customer/{CUSTOMER}/support")
    found_id = _ID.search(text) if text else None
    return found_id[0] if found_id else None


def spoil(stage: Stage, store: str) -> None:
    """Let the store say something else than AWS."""
    root = stage.cloud.aws.root_credentials(CUSTOMER)
    if store == "ssm":
        stage.cloud.client("ssm", root).put_parameter(Name=f"/{NAME}", Value="{}", Type="SecureString", Overwrite=True)
    elif store == "secrets-manager":
        stage.cloud.client("secretsmanager", root).put_secret_value(SecretId=NAME, SecretString="{}")
    else:
        local_store(stage.administrator.home).put(f"customer/{CUSTOMER}/support", "{}")


def test_a_store_that_refuses_is_told_and_the_deed_stands(stage: Stage) -> None:
    with (stage.administrator.home / "access.yml").open("a", encoding="utf-8") as file:
        file.write("second_factor_store: keyring\n")

    finished = stage.administrator.types("gatepass close support --wait 0s")

    assert finished.returncode == 1
    assert "closed: " in finished.stdout
    assert "is not in your store as AWS holds it" in finished.stdout
    assert json.loads(stage.done("gatepass plan --json"))["roles"][0]["switch"] == "closed"


def test_a_file_that_cannot_be_read_never_stops_a_close(stage: Stage) -> None:
    (stage.administrator.home / "access.yml").write_text("gatepass: [", encoding="utf-8")

    finished = stage.administrator.types("gatepass close support --wait 0s")

    assert "closed: " in finished.stdout
    assert "nobody was told" in finished.stdout


def test_a_channel_that_fails_is_told_and_the_deed_stands(stage: Stage) -> None:
    with (stage.administrator.home / "access.yml").open("a", encoding="utf-8") as file:
        file.write("notify: {webhook: 'http://127.0.0.1:9/SECRET-PATH'}\n")

    finished = stage.administrator.types("gatepass close support --wait 0s")

    assert finished.returncode == 0
    assert "closed: " in finished.stdout
    assert "webhook" in finished.stdout
    assert "SECRET-PATH" not in finished.stdout
