"""IAM: AWS's own policies, groups, boundaries, tags, and a user's own business."""

from __future__ import annotations

from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import (
    CUSTOMER,
    STRANGER,
    allow,
    client,
    deny,
    document,
    refused,
    role,
    root,
    trust,
    user,
)

S3_FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@pytest.fixture(scope="module")
def iam(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - boto3's
    return client(aws, "iam", root(aws, CUSTOMER))


class TestAwsPolicies:
    """AWS's own managed policies, of which there is one copy for all accounts."""

    def test_every_account_sees_them_and_counts_its_own_attachments(self, aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
        other = client(aws, "iam", root(aws, STRANGER))
        before = other.get_policy(PolicyArn=S3_FULL)["Policy"]["AttachmentCount"]
        role(aws, "attaching")
        for _ in range(2):
            iam.attach_role_policy(RoleName="attaching", PolicyArn=S3_FULL)

        assert iam.get_policy(PolicyArn=S3_FULL)["Policy"]["AttachmentCount"] >= 1
        assert other.get_policy(PolicyArn=S3_FULL)["Policy"]["AttachmentCount"] == before == 0
        attached = iam.list_policies(Scope="AWS", OnlyAttached=True)["Policies"]
        assert S3_FULL in {each["Arn"] for each in attached}
        details = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"])["Policies"]
        (detail,) = [each for each in details if each["Arn"] == S3_FULL]
        assert detail["PolicyVersionList"][0]["Document"]["Statement"]

    def test_they_are_listed_and_read(self, iam: Any) -> None:  # noqa: ANN401 - boto3's
        pages = iam.get_paginator("list_policies").paginate(Scope="AWS")
        names = {each["PolicyName"] for page in pages for each in page["Policies"]}
        version = iam.get_policy(PolicyArn=S3_FULL)["Policy"]["DefaultVersionId"]

        assert len(names) > 1_000
        assert {"AmazonEC2ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess", "ReadOnlyAccess"} <= names
        read = iam.get_policy_version(PolicyArn=S3_FULL, VersionId=version)["PolicyVersion"]["Document"]
        assert "s3:*" in read["Statement"][0]["Action"]

    def test_nobody_changes_them(self, iam: Any) -> None:  # noqa: ANN401 - boto3's
        wider = document(allow("*"))

        for call, more in (
            (iam.delete_policy, {}),
            (iam.create_policy_version, {"PolicyDocument": wider, "SetAsDefault": True}),
            (iam.delete_policy_version, {"VersionId": "v1"}),
            (iam.set_default_policy_version, {"VersionId": "v1"}),
            (iam.tag_policy, {"Tags": [{"Key": "k", "Value": "v"}]}),
        ):
            assert refused(call, PolicyArn=S3_FULL, **more)

    def test_one_that_does_not_exist_cannot_be_attached(self, aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
        role(aws, "unattached")

        code, _ = refused(iam.attach_role_policy, RoleName="unattached", PolicyArn="arn:aws:iam::aws:policy/Nothing")

        assert code == "NoSuchEntity"


def test_a_users_groups_and_boundary_count(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    keys = user(aws, CUSTOMER, "grouped")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    s3 = client(aws, "s3", keys)
    assert refused(s3.list_buckets)[0] == "AccessDenied"

    iam.add_user_to_group(GroupName="readers", UserName="grouped")
    assert "Buckets" in s3.list_buckets()

    edge = iam.create_policy(PolicyName="OnlySqs", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="grouped", PermissionsBoundary=edge)
    assert refused(s3.list_buckets)[1].endswith("because no permissions boundary allows the s3:ListAllMyBuckets action")
    assert iam.get_user(UserName="grouped")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == edge
    assert refused(iam.delete_policy, PolicyArn=edge)[0] == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName="grouped")
    assert "Buckets" in s3.list_buckets()


def test_who_may_not_lift_a_boundary_cannot(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    """The condition keys that stop whoever may write IAM from freeing itself."""
    edge = iam.create_policy(PolicyName="Edge2", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": edge}}
    writer = client(aws, "iam", user(aws, CUSTOMER, "writer", allow("iam:*Role*", Condition=bounded)))
    made = {"RoleName": "by-writer", "AssumeRolePolicyDocument": document(*trust())}

    assert refused(writer.create_role, **made)[0] == "AccessDenied"
    writer.create_role(**made, PermissionsBoundary=edge)
    writer.put_role_policy(RoleName="by-writer", PolicyName="p", PolicyDocument=document(allow("*")))
    iam.delete_role_permissions_boundary(RoleName="by-writer")
    code, _ = refused(writer.put_role_policy, RoleName="by-writer", PolicyName="q", PolicyDocument=document(allow("*")))
    assert code == "AccessDenied"


def test_tags_on_roles_guard_them(aws: EmbeddedAws) -> None:
    """A Deny on everything that carries a tag, as Gatepass puts on its own roles."""
    ours = {"StringEquals": {"aws:ResourceTag/gatepass:grant": "support"}}
    keys = user(aws, CUSTOMER, "tagged-out", allow("iam:*"), deny("iam:*", Condition=ours))
    role(aws, "guarded", Tags=[{"Key": "gatepass:grant", "Value": "support"}])
    role(aws, "free")
    iam = client(aws, "iam", keys)

    assert refused(iam.delete_role, RoleName="guarded")[0] == "AccessDenied"
    iam.delete_role(RoleName="free")


def test_a_user_asks_about_itself(aws: EmbeddedAws) -> None:
    own = allow("iam:GetUser", "iam:ListAccessKeys", resource=f"arn:aws:iam::{CUSTOMER}:user/${{aws:username}}")
    iam = client(aws, "iam", user(aws, CUSTOMER, "self", own))

    assert refused(iam.get_user, UserName="writer")[0] == "AccessDenied"
    assert iam.get_user()["User"]["UserName"] == "self"
    assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 1


def test_who_makes_a_role_with_tags_needs_to_tag_it(aws: EmbeddedAws) -> None:
    wanted = {"AssumeRolePolicyDocument": document(*trust()), "Tags": [{"Key": "k", "Value": "v"}]}
    maker = client(aws, "iam", user(aws, CUSTOMER, "maker", allow("iam:CreateRole")))

    code, message = refused(maker.create_role, RoleName="tagged", **wanted)

    assert code == "AccessDenied"
    assert f"iam:TagRole on resource: arn:aws:iam::{CUSTOMER}:role/tagged" in message
    assert maker.create_role(RoleName="untagged", AssumeRolePolicyDocument=document(*trust()))
