"""Service and resource control policies of an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import (
    PROVIDER,
    STRANGER,
    allow,
    client,
    deny,
    document,
    enter,
    refused,
    role,
    root,
    user,
)

MANAGEMENT = "999988887777"


@dataclass(frozen=True)
class Organisation:
    """An organisation with one member account."""

    aws: EmbeddedAws
    service: Any
    root_id: str
    member: str

    def attach(self, kind: str, *statements: dict[str, Any], to: str = "") -> str:
        made = self.service.create_policy(
            Name=f"{kind}-{len(self.service.list_policies(Filter=kind)['Policies'])}",
            Description="",
            Type=kind,
            Content=document(*statements),
        )
        policy_id = str(made["Policy"]["PolicySummary"]["Id"])
        self.service.attach_policy(PolicyId=policy_id, TargetId=to or self.member)
        return policy_id


@pytest.fixture(scope="module")
def organisation(aws: EmbeddedAws) -> Organisation:
    service = client(aws, "organizations", root(aws, MANAGEMENT))
    service.create_organization(FeatureSet="ALL")
    root_id = service.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        service.enable_policy_type(RootId=root_id, PolicyType=kind)
    made = service.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]
    return Organisation(aws, service, root_id, str(made["AccountId"]))


def test_a_policy_type_that_is_off_cannot_be_attached(aws: EmbeddedAws) -> None:
    service = client(aws, "organizations", root(aws, "666655554444"))
    service.create_organization(FeatureSet="ALL")
    policy = service.create_policy(
        Name="p", Description="", Type="SERVICE_CONTROL_POLICY", Content=document(deny("s3:*"))
    )["Policy"]["PolicySummary"]["Id"]

    code, _ = refused(service.attach_policy, PolicyId=policy, TargetId=service.list_roots()["Roots"][0]["Id"])

    assert code == "PolicyTypeNotEnabledException"


def test_a_service_control_policy_binds_even_the_members_root_user(organisation: Organisation) -> None:
    policy = organisation.attach("SERVICE_CONTROL_POLICY", deny("s3:CreateBucket"))
    s3 = client(organisation.aws, "s3", root(organisation.aws, organisation.member))

    code, message = refused(s3.create_bucket, Bucket="forbidden")

    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in a service control policy")
    assert "Buckets" in s3.list_buckets()
    organisation.service.detach_policy(PolicyId=policy, TargetId=organisation.member)
    s3.create_bucket(Bucket="forbidden")


def test_the_management_account_is_not_bound(organisation: Organisation) -> None:
    policy = organisation.attach("SERVICE_CONTROL_POLICY", deny("s3:*"), to=organisation.root_id)
    member, management = (root(organisation.aws, account) for account in (organisation.member, MANAGEMENT))

    assert refused(client(organisation.aws, "s3", member).list_buckets)[0] == "AccessDenied"
    assert "Buckets" in client(organisation.aws, "s3", management).list_buckets()
    organisation.service.detach_policy(PolicyId=policy, TargetId=organisation.root_id)


def test_the_members_policies_limit_sessions_in_it_and_not_who_enters(organisation: Organisation) -> None:
    """The customer's SCP does not stop the foreign caller; it limits the role afterwards."""
    aws = organisation.aws
    policy = organisation.attach("SERVICE_CONTROL_POLICY", deny("sts:AssumeRole", "s3:*"))
    netops = user(aws, PROVIDER, "netops-1", allow("sts:AssumeRole"))
    arn = role(aws, "support", allow("s3:*", "sqs:*"), account=organisation.member)

    session = enter(aws, netops, arn)

    assert refused(client(aws, "s3", session).list_buckets)[0] == "AccessDenied"
    assert client(aws, "sqs", session).list_queues()
    organisation.service.detach_policy(PolicyId=policy, TargetId=organisation.member)


def test_an_identity_perimeter_keeps_outsiders_out_unless_they_are_listed(organisation: Organisation) -> None:
    """AWS's published resource control policy, with the provider's account listed."""
    aws = organisation.aws
    perimeter = {
        **deny("sts:AssumeRole"),
        "Principal": "*",
        "Condition": {
            "StringNotEqualsIfExists": {
                "aws:PrincipalOrgID": organisation.service.describe_organization()["Organization"]["Id"],
                "aws:PrincipalAccount": [PROVIDER],
            },
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    netops = user(aws, PROVIDER, "netops-2", allow("sts:AssumeRole"))
    stranger = user(aws, STRANGER, "netops-2", allow("sts:AssumeRole"))
    open_to_all = [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
    arn = role(aws, "perimeter", account=organisation.member, trusts=open_to_all)
    assert enter(aws, stranger, arn)

    policy = organisation.attach("RESOURCE_CONTROL_POLICY", perimeter)

    assert refused(enter, aws, stranger, arn)[0] == "AccessDenied"
    assert enter(aws, netops, arn)
    organisation.service.detach_policy(PolicyId=policy, TargetId=organisation.member)
