"""The printed policies, attached to an organisation for real: refusals first, then what must still work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from gatepass.adapters.iam_roles import IamRoles
from gatepass.domain.identifiers import GrantName
from gatepass.usecases.hand_over import hand_over
from tests.cli.rights_story import stage, typed
from tests.conftest import PROVIDER, Cloud

MANAGEMENT, STRANGER = "999988887777", "777788889999"
EVERYTHING = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
ACCESS = """\
gatepass: customer
version: 1
account: "{member}"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3ReadOnlyAccess]
  plain:
    provider: "111122223333"
    permissions: [SecurityAudit]
    second_factor: none
"""
KINDS = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}
TRUST_ALL = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [TRUST_ALL]})


@dataclass(frozen=True)
class Company:
    """A member of an organisation under both policies, with its people and its provider's."""

    cloud: Cloud
    member: str
    admin: tuple[str, str]
    developer: tuple[str, str]
    engineer: tuple[str, str]

    def role(self, name: str) -> str:
        return f"arn:aws:iam::{self.member}:role{name}"

    def support_id(self) -> str:
        session = boto3.Session(*self.cloud.aws.root_credentials(self.member), region_name="us-east-1")
        (handed,) = hand_over(GrantName("support"), IamRoles(session))
        assert handed.external_id is not None
        return handed.external_id.reveal()

    def enter(self, keys: tuple[str, str], role: str, **request: str) -> Any:  # noqa: ANN401 - boto3's
        sts = self.cloud.client("sts", keys)
        return sts.assume_role(RoleArn=role, RoleSessionName="somebody", **request)["Credentials"]


SUPPORT = f"/gatepass/ServiceProvider-{PROVIDER}-support"
PLAIN = f"/gatepass/ServiceProvider-{PROVIDER}-plain"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Two doors stand open that were made before: one of ours to everybody, and one elsewhere."""
    home = tmp_path_factory.mktemp("company")
    with stage(home) as cloud:
        service = cloud.client("organizations", cloud.aws.root_credentials(MANAGEMENT))
        service.create_organization(FeatureSet="ALL")
        for kind in KINDS.values():
            service.enable_policy_type(RootId=service.list_roots()["Roots"][0]["Id"], PolicyType=kind)
        made = service.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]
        member = str(made["AccountId"])
        admin, developer = (cloud.user(member, name, EVERYTHING) for name in ("sec-admin", "developer"))
        engineer = cloud.user(PROVIDER, "netops-1", EVERYTHING)
        (home / "access.yml").write_text(ACCESS.format(member=member), encoding="utf-8")
        assert typed("apply --yes --wait 0s", admin).code == 0
        iam = cloud.client("iam", admin)
        for path, name in (("/", "elsewhere"), ("/gatepass/", "wide-open")):
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)
        company = Company(cloud, member, admin, developer, engineer)
        # Everything is open before, so that what is refused afterwards is refused by the policies.
        stranger = cloud.user(STRANGER, "before", EVERYTHING)
        assert company.enter(stranger, company.role("/elsewhere"))
        assert company.enter(engineer, company.role("/gatepass/wide-open"))
        printed = typed(
            "render guardrail access.yml --admins user/sec-* -o out", cloud.aws.root_credentials(MANAGEMENT)
        )
        assert printed.code == 0, printed.text
        _attach(service, home / "out", member)
        yield company


def _attach(service: Any, folder: Path, member: str) -> None:  # noqa: ANN401 - boto3's
    for kind, name in KINDS.items():
        content = (folder / f"{kind}.json").read_text(encoding="utf-8")
        made = service.create_policy(Name=kind, Description="", Type=name, Content=content)["Policy"]
        service.attach_policy(PolicyId=made["PolicySummary"]["Id"], TargetId=member)


def test_another_account_enters_nowhere(company: Company) -> None:
    stranger = company.cloud.user(STRANGER, "mallory", EVERYTHING)

    for role in ("/elsewhere", "/gatepass/wide-open"):
        for request in ({}, {"ExternalId": "anything"}):
            with pytest.raises(ClientError, match="AccessDenied"):
                company.enter(stranger, company.role(role), **request)


def test_the_provider_enters_no_role_elsewhere(company: Company) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        company.enter(company.engineer, company.role("/elsewhere"), ExternalId="anything")


def test_the_provider_enters_no_role_of_ours_without_an_external_id(company: Company) -> None:
    """Even one whose trust policy forgot to ask."""
    with pytest.raises(ClientError, match="AccessDenied"):
        company.enter(company.engineer, company.role("/gatepass/wide-open"))


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "makes a role of ours": ("create_role", {"RoleName": "x", "Path": "/gatepass/", "AssumeRolePolicyDocument": TRUST}),
    "changes who may enter": ("update_assume_role_policy", {"RoleName": "wide-open", "PolicyDocument": TRUST}),
    "takes the switch away": ("delete_role_policy", {"RoleName": "wide-open", "PolicyName": "gatepass-switch"}),
    "takes a boundary away": ("delete_role_permissions_boundary", {"RoleName": "wide-open"}),
    "gives more": (
        "attach_role_policy",
        {"RoleName": "wide-open", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "deletes it": ("delete_role", {"RoleName": "wide-open"}),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("who", ["developer", "root"])
def test_who_is_no_administrator_neither(company: Company, who: str, write: str) -> None:
    keys = company.developer if who == "developer" else company.cloud.aws.root_credentials(company.member)
    operation, request = WRITES[write]

    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        getattr(company.cloud.client("iam", keys), operation)(**request)


def test_a_developer_cannot_open_a_door_with_gatepass_and_is_told_why(company: Company) -> None:
    refused = typed("close support --wait 0s", company.developer)

    assert refused.code == 1
    assert "explicit deny in a service control policy" in refused.text


def test_a_developer_works_on_as_before_elsewhere(company: Company) -> None:
    iam = company.cloud.client("iam", company.developer)

    iam.update_assume_role_policy(RoleName="elsewhere", PolicyDocument=TRUST)
    assert iam.get_role(RoleName="wide-open")["Role"]["RoleName"] == "wide-open"


def test_the_providers_engineer_enters_with_the_right_id(company: Company) -> None:
    assert company.enter(company.engineer, company.role(SUPPORT), ExternalId=company.support_id())


def test_a_grant_without_a_second_factor_still_opens(company: Company) -> None:
    assert company.enter(company.engineer, company.role(PLAIN))


def test_colleagues_in_the_organisation_enter_as_before(company: Company) -> None:
    """Of the same account and of another one."""
    manager = company.cloud.user(MANAGEMENT, "deployer", EVERYTHING)

    for keys in (company.developer, manager):
        assert company.enter(keys, company.role("/elsewhere"))


def test_the_administrator_moves_the_switch_and_applies_under_the_policies(company: Company) -> None:
    for command in ("close support --wait 0s", "open support", "rotate support", "revoke support", "plan"):
        assert typed(command, company.admin).code == 0, command
    assert company.enter(company.engineer, company.role(SUPPORT), ExternalId=company.support_id())

    assert typed("withdraw plain --yes", company.admin).code == 0
    assert typed("apply --yes --wait 0s", company.admin).code == 0
    assert company.enter(company.engineer, company.role(PLAIN))


def test_the_organisation_is_asked_of_aws_only_when_nobody_names_it(company: Company, tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(ACCESS.format(member=company.member), encoding="utf-8")
    lonely = company.cloud.user(STRANGER, "lonely", EVERYTHING)
    command = f"render guardrail {tmp_path}/access.yml --kind rcp"

    refused = typed(command, lonely)
    named = typed(f"{command} --organization o-a1b2c3d4e5", lonely)

    assert refused.code == 1
    assert "next: name the organisation with --organization" in refused.text
    assert named.code == 0
    assert '"o-a1b2c3d4e5"' in named.text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", "name them with --admins"),
        ("--admins role/*", "names no administrators"),
        ("--kind rcp --organization acme", "is not the ID of an organisation"),
        ("--admins role/Sec --organization o-a1b2c3d4e5 -o access.yml", "cannot be written to"),
    ],
)
def test_what_cannot_be_rendered_is_told_and_nothing_is_printed(company: Company, options: str, told: str) -> None:
    refused = typed(f"render guardrail access.yml {options}", company.developer)

    assert refused.code in (1, 2)
    assert told in refused.text
    assert '"Statement"' not in refused.text
