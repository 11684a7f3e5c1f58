"""The log at the command line: what people do is in it, it is delivered, signed, handed out and checked alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.handover import EXTERNAL_ID, SECRET, Stage, done, handover, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"


def facts(person: Person, command: str, code: int = 0) -> dict[str, Any]:
    ran = person.types(f"{command} --json")
    assert ran.returncode == code, ran.stdout
    # What is no result stands on standard error, which a terminal shows among it.
    found: dict[str, Any] = json.loads(ran.stdout[ran.stdout.index("{\n") : ran.stdout.rindex("\n}") + 2])
    return found


def told(person: Person, more: str = "") -> list[tuple[str, ...]]:
    found = facts(person, f"gatepass audit log {more}")["records"]
    return [(each["action"], each["customer"], each["grant"], each["outcome"]) for each in found]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A customer that was admitted and served, and whose door has moved since."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        found = handover(cloud, tmp_path_factory.mktemp("audit"))
        done(found.acme, "gatepass close support --wait 0s")
        done(found.acme, "gatepass close support --wait 0s")
        done(found.acme, "gatepass open support --yes")
        found.hands_over(found.acme)
        found.admits()
        yield found


@pytest.fixture(scope="module")
def maria(stage: Stage) -> Person:
    """An engineer who has entered by the register, by the role's ARN, and in vain."""
    allowed = '{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession", "ssm:GetParameter"], "Resource": "*"}'
    person = stage.cloud.person(stage.lead.home.parent / "maria", stage.cloud.user(PROVIDER, "maria", allowed))
    person.environment |= {
        "GATEPASS_REGISTER": str(stage.lead.home / "customers.yml"),
        "GATEPASS_AUDIT": str(stage.lead.home.parent / "inbox"),
    }
    (stage.lead.home.parent / "inbox").mkdir()
    secret = EXTERNAL_ID.findall(str(stage.kept()))[0]
    done(person, "gatepass sudo acme-prod --ticket ABC-1")
    for _ in range(2):
        done(person, "gatepass credential-process acme-prod")
    without = {name: value for name, value in person.environment.items() if name != "GATEPASS_REGISTER"}
    by_arn = replace(person, environment=without)
    assert by_arn.types(f"gatepass sudo {ROLE}", stdin=f"{secret}\n").returncode == 0
    assert by_arn.types(f"gatepass sudo {ROLE}", stdin="someone-elses-MARKER-4711\n").returncode == 1
    assert person.types("gatepass sudo nobody").returncode == 1
    return person


def test_what_the_customer_did_is_in_its_own_log_and_what_changed_nothing_is_not(stage: Stage) -> None:
    assert told(stage.acme) == [
        ("apply", CUSTOMER, "support", "done"),
        ("pass", CUSTOMER, "support", "done"),
        ("close", CUSTOMER, "support", "done"),
        ("open", CUSTOMER, "support", "done"),
        ("pass", CUSTOMER, "support", "done"),
    ]
    first = facts(stage.acme, "gatepass audit log --action apply")["records"][0]
    assert first["actor"] == f"arn:aws:iam::{CUSTOMER}:root"
    assert (first["before"], len(first["after"])) == ("", 64)
    digests = [(each["before"], each["after"]) for each in facts(stage.acme, "gatepass audit log")["records"]][2:4]
    assert digests[0][1] == digests[1][0] != digests[1][1] != digests[0][0]
    assert all(len(each) == 64 for pair in digests for each in pair)
    assert "sound: 5 records" in done(stage.acme, "gatepass audit verify")


def test_what_aws_refused_is_in_the_log_too(stage: Stage, tmp_path: Path) -> None:
    nothing = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    helper = stage.cloud.person(tmp_path / "helper", stage.cloud.user(CUSTOMER, "helper", nothing))

    refused(helper, "gatepass close support --wait 0s", "AWS refused")

    assert told(helper) == [("close", CUSTOMER, "support", "refused")]


def test_records_of_engineers_reach_the_central_log_and_the_customer_checks_its_own_alone(
    stage: Stage, maria: Person, tmp_path: Path
) -> None:
    lead, inbox = stage.lead, stage.lead.home.parent / "inbox"
    entered = [("enter", "acme-prod", "support", "done")]
    by_arn = [("enter", CUSTOMER, "", "done"), ("enter", CUSTOMER, "", "refused")]

    # A machine's own journal is delivered by way of a folder, twice, and is one record each.
    assert "delivered: 4 records" in done(maria, "gatepass audit deliver")
    assert "delivered: 0 records" in done(maria, "gatepass audit deliver")
    assert "1 batch, 4 records, 4 of them new" in done(lead, f"gatepass audit collect {inbox}")
    assert list(inbox.iterdir()) == []

    before = [("keys init", "", "", "done"), ("admit", "acme-prod", "support", "done")]
    assert sorted(told(lead)) == sorted([*before, *entered * 2, *by_arn])
    assert [each[2] for each in told(lead, "--engineer maria")] == ["support", "support", "", ""]
    (tickets,) = {each["ticket"] for each in facts(lead, "gatepass audit log")["records"]} - {""}
    assert tickets == "ABC-1"

    # Signed, anchored, and handed out.
    anchor = lead.home / "anchor.txt"
    done(lead, f"gatepass audit checkpoint --account {PROVIDER} --anchor {anchor}")
    assert "checkpoints that agree: 2" in done(lead, f"gatepass audit verify --anchor {anchor}")
    done(lead, "gatepass audit export --customer acme-prod -o acme.json")
    exported = (lead.home / "acme.json").read_text(encoding="utf-8")
    assert "keys init" not in exported
    assert "MARKER" not in exported
    assert not EXTERNAL_ID.search(exported)

    # With a fresh home: no account, no register, nothing but the file.
    alone = Person(tmp_path / "alone", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    alone.home.mkdir()
    shutil.copy(lead.home / "acme.json", alone.home)
    fingerprint = facts(lead, "gatepass keys show")["fingerprint"]
    refused(alone, "gatepass audit check acme.json", fingerprint, 3)
    shown = done(alone, f"gatepass audit check acme.json --key {fingerprint}")
    assert "5 of 5 proven to be in the log of 6 records" in shown

    # What was changed in it is named.
    (alone.home / "bad.json").write_text(exported.replace('"refused"', '"done"'), encoding="utf-8")
    shown = refused(alone, f"gatepass audit check bad.json --key {fingerprint}", "NOT SOUND", 3)
    bad = next(each for each in json.loads(exported)["records"] if each["record"]["outcome"] == "refused")
    assert f"record {bad['index']} ({bad['record']['id']}) is not in the log" in shown
    found = facts(alone, f"gatepass audit check bad.json --key {fingerprint}", 3)
    assert (found["sound"], len(found["flaws"]), len(found["records"])) == (False, 1, 4)


def test_a_provider_that_the_customer_accepted_an_offer_from_is_known_by_its_key(stage: Stage) -> None:
    lead, acme = stage.lead, stage.acme
    done(lead, "gatepass offer zeta-prod --grant second --permissions SecurityAudit --reason Backups -o zeta.offer")
    shutil.copy(lead.home / "zeta.offer", acme.home)
    done(acme, "gatepass accept zeta.offer --trust-key --yes")
    done(lead, "gatepass audit export --customer acme-prod -o pinned.json")
    shutil.copy(lead.home / "pinned.json", acme.home)

    assert "as you know it from its offer" in done(acme, "gatepass audit check pinned.json")
    assert ("accept", CUSTOMER, "", "done") not in told(acme)
    assert told(acme, "--action accept")[0][3] == "done"


def test_the_journal_and_the_log_hold_no_external_id(stage: Stage, maria: Person) -> None:
    secret = EXTERNAL_ID.findall(str(stage.kept(SECRET)))[0].encode()
    files = [
        path for person in (stage.acme, stage.lead, maria) for path in (person.home / "state").rglob("*")
        if path.is_file() and ("audit" in str(path))
    ]  # fmt: skip

    assert len(files) > 2
    assert [path for path in files if secret in path.read_bytes() or b"MARKER" in path.read_bytes()] == []


def test_a_cut_log_is_found_by_its_anchor(stage: Stage, tmp_path: Path) -> None:
    person = replace(stage.other, home=tmp_path)
    for name in ("one", "two"):
        done(person, f"gatepass keys init --name {name} --account {'1' if name == 'one' else '2'}11122223333")
    anchor = f"--anchor {tmp_path}/anchor.txt --own-key --account {CUSTOMER}"
    refused(person, f"gatepass audit verify {anchor}", "no checkpoint is anchored", 3)
    done(person, f"gatepass audit checkpoint {anchor}")
    done(person, f"gatepass audit verify {anchor}")
    done(person, f"gatepass audit verify {anchor}".replace("--own-key", ""))
    (tmp_path / "state" / "gatepass" / "audit.db").unlink()
    done(person, "gatepass keys init --name three --account 311122223333")

    refused(person, f"gatepass audit verify {anchor}", "the log was cut: it has 1 records, and 2 were signed", 3)


WRONG = [
    ("audit", "Usage", 2),
    ("audit log --since yesterday", "time zone", 2),
    ("audit log --log postgresql://alice:word@127.0.0.1:1/x", "does not belong on the command line", 2),
    ("audit log --log postgresql://alice@127.0.0.1:1/x", "does not answer", 1),
    ("audit log --log .", "a place to deliver to, and no log", 1),
    ("audit collect nowhere", "there is no folder nowhere", 1),
    ("audit check nowhere", "cannot be read", 1),
    ("audit check access.yml", "not JSON", 1),
    ("audit export --customer acme-prod", "output", 2),
    ("audit export --customer acme-prod -o access.yml", "is there already", 1),
    ("audit checkpoint --account 999988887777", "there are no keys of account", 1),
    ("audit checkpoint --account 999988887777 --own-key --log new.db", "is empty", 1),
    ("audit checkpoint --account 999988887777 --own-key --anchor git:nowhere", "there is no folder nowhere", 1),
    ("audit deliver --to s3://", "names no bucket", 1),
]


@pytest.mark.parametrize(("command", "words", "code"), WRONG)
def test_a_wrong_word_is_told(stage: Stage, tmp_path: Path, command: str, words: str, code: int) -> None:
    person = replace(stage.acme, home=tmp_path)
    (tmp_path / "access.yml").write_text("gatepass: customer\n", encoding="utf-8")
    done(person, "gatepass keys init --name Example --account 123456789012")

    refused(person, f"gatepass {command}", words, code)
