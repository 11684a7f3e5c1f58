"""A provider's file, planned and applied: the right team gets in, nobody else does, and the tool proves it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.rights_story import stage, typed
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support: {provider: "111122223333", permissions: [AmazonS3ReadOnlyAccess], second_factor: none}
  audit: {provider: "111122223333", permissions: [SecurityAudit], second_factor: none}
"""
REGISTER = """\
gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_groups: [NetOps]}
  auditors: {iam_roles: [Auditors]}
customers:
  acme-prod:
    company: acme
    account: "444455556666"
    key: 7KQ2M9XW4T
    roles:
      support: arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support
      audit: arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-audit
    teams: {support: [netops], audit: [auditors]}
"""
SUPPORT = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-111122223333-support"
AUDIT = SUPPORT.replace("support", "audit")
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}]}'


class Provider:
    """The provider's account: maria in the group NetOps, olaf in none, the role Auditors that olaf may take."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.root = cloud.aws.root_credentials(PROVIDER)
        self.iam = cloud.client("iam", self.root)
        self.iam.create_group(GroupName="NetOps")
        self.iam.create_role(RoleName="Auditors", AssumeRolePolicyDocument=TRUST)
        only_list = '{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}'
        self.maria = cloud.user(PROVIDER, "maria", only_list)
        own_role = f'{{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": "arn:aws:iam::{PROVIDER}:role/Auditors"}}'
        self.olaf = cloud.user(PROVIDER, "olaf", own_role)
        self.iam.add_user_to_group(GroupName="NetOps", UserName="maria")

    def enter(self, keys: tuple[str, str], role: str, name: str = "", token: str | None = None) -> Any:  # noqa: ANN401 - boto3's
        request = {"SourceIdentity": name} if name else {}
        return self.cloud.client("sts", keys, token).assume_role(RoleArn=role, RoleSessionName="session", **request)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with stage(tmp_path) as cloud:
        (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")
        (tmp_path / "customers.yml").write_text(REGISTER, encoding="utf-8")
        assert typed("apply --yes --wait 0s", cloud.aws.root_credentials(CUSTOMER)).code == 0
        yield Provider(cloud)


def test_options_of_a_customers_file_are_refused(provider: Provider) -> None:
    for command in ("plan customers.yml --prune", "plan customers.yml --out saved", "apply customers.yml --prune"):
        came = typed(command, provider.root)
        assert came.code == 2
        assert "is for a customer's file" in came.text


def test_credentials_of_another_account_are_refused(provider: Provider) -> None:
    came = typed("plan customers.yml", provider.cloud.aws.root_credentials(CUSTOMER))

    assert came.code == 1
    assert "these credentials are for account 444455556666" in came.text


def test_a_group_that_does_not_exist_stops_everything_and_its_place_is_told(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "customers.yml").write_text(REGISTER.replace("[NetOps]", "[Netops]"), encoding="utf-8")

    came = typed("apply customers.yml --yes", provider.root)

    assert came.code == 1
    assert "customers.yml:5:25: account 111122223333 has no group Netops for the team netops" in came.text
    assert "did you mean NetOps?" in came.text
    assert provider.iam.list_policies(Scope="Local")["Policies"] == []


def test_without_yes_nobody_at_a_terminal_changes_nothing(provider: Provider) -> None:
    assert typed("apply customers.yml", provider.root).code == 2
    assert provider.iam.list_policies(Scope="Local")["Policies"] == []


def test_only_the_assigned_team_gets_in_and_only_under_its_own_name(provider: Provider) -> None:
    planned = typed("plan customers.yml", provider.root)
    assert planned.code == 3
    assert "netops: 1 customer by group NetOps, +1" in planned.text

    came = typed("apply customers.yml --yes", provider.root)
    assert came.code == 0, came.text
    assert "nobody but the assigned teams gets in" in came.text

    for keys, role, name in (
        (provider.olaf, SUPPORT, "olaf"), (provider.olaf, AUDIT, "olaf"), (provider.maria, AUDIT, "maria"),
        (provider.maria, SUPPORT, "olaf"), (provider.maria, SUPPORT, ""),
    ):  # fmt: skip
        with pytest.raises(ClientError, match="AccessDenied"):
            provider.enter(keys, role, name)
    assert provider.enter(provider.maria, SUPPORT, "maria")
    auditor = provider.enter(provider.olaf, f"arn:aws:iam::{PROVIDER}:role/Auditors", "olaf")["Credentials"]
    keys, token = (auditor["AccessKeyId"], auditor["SecretAccessKey"]), auditor["SessionToken"]
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(keys, SUPPORT, token=token)
    assert provider.enter(keys, AUDIT, token=token)
    assert typed("plan customers.yml", provider.root).code == 0


def test_a_customer_that_left_is_reached_by_nobody(provider: Provider, tmp_path: Path) -> None:
    assert typed("apply customers.yml --yes", provider.root).code == 0
    (tmp_path / "customers.yml").write_text(REGISTER.replace("support: [netops], ", ""), encoding="utf-8")

    came = typed("apply customers.yml --yes", provider.root)

    assert "netops: 0 customers, -1" in came.text
    with pytest.raises(ClientError, match="AccessDenied"):
        provider.enter(provider.maria, SUPPORT, "maria")


def test_a_stranger_with_a_way_of_his_own_is_found_and_told_in_the_plan_too(provider: Provider) -> None:
    provider.cloud.user(PROVIDER, "eve", f'{{"Effect": "Allow", "Action": "sts:*", "Resource": "{SUPPORT}"}}')

    for command, code in (("plan customers.yml", 3), ("apply customers.yml --yes", 3)):
        came = typed(command, provider.root)
        assert came.code == code
        assert f"- arn:aws:iam::{PROVIDER}:user/eve: {SUPPORT}" in came.text
    assert "somebody gets in who is not assigned" in came.text


def test_a_folder_is_a_register_too_and_json_tells_the_same(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "provider.yml").write_text(REGISTER, encoding="utf-8")

    came = typed("apply book --yes --json", provider.root)

    facts = json.loads(came.text)
    assert came.code == 0
    assert facts["proof"] == {"holds": True, "principals": 3, "roles": 2}
    assert [team["customers"] for team in facts["teams"]] == [1, 1]
    assert len(facts["made"]) == 8


def test_profiles_are_written_for_the_engineer_and_taken_out_again(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1", encoding="utf-8")

    refused = typed("profiles sync --team nobody", provider.maria)
    assert refused.code == 1
    came = typed("profiles sync --team netops", provider.maria)
    assert came.code == 0, came.text
    assert "+ gatepass-acme-prod" in came.text
    assert "credential_process = gatepass credential-process acme-prod/support" in (tmp_path / "config").read_text()
    facts = json.loads(typed("profiles sync --team netops --json", provider.maria).text)
    assert (facts["changed"], [each["name"] for each in facts["profiles"]]) == (False, ["gatepass-acme-prod"])

    assert "- gatepass-acme-prod" in typed("profiles sync --remove", provider.maria).text
    assert (tmp_path / "config").read_text() == "[default]\nregion = eu-west-1"
