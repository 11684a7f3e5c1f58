"""Two customers rotated from one desk: each account entered by a profile of its own, files handed over in S3 and SSM."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatepass.adapters.pinned_keys import FileProviderPins
from gatepass.domain.identifiers import AccountId
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.signed_file import parse_public_key
from tests.cli.handover import EXTERNAL_ID, OTHER, REGISTER, ROLE_NAME, done, refused
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

ACCOUNTS = {CUSTOMER: "acme-prod", OTHER: "globex-prod"}
FILE = """\
gatepass: customer
version: 1
account: "{account}"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3FullAccess]
    seal_to: {seal_to}
"""
BUCKET = "handover-of-passes"
# Whoever works here may use the places where files lie, and nothing in the customers' accounts.
PLACES = f"""\
{{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::{BUCKET}/*"}},
{{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::{BUCKET}"}},
{{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}}"""
ROTATES = "gatepass fleet rotate --files accounts --via-profile in-{account}"


@dataclass
class Desk:
    """A company with two accounts, and the provider that serves both."""

    cloud: Cloud
    ops: Person
    lead: Person

    def ids(self) -> dict[str, set[str]]:
        """Return the external IDs that each account's role takes."""
        found = {}
        for account in ACCOUNTS:
            iam = self.cloud.client("iam", self.cloud.aws.root_credentials(account))
            trust = iam.get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
            found[account] = set(EXTERNAL_ID.findall(json.dumps(trust)))
        return found

    def kept(self) -> dict[str, set[str]]:
        """Return the external ID that the provider's store holds as current for each account."""
        ssm = self.cloud.client("ssm", self.cloud.aws.root_credentials(PROVIDER))
        names = {account: f"/gatepass/netops/{name}/support" for account, name in ACCOUNTS.items()}
        values = {
            account: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
            for account, name in names.items()
        }
        return {account: current(value) for account, value in values.items()}

    def lie_in_s3(self) -> dict[str, str]:
        """Return what lies in the bucket."""
        s3 = self.cloud.client("s3", self.cloud.aws.root_credentials(PROVIDER))
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix="night/").get("Contents", ())
        return {one["Key"]: s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read().decode() for one in found}


@pytest.fixture
def desk(cloud: Cloud, tmp_path: Path) -> Desk:
    cloud.client("s3", cloud.aws.root_credentials(PROVIDER)).create_bucket(Bucket=BUCKET)
    ops = cloud.person(tmp_path / "ops", cloud.user(PROVIDER, "ops-1", PLACES))
    lead = cloud.person(tmp_path / "lead", cloud.user(PROVIDER, "lead-1", PLACES))
    verifier = cloud.user(PROVIDER, "gatepass-verifier", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    (lead.home / "credentials").write_text(profile("gatepass-verifier", *verifier), encoding="utf-8")
    (lead.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
    public = json.loads(done(lead, "gatepass keys init --name Harbour --json"))
    state = ops.home / "state" / "gatepass"
    FileProviderPins(state / "providers").pin(AccountId(PROVIDER), parse_public_key(public["signing_key"]))
    inside = {account: cloud.aws.root_credentials(account) for account in ACCOUNTS}
    text = "".join(profile(f"in-{account}", *keys) for account, keys in inside.items())
    (ops.home / "credentials").write_text(text, encoding="utf-8")
    (ops.home / "accounts").mkdir()
    for account, keys in inside.items():
        file = ops.home / "accounts" / f"{account}.yml"
        file.write_text(FILE.format(account=account, seal_to=public["seal_to"]), encoding="utf-8")
        owner = cloud.person(ops.home, keys)
        done(owner, f"gatepass apply accounts/{account}.yml --yes --wait 0s")
        done(owner, f"gatepass pass support -o {account}.pass --seal-to {public['seal_to']}")
        (lead.home / f"{account}.pass").write_bytes((ops.home / f"{account}.pass").read_bytes())
        done(lead, f"gatepass admit {account}.pass --name {ACCOUNTS[account]} --team support=netops --yes")
    return Desk(cloud, ops, lead)


def current(text: str) -> set[str]:
    kept = parse_kept(text)
    assert isinstance(kept, KeptFactor)
    assert kept.factor is not None
    return {kept.factor.external_id.reveal()}


def profile(name: str, key: str, secret: str) -> str:
    return f"[{name}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"


def of_two(told: str) -> bool:
    return "2 of 2, 2 done, 0 failed" in told


def test_passes_and_receipts_lie_in_s3_and_then_in_a_shared_secret_store(desk: Desk) -> None:
    first = desk.ids()
    refused(desk.ops, f"{ROTATES} --passes s3://", "names no bucket", 2)
    refused(desk.ops, f"{ROTATES} --passes ssm:", "name", 1)
    assert desk.ids() == first
    refused(desk.ops, f"{ROTATES} --passes s3://not-ours/night", "2 of 2, 0 done, 2 failed", 3)
    refused(desk.ops, "gatepass fleet failures", "s3:GetObject on s3://not-ours/night/", 3)
    both = desk.ids()
    assert all(first[account] < ids for account, ids in both.items()), "the one that the provider has opens as before"

    in_s3 = f"{ROTATES} --passes s3://{BUCKET}/night"
    assert of_two(done(desk.ops, in_s3))
    assert desk.ids() == both, "what was drawn is handed over, and nothing drawn again"
    assert sorted(desk.lie_in_s3()) == [f"night/{account}-support.pass.json" for account in sorted(ACCOUNTS)]
    assert of_two(done(desk.lead, f"gatepass fleet admit s3://{BUCKET}/night"))
    assert of_two(done(desk.ops, in_s3))

    second = desk.ids()
    assert desk.kept() == second
    assert all(len(ids) == 1 and ids != first[account] for account, ids in second.items())
    handed_over = "".join(desk.lie_in_s3().values())
    assert not re.findall(EXTERNAL_ID, handed_over)

    assert of_two(done(desk.ops, f"{ROTATES} --passes ssm:handover"))
    assert of_two(done(desk.lead, "gatepass fleet admit ssm:handover"))
    assert of_two(done(desk.ops, f"{ROTATES} --passes ssm:handover"))

    third = desk.ids()
    assert desk.kept() == third
    assert all(len(ids) == 1 and ids != second[account] for account, ids in third.items())
    assert "2 skipped" in done(desk.lead, "gatepass fleet admit ssm:handover")
