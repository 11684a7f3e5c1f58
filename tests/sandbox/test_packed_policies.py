"""Packed policies on a group of engineers, as AWS's own calls store, measure and decide them."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from gatepass.domain.documents import parse_document
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import GROUP_MANAGED, pack, roles_of
from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import PROVIDER, STRANGER, Keys, allow, client, enter, role, root, user

TAGS = [{"Key": "ticket", "Value": "7"}]


def gets_in(aws: EmbeddedAws, keys: Keys, arn: str, **options: object) -> bool:
    """Try to enter; only a refusal is a no."""
    try:
        enter(aws, keys, arn, RoleSessionName="netops-1", **options)
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            return False
        raise
    return True


def test_a_group_with_packed_policies_reaches_its_customers_and_nothing_else(aws: EmbeddedAws) -> None:
    support = role(aws, "support", allow("s3:*"), Path="/gatepass/")
    audit = role(aws, "audit", allow("s3:*"), Path="/gatepass/")
    outside = role(aws, "Admin", allow("s3:*"))
    # It trusts the provider's account and has the name and the external ID of a customer's.
    attackers = role(aws, "support", allow("s3:*"), account=STRANGER, Path="/gatepass/")
    others = [RoleArn(f"arn:aws:iam::{400_000_000_000 + number}:role/gatepass/support") for number in range(900)]
    assigned = [*others, RoleArn(support), RoleArn(outside)]
    iam = client(aws, "iam", root(aws, PROVIDER))
    netops = user(aws, PROVIDER, "netops-1", allow("s3:ListAllMyBuckets"))
    assert not gets_in(aws, netops, support, SourceIdentity="netops-1")

    iam.create_group(GroupName="NetOps")
    iam.add_user_to_group(GroupName="NetOps", UserName="netops-1")
    stored = []
    for number, document in enumerate(pack(assigned, GROUP_MANAGED).documents):
        arn = iam.create_policy(PolicyName=f"netops-{number}", PolicyDocument=document.text)["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="NetOps", PolicyArn=arn)
        read_back = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        stored.append(parse_document(_text(read_back)))

    assert len(stored) > 2
    for entered in (support, outside):
        assert not gets_in(aws, netops, entered)
        assert not gets_in(aws, netops, entered, SourceIdentity="netops-2")
        assert not gets_in(aws, netops, entered, Tags=TAGS)
        assert gets_in(aws, netops, entered, SourceIdentity="netops-1")
        assert gets_in(aws, netops, entered, SourceIdentity="netops-1", Tags=TAGS)
    for refused in (audit, attackers):
        assert not gets_in(aws, netops, refused, SourceIdentity="netops-1")
    assert roles_of(stored) == frozenset(assigned)


def _text(document: object) -> str:
    return document if isinstance(document, str) else json.dumps(document)
