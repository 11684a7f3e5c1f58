"""What was admitted is proved again, typed as people type it, against an AWS that enforces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.handover import EXTERNAL_ID, ROLE_NAME, Stage, done, handover, refused
from tests.conftest import Cloud


@pytest.fixture
def stage(cloud: Cloud, tmp_path: Path) -> Stage:
    return handover(cloud, tmp_path)


def test_verify_puts_an_opened_role_into_quarantine_until_it_is_sound(stage: Stage) -> None:
    stage.admits()
    before = stage.kept()
    trust = stage.iam().get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
    done(stage.lead, "gatepass verify acme-prod")
    stage.opens_to_anybody()

    told = refused(stage.lead, "gatepass verify acme-prod/support", "acme-prod/support: quarantined", 3)

    assert "BAD opened   no external ID" in told
    assert "quarantined" in str(stage.kept())
    assert not EXTERNAL_ID.search(str(stage.kept()))
    stage.iam().update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=json.dumps(trust))
    assert "released from quarantine" in done(stage.lead, "gatepass verify --all")
    assert stage.kept() == before


def test_a_closed_door_is_told_by_verify_and_nothing_is_withheld(stage: Stage) -> None:
    stage.admits()
    before = stage.kept()
    done(stage.acme, "gatepass close support --wait 0s")

    refused(stage.lead, "gatepass verify --all", "does not open; nothing is withheld", 3)

    assert stage.kept() == before


IMPOSSIBLE = (
    ("", "name one customer, or --all", 2),
    ("acme-prod --all", "name one customer, or --all", 2),
    ("nobody", "the register has no customer nobody", 1),
    ("Acme", "cannot name a customer", 1),
    ("--all -o customers.yml", "is there already", 2),
    ("--all --verify-as netops", "does not make handshakes", 1),
)


def test_verify_refuses_what_it_cannot_do(stage: Stage) -> None:
    for words, told, code in IMPOSSIBLE:
        refused(stage.lead, f"gatepass verify {words}", told, code)
