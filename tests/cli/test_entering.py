"""Entering a customer's role with less than it allows, under a name and a ticket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from botocore.exceptions import ClientError

from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text
from gatepass.domain.register import Customer
from gatepass.sandbox.memory.faults import FaultKind
from gatepass.usecases.find_way_in import way_in
from gatepass.usecases.keep_factor import places_of
from gatepass.wiring.registers import register_book
from tests.cli.entering_story import LOCKED, OPEN, REGISTER, Scene, chained, entering_scene
from tests.cli.person import Person
from tests.conftest import CUSTOMER
from tests.local_store import local_store


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with entering_scene(tmp_path_factory.mktemp("customer")) as made:
        yield made


@pytest.fixture
def netops(scene: Scene, tmp_path: Path) -> Person:
    return scene.engineer(tmp_path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--ticket 'ABC 123'", "that ticket cannot be a session's tag"),
        ("--ticket ABC#123", "that ticket cannot be a session's tag"),
        ("--for 13h", "out of range"),
        ("--for 14m", "out of range"),
        ("--for 3h", "gives no sessions of 3:00:00"),
        ("--for soon", "a duration is a number with its unit"),
        ("--region Frankfurt", "is not the name of a Region"),
        ("--policy missing.json", "missing.json cannot be read"),
        ("--policy large.json", "large.json:1:1: the session's policies have"),
        ("--policy broken.json", "broken.json:2:1: not JSON"),
        ("--read-only --policy narrow.json", "not by both"),
    ],
)
def test_terms_that_cannot_be_had_are_refused_and_nobody_is_entered(netops: Person, options: str, told: str) -> None:
    large = {"Effect": "Allow", "Action": ["s3:" + "x" * 2100], "Resource": "*"}
    (netops.home / "large.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": large}), encoding="utf-8")
    (netops.home / "broken.json").write_text("{\n", encoding="utf-8")

    came = netops.types(f"gatepass sudo {OPEN} {options}")

    assert came.returncode in (1, 2)
    assert told in came.stdout
    assert "no session is under way" in netops.types("gatepass console --print").stdout


def test_a_narrowed_session_may_do_less_and_never_more(scene: Scene, netops: Person) -> None:
    def clients(options: str, *services: str) -> list[Any]:
        shown = netops.types(f"gatepass exec {options} {OPEN} -- env").stdout
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        keys = (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"])
        return [scene.cloud.client(service, keys, found["AWS_SESSION_TOKEN"]) for service in services]

    for options in ("--read-only", "--policy narrow.json"):
        s3, iam = clients(options, "s3", "iam")
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.create_bucket(Bucket="narrow")
        # The policy allows it, the role does not.
        with pytest.raises(ClientError, match="AccessDenied"):
            iam.list_users()
        assert s3.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    (s3,) = clients("", "s3")
    s3.create_bucket(Bucket="whole")
    s3.put_object(Bucket="whole", Key="invoice", Body=b"42")
    (looking,) = clients("--read-only", "s3")
    # How things are set up is seen, what is in them is not.
    assert looking.get_bucket_location(Bucket="whole")
    with pytest.raises(ClientError, match="AccessDenied"):
        looking.get_object(Bucket="whole", Key="invoice")


def test_the_ticket_labels_the_session_and_the_engineer_stays_its_name(scene: Scene, netops: Person) -> None:
    assert netops.types(f"gatepass sudo {OPEN} --ticket OPS/12").returncode == 0

    asked = scene.last_entry()
    assert asked["roleSessionName"] == "netops-1+OPS-12"
    assert asked["sourceIdentity"] == "netops-1"
    assert "gatepass:ticket" in json.dumps(asked)
    assert "OPS/12" in json.dumps(asked)


def test_a_typed_id_is_said_to_stay_in_the_history_once(scene: Scene, netops: Person) -> None:
    said = ["shell's history" in netops.types(f"gatepass sudo {LOCKED} {scene.external_id()}").stdout for _ in range(2)]

    assert said == [True, False]


def test_a_company_with_several_accounts_lists_them_and_a_customer_is_entered_by_name(
    scene: Scene, tmp_path: Path
) -> None:
    netops = scene.engineer(tmp_path)
    (tmp_path / "customers.yml").write_text(REGISTER, encoding="utf-8")
    for command in ("sudo acme", "exec acme -- true", "console acme --print"):
        came = netops.types(f"gatepass {command}")
        assert came.returncode == 1
        assert "acme has several accounts" in came.stdout
        assert "acme-prod  444455556666" in came.stdout
        assert "acme-test  777788889999" in came.stdout
    way = way_in("acme-prod", register_book(tmp_path / "customers.yml").load())
    customer: Customer = way.customer
    secrets = local_store(tmp_path)
    for name in places_of(customer, GrantName("support")).wanted:
        secrets.put(name, kept_text(KeptFactor(RoleArn(OPEN), None)))

    entered = json.loads(netops.types("gatepass sudo acme-prod --json").stdout)

    assert (entered["customer"], entered["grant"], entered["account"]) == ("acme-prod", "support", CUSTOMER)


def test_an_interrupt_leaves_one_where_one_was(scene: Scene, netops: Person) -> None:
    aws = scene.cloud.aws
    aws.stage_fault(FaultKind.HANG_BEFORE, "AssumeRole")
    terminal = netops.at_terminal(f"gatepass sudo {OPEN}")
    terminal.expect("External ID for")
    terminal.sendline("")
    try:
        aws.wait_until_held()
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
    finally:
        aws.clear_faults()

    assert terminal.wait() == 130
    assert not list((netops.home / "state").rglob("terminals/*.json"))


def test_a_session_that_begins_from_one_is_capped_and_that_is_told_once(scene: Scene, tmp_path: Path) -> None:
    maria = chained(scene, tmp_path, None)

    came = [maria.types(f"gatepass sudo {OPEN} --for 2h") for _ in range(2)]

    assert [each.returncode for each in came] == [0, 0]
    assert ["one hour at most" in each.stdout for each in came] == [True, False]
    assert scene.last_entry()["durationSeconds"] == "3600"


def test_a_source_identity_that_is_set_already_is_kept(scene: Scene, tmp_path: Path) -> None:
    maria = chained(scene, tmp_path, "maria.rossi")

    came = maria.types(f"gatepass sudo {OPEN}")

    assert came.returncode == 0, came.stdout
    assert "as maria.rossi until" in came.stdout
    assert "carries a source identity already" in came.stdout
    assert scene.last_entry()["sourceIdentity"] == "maria.rossi"
