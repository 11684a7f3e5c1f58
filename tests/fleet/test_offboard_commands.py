"""The provider leaves a customer, as typed, in an AWS that enforces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.handover import done, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.local_store import local_store

REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: 7KQ2M9XW4T
    roles: {{support: arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support}}
    teams: {{support: [netops]}}
"""
LEAVES = "gatepass fleet offboard --customer acme-prod --store file"


def kept(lead: Person) -> frozenset[str]:
    return local_store(lead.home).names("")


def test_a_customer_is_left_once_and_for_all(cloud: Cloud, tmp_path: Path) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(PROVIDER))
    iam.create_group(GroupName="NetOps")
    cloud.user(PROVIDER, "maria", '{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}')
    iam.add_user_to_group(GroupName="NetOps", UserName="maria")
    lead = cloud.person(tmp_path / "lead", cloud.aws.root_credentials(PROVIDER))
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    done(lead, "gatepass apply customers.yml --store file --yes")
    local_store(lead.home).put("netops/acme-prod/support", "gp1.KEY.CODE")

    refused(lead, LEAVES, "there are no keys of account", 1)
    assert "netops/acme-prod/support" in kept(lead)
    done(lead, "gatepass keys init --name Harbour")

    told = done(lead, f"{LEAVES} --dry-run")
    assert f"take out acme-prod, account {CUSTOMER}" in told
    assert "store: delete netops/acme-prod/support" in told
    assert "netops/acme-prod/support" in kept(lead)
    assert iam.list_policies(Scope="Local")["Policies"]

    told = done(lead, LEAVES)
    assert "1 of 1, 1 done, 0 failed" in told
    assert f"no user or role of account {PROVIDER}, administrators aside, may enter these roles" in told
    assert "gp1." not in told
    assert kept(lead) == {f"provider/{PROVIDER}/keys"}
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert "acme-prod" not in (lead.home / "customers.yml").read_text(encoding="utf-8")
    text = (lead.home / "offboarding-acme-prod.json").read_text(encoding="utf-8")
    proof = json.loads(text)["offboarding"]
    assert (proof["holds"], proof["account"], proof["reached_by"]) == (True, CUSTOMER, [])
    assert proof["second_factors_deleted"] == ["netops/acme-prod/support"]
    the_customer_checks_it_alone(lead, Person(tmp_path), text)

    assert "1 of 1, 1 done, 0 failed" in done(lead, LEAVES), "once more by its own proof"
    refused(lead, f"{LEAVES} -o other.json", "could not begin", 1)


def the_customer_checks_it_alone(lead: Person, admin: Person, text: str) -> None:
    """With no account and no register: as long as nobody there knows the key, it is not taken for proved."""
    fingerprint = json.loads(done(lead, "gatepass keys show --json"))["fingerprint"]
    proof = admin.home / "proof.json"
    proof.write_text(text.replace('"holds": true', '"holds": false'), encoding="utf-8")
    refused(admin, f"gatepass audit check proof.json --key {fingerprint}", "signature of the proof is not right", 1)
    proof.write_text(text, encoding="utf-8")
    refused(admin, "gatepass audit check proof.json", "nobody here knows it", 3)
    refused(admin, f"gatepass audit check proof.json --key {fingerprint[::-1]}", "not the key that you know", 3)

    told = done(admin, f"gatepass audit check proof.json --key {fingerprint.lower()}")
    facts = json.loads(done(admin, f"gatepass audit check proof.json --key {fingerprint} --json"))

    assert "proved at" in told
    assert "it is the key that you gave" in told
    assert (facts["sound"], facts["holds"], facts["account"]) == (True, True, CUSTOMER)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "say who goes"),
        ("--engineer maria --customer acme-prod", "say who goes"),
        ("--engineer maria", "goes by the customers' --files"),
        ("--customer acme-prod --files access.yml", "are the customer's side"),
        ("--customer acme-prod -o nowhere/proof.json", "there is no folder"),
        ("--customer ACME", "cannot name a customer"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, words: str, told: str) -> None:
    person = Person(tmp_path)
    finished = person.types(f"gatepass fleet offboard {words}")
    assert finished.returncode in {1, 2}
    assert told in finished.stdout
