"""A customer hands over, a provider admits, typed as people type it, against an AWS that enforces."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gatepass.domain.handshake import Trial
from tests.cli.handover import EXTERNAL_ID, OTHER, REGISTER, ROLE_NAME, Stage, done, handover, refused
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud


@pytest.fixture
def stage(cloud: Cloud, tmp_path: Path) -> Stage:
    return handover(cloud, tmp_path)


def test_a_role_that_somebody_opened_by_hand_is_refused_and_nothing_is_kept(stage: Stage) -> None:
    stage.opens_to_anybody()

    told = refused(stage.lead, "gatepass admit acme.pass --name acme-prod --team support=netops --yes", "is not safe")

    assert Trial.WITHOUT.value in told
    assert stage.kept() is None
    assert stage.customers() == REGISTER


def test_a_role_without_a_second_factor_needs_a_person_who_accepts_it(stage: Stage) -> None:
    stage.applies(stage.other, OTHER, "second_factor: none")
    stage.hands_over(stage.other, "other.pass")

    refused(stage.lead, "gatepass admit other.pass --name other --yes", "opens without a second factor")
    assert "customers: {}" in stage.customers()
    stage.admits("--name other --accept-no-second-factor", "other.pass")

    assert "other:" in stage.customers()


def test_the_pass_holds_no_external_id_and_its_printing_shows_none(stage: Stage) -> None:
    secret = EXTERNAL_ID.search(done(stage.acme, "gatepass pass support --reveal"))
    assert secret is not None

    shown = done(stage.acme, f"gatepass pass support -o second.pass --seal-to {stage.recipient}")

    code = secret[0].rpartition(".")[2]
    assert code not in (stage.acme.home / "second.pass").read_text(encoding="utf-8") + shown
    assert "BEGIN AGE ENCRYPTED FILE" in (stage.acme.home / "second.pass").read_text(encoding="utf-8")


UNWRITABLE = (
    ("pass support -o new.pass", "nobody to seal the pass to", 1),
    ("pass support -o new.pass --seal-to age1nonsense", "not an age recipient", 1),
    ("pass support -o acme.pass --seal-to {recipient}", "is there already", 1),
    ("pass support -o new.pass --reveal", "take one of them", 2),
    ("pass support --seal-to {recipient}", "add -o FILE", 2),
    ("pass nothing -o new.pass --seal-to {recipient}", "has no role of the grant nothing", 1),
)


def test_a_pass_that_cannot_be_written_says_why(stage: Stage) -> None:
    for command, words, code in UNWRITABLE:
        refused(stage.acme, f"gatepass {command.format(recipient=stage.recipient)}", words, code)

        assert not (stage.acme.home / "new.pass").exists(), command


def test_a_closed_door_has_nothing_to_hand_over(stage: Stage) -> None:
    done(stage.acme, "gatepass close support --wait 0s")

    refused(stage.acme, f"gatepass pass support -o new.pass --seal-to {stage.recipient}", "is not open")
    refused(stage.lead, "gatepass admit acme.pass --name acme-prod --yes", "does not open, and nothing was admitted")
    assert stage.customers() == REGISTER


INADMISSIBLE = (
    ("--verify-as netops", "does not make handshakes"),
    ("--verify-as elsewhere", "does not make handshakes"),
    ("--verify-as nobody", "no AWS credentials to use"),
    ("--stranger gatepass-verifier", "cannot play the stranger"),
    ("--stranger netops", "is not safe"),
    ("--team support=nobody", "there is no team nobody"),
    ("--team audit=netops", "the pass is for the grant support"),
    ("--keys-store keyring", "keyring"),
    ("--file nothing.yml", "nothing.yml"),
)


def test_what_cannot_be_admitted_leaves_everything_as_it_was(stage: Stage) -> None:
    for words, told in INADMISSIBLE:
        refused(stage.lead, f"gatepass admit acme.pass --name acme-prod --yes {words}", told)

        assert stage.customers() == REGISTER, words
        assert stage.kept("/gatepass/none-/acme-prod/support") is None, words


def test_a_customer_is_admitted_and_every_probe_is_the_verifiers_own(stage: Stage) -> None:
    stage.applies(stage.other, OTHER)
    stage.hands_over(stage.other, "other.pass")
    stage.admits("--name other", "other.pass")
    others_id = EXTERNAL_ID.search(done(stage.other, "gatepass pass support --reveal"))
    seen = len(stage.probes())

    told = stage.admits("--name acme-prod --company acme --team support=netops --stranger helpdesk -o receipt.json")

    right = EXTERNAL_ID.search(done(stage.acme, "gatepass pass support --reveal"))
    assert right is not None
    assert others_id is not None
    probes = stage.probes()[seen:]
    sent = [probe["requestParameters"].get("externalId") for probe in probes]
    assert {probe["requestParameters"]["sourceIdentity"] for probe in probes} == {"gatepass-verifier"}
    assert len(probes) == 8
    assert sent.count(right[0]) == 3
    assert sent.count(None) == 1
    assert others_id[0] not in sent
    assert "admitted: acme-prod/support" in told
    assert right[0] not in told
    assert right[0] in str(stage.kept())
    assert f"support: arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE_NAME}" in stage.customers()
    receipt = json.loads((stage.lead.home / "receipt.json").read_text(encoding="utf-8"))
    assert receipt["receipt"]["verdict"] == "sound"
    assert receipt["receipt"]["customer"] == CUSTOMER
    assert not EXTERNAL_ID.search(json.dumps(receipt))


def test_the_verifier_can_be_a_role_that_the_access_lead_enters(stage: Stage) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
        "Action": json.loads(ENTER),
    }
    anywhere = {"Effect": "Allow", "Action": json.loads(ENTER), "Resource": "*"}
    own = {**anywhere, "Resource": f"arn:aws:iam::{PROVIDER}:role/gatepass-verifier"}
    iam = stage.iam(PROVIDER)
    made = iam.create_role(RoleName="gatepass-verifier", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="gatepass-verifier", PolicyName="enter", PolicyDocument=policy(anywhere))
    iam.put_user_policy(UserName="lead-1", PolicyName="enter", PolicyDocument=policy(own))

    stage.admits(f"--name acme-prod --verify-as {made}")

    assert {probe["requestParameters"]["sourceIdentity"] for probe in stage.probes()} == {"gatepass-verifier"}
    assert "acme-prod" in stage.customers()


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_pass_is_admitted_once_and_a_rotation_brings_a_new_one(stage: Stage) -> None:
    stage.admits()
    first, register = stage.kept(), stage.customers()
    refused(stage.lead, "gatepass admit acme.pass --yes", "was admitted already")

    done(stage.acme, "gatepass rotate support --overlap 2h")
    stage.hands_over(stage.acme, "new.pass")
    told = stage.admits("", "new.pass")

    assert "only the second factor was replaced" in told
    without_pass = re.compile(r'last_pass:\n +support: "[^"]+"\n')
    assert without_pass.sub("", stage.customers()) == without_pass.sub("", register)
    assert stage.customers() != register
    assert stage.kept() not in (None, first)
    assert len(set(EXTERNAL_ID.findall(str(stage.kept())))) == 2


def test_everything_is_told_as_json_too(stage: Stage) -> None:
    admitted = json.loads(stage.admits("--name acme-prod --json"))
    verified = json.loads(done(stage.lead, "gatepass verify --all --json"))

    assert admitted["admitted"] == "acme-prod"
    assert admitted["key"]["is_new"]
    assert verified["verified"][0]["outcome"] == "sound"
    assert not EXTERNAL_ID.search(json.dumps([admitted, verified]))
