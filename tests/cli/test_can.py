"""The command can, asked of live accounts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "gp1.7KQ2M9XW4T.EXAMPLE"}}},
        {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
    ],
}  # fmt: skip


def test_the_chain_is_read_from_both_accounts_by_profile(cloud: Cloud, tmp_path: Path) -> None:
    keys = {name: cloud.aws.root_credentials(account) for name, account in (("us", PROVIDER), ("them", CUSTOMER))}
    iam = cloud.client("iam", keys["them"])
    iam.create_role(RoleName="support", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="support", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    cloud.user(PROVIDER, "alice", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    cloud.user(PROVIDER, "bob", '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}')
    profiles = "".join(
        f"[{name}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n" for name, (key, secret) in keys.items()
    )
    (tmp_path / "credentials").write_text(profiles, encoding="utf-8")
    asked = Person(tmp_path, {"AWS_ENDPOINT_URL": cloud.aws.endpoint})
    question = f"--role arn:aws:iam::{CUSTOMER}:role/support --provider-profile us --customer-profile them --json"

    refused = asked.types(f"gatepass can arn:aws:iam::{PROVIDER}:user/bob s3:GetObject {question}")
    deletes = asked.types(f"gatepass can arn:aws:iam::{PROVIDER}:user/alice s3:DeleteObject {question}")
    reads = asked.types(f"gatepass can arn:aws:iam::{PROVIDER}:user/alice s3:GetObject {question}")

    assert (refused.returncode, len(json.loads(refused.stdout)["chain"])) == (3, 1)
    assert (deletes.returncode, len(json.loads(deletes.stdout)["chain"])) == (3, 3)
    assert (reads.returncode, json.loads(reads.stdout)["answer"]) == (0, "yes")
    assert "EXAMPLE" not in reads.stdout + deletes.stdout + refused.stdout


def test_a_question_that_names_the_role_twice_is_a_wrong_use(tmp_path: Path) -> None:
    finished = Person(tmp_path).types(
        f"gatepass can arn:aws:iam::{PROVIDER}:user/alice s3:GetObject --role x --grant y"
    )

    assert finished.returncode == 2


def test_a_customers_role_is_found_by_its_grant(cloud: Cloud, tmp_path: Path) -> None:
    """The tag finds it, whatever the role is called and whatever file was applied."""
    admin = cloud.administrator(tmp_path)
    access = 'gatepass: customer\nversion: 1\naccount: "444455556666"\nnaming: {org: HIO}\ngrants:\n  support:\n'
    access += '    provider: "111122223333"\n    permissions: [SecurityAudit]\n'
    (tmp_path / "access.yml").write_text(access, encoding="utf-8")
    assert admin.types("gatepass apply --yes").returncode == 0
    cloud.user(PROVIDER, "alice", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
    for account in (PROVIDER, CUSTOMER):
        details = cloud.client("iam", cloud.aws.root_credentials(account)).get_account_authorization_details()
        (tmp_path / account).write_text(json.dumps(details, default=str), encoding="utf-8")
    asked = Person(tmp_path)
    alice = f"gatepass can arn:aws:iam::{PROVIDER}:user/alice"
    at_hand = f"--account-file {PROVIDER} --account-file {CUSTOMER} --customer {CUSTOMER}"

    assert asked.types(f"{alice} s3:DeleteObject {at_hand} --grant support").returncode == 3
    assert asked.types(f"{alice} iam:ListRoles {at_hand} --grant support --external-id-unknown").returncode == 3
    assert asked.types(f"{alice} iam:ListRoles {at_hand} --grant support").returncode == 0
    assert "no role of the grant audit" in asked.types(f"{alice} iam:ListRoles {at_hand} --grant audit").stdout
    assert asked.types(f"{alice} iam:ListRoles {at_hand}").returncode == 2
    assert asked.types(f"{alice} iam:ListRoles --customer acme --grant support {at_hand[:29]}").returncode == 1
