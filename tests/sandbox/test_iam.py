"""IAM: what is checked when something is saved, and what is read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    RIGHT_ID,
    STRANGER,
    allow,
    client,
    deny,
    document,
    enter,
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


def trusting(principal: object) -> str:
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


@pytest.mark.parametrize(
    ("trust_policy", "code"),
    [
        ("{}", "MalformedPolicyDocument"),
        ("not json", "MalformedPolicyDocument"),
        (document(allow("sts:AssumeRole")), "MalformedPolicyDocument"),
        (trusting(f"arn:aws:iam::{PROVIDER}:role/nobody"), "MalformedPolicyDocument"),
        (trusting(f"arn:aws:iam::{PROVIDER}:user/nobody"), "MalformedPolicyDocument"),
        (trusting(f"arn:aws:iam::{PROVIDER}:role/*"), "MalformedPolicyDocument"),
        (trusting(f"arn:aws:sts::{PROVIDER}:assumed-role/nobody/session"), "MalformedPolicyDocument"),
        (trusting("AROAWO645SY5OSGVN52IU"), "MalformedPolicyDocument"),
        (trusting([PROVIDER, f"arn:aws:iam::{STRANGER}:user/nobody"]), "MalformedPolicyDocument"),
        (trusting([f"{number:012d}" for number in range(150)]), "LimitExceeded"),
    ],
)
def test_a_trust_policy_that_iam_would_not_save(iam: Any, trust_policy: str, code: str) -> None:  # noqa: ANN401 - boto3's
    assert refused(iam.create_role, RoleName="never", AssumeRolePolicyDocument=trust_policy)[0] == code
    assert refused(iam.get_role, RoleName="never")[0] == "NoSuchEntity"


def test_the_same_is_checked_when_a_trust_policy_is_replaced(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    role(aws, "kept")
    nobody = trusting(f"arn:aws:iam::{PROVIDER}:role/nobody")

    code, message = refused(iam.update_assume_role_policy, RoleName="kept", PolicyDocument=nobody)

    assert code == "MalformedPolicyDocument"
    assert message == f'Invalid principal in policy: "AWS":"arn:aws:iam::{PROVIDER}:role/nobody"'
    assert "nobody" not in json.dumps(iam.get_role(RoleName="kept")["Role"]["AssumeRolePolicyDocument"])


def test_white_space_does_not_count_towards_a_quota(iam: Any) -> None:  # noqa: ANN401 - boto3's
    spaced = json.dumps(json.loads(document(*trust())), indent=60)
    assert len(spaced) > 2048

    assert iam.create_role(RoleName="spaced", AssumeRolePolicyDocument=spaced)


@pytest.mark.parametrize(
    "principal", [PROVIDER, f"arn:aws:iam::{PROVIDER}:root", "*", [f"arn:aws:iam::{PROVIDER}:root", STRANGER]]
)
def test_any_account_may_be_trusted(iam: Any, principal: object) -> None:  # noqa: ANN401 - boto3's
    name = f"trusting-{len(json.dumps(principal))}"

    assert iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(principal))


def test_a_trusted_role_that_is_deleted_and_made_again_is_not_trusted(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    """AWS keeps the unique ID, not the name; the trust then shows the orphan."""
    provider = client(aws, "iam", root(aws, PROVIDER))
    enters = allow("sts:AssumeRole")
    engineers = role(aws, "engineers", enters, account=PROVIDER, trusts=trust(external_id=""))
    netops = user(aws, PROVIDER, "netops-1", enters)
    arn = role(aws, "trusts-engineers", trusts=trust(engineers))
    assert enter(aws, enter(aws, netops, engineers, ExternalId=None), arn)
    old_id = provider.get_role(RoleName="engineers")["Role"]["RoleId"]

    provider.delete_role_policy(RoleName="engineers", PolicyName="work")
    provider.delete_role(RoleName="engineers")
    role(aws, "engineers", enters, account=PROVIDER, trusts=trust(external_id=""))

    assert refused(enter, aws, enter(aws, netops, engineers, ExternalId=None), arn)[0] == "AccessDenied"
    shown = iam.get_role(RoleName="trusts-engineers")["Role"]["AssumeRolePolicyDocument"]
    assert {statement["Principal"]["AWS"] for statement in shown["Statement"]} == {old_id}
    orphaned = json.dumps(shown)
    assert refused(iam.create_role, RoleName="copy", AssumeRolePolicyDocument=orphaned)[0] == "MalformedPolicyDocument"


def test_a_trusted_user_that_is_deleted_is_not_found_again_and_a_renamed_one_is(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    provider = client(aws, "iam", root(aws, PROVIDER))
    keys = user(aws, PROVIDER, "bob", allow("sts:AssumeRole"))
    arn = role(aws, "trusts-bob", trusts=trust(f"arn:aws:iam::{PROVIDER}:user/bob"))

    provider.update_user(UserName="bob", NewUserName="robert", NewPath="/staff/")

    assert enter(aws, keys, arn)
    assert "user/staff/robert" in json.dumps(iam.get_role(RoleName="trusts-bob")["Role"]["AssumeRolePolicyDocument"])
    provider.delete_user_policy(UserName="robert", PolicyName="work")
    provider.delete_access_key(UserName="robert", AccessKeyId=keys.access_key_id)
    provider.delete_user(UserName="robert")
    assert refused(enter, aws, user(aws, PROVIDER, "robert", allow("sts:AssumeRole")), arn)[0] == "AccessDenied"


@pytest.mark.parametrize("policy", ["{}", "not json", document({"Effect": "Allow", "Action": "s3:*"}),
                                    document(allow("s3:*", Principal="*"))])  # fmt: skip
def test_a_permission_policy_that_iam_would_not_save(aws: EmbeddedAws, iam: Any, policy: str) -> None:  # noqa: ANN401 - boto3's
    name = "permitted"
    if not [each for each in iam.list_roles()["Roles"] if each["RoleName"] == name]:
        role(aws, name)

    wanted = {"PolicyName": "p", "PolicyDocument": policy}
    assert refused(iam.put_role_policy, RoleName=name, **wanted)[0] == "MalformedPolicyDocument"
    assert refused(iam.create_policy, **wanted)[0] == "MalformedPolicyDocument"


def test_quotas_of_a_role(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    role(aws, "full")
    policies = [each["Arn"] for each in iam.list_policies(Scope="AWS", MaxItems=11)["Policies"]]
    for arn in [*policies[:10], policies[0]]:
        iam.attach_role_policy(RoleName="full", PolicyArn=arn)
    large = document(allow("s3:GetObject", resource=[f"arn:aws:s3:::bucket-{number:04d}" for number in range(200)]))

    code, message = refused(iam.attach_role_policy, RoleName="full", PolicyArn=policies[10])

    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=large)
    code, message = refused(iam.put_role_policy, RoleName="full", PolicyName="two", PolicyDocument=large)
    assert (code, message) == ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role full")
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=large)


def test_a_managed_policy_has_a_size_and_five_versions(iam: Any) -> None:  # noqa: ANN401 - boto3's
    large = document(allow("s3:GetObject", resource=[f"arn:aws:s3:::bucket-{number:04d}" for number in range(300)]))
    assert refused(iam.create_policy, PolicyName="large", PolicyDocument=large)[0] == "LimitExceeded"
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")), SetAsDefault=True)

    assert refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=document(allow("*")))[0] == "LimitExceeded"


def test_what_is_in_use_cannot_be_deleted(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    policy = iam.create_policy(PolicyName="in-use", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    role(aws, "in-use", deny("*"))
    iam.attach_role_policy(RoleName="in-use", PolicyArn=policy)
    user(aws, CUSTOMER, "in-use")
    iam.create_group(GroupName="in-use")
    iam.add_user_to_group(GroupName="in-use", UserName="in-use")

    for call, named in (
        (iam.delete_role, {"RoleName": "in-use"}),
        (iam.delete_policy, {"PolicyArn": policy}),
        (iam.delete_user, {"UserName": "in-use"}),
        (iam.delete_group, {"GroupName": "in-use"}),
    ):
        assert refused(call, **named)[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName="in-use", PolicyArn=policy)
    assert refused(iam.delete_role, RoleName="in-use")[0] == "DeleteConflict"
    iam.delete_role_policy(RoleName="in-use", PolicyName="work")
    iam.delete_role(RoleName="in-use")
    iam.delete_policy(PolicyArn=policy)


def test_role_names_differ_by_more_than_case(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    role(aws, "Cased")

    code, _ = refused(iam.create_role, RoleName="cased", AssumeRolePolicyDocument=document(*trust()))

    assert code == "EntityAlreadyExists"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"RoleName": "a b"}, "ValidationError"),
        ({"RoleName": "r" * 65}, "ValidationError"),
        ({"Path": "no-slashes"}, "ValidationError"),
        ({"MaxSessionDuration": 3599}, "ValidationError"),
        ({"MaxSessionDuration": 43201}, "ValidationError"),
        ({"PermissionsBoundary": f"arn:aws:iam::{CUSTOMER}:policy/nothing"}, "NoSuchEntity"),
        ({"Tags": [{"Key": "k", "Value": "v" * 257}]}, "ValidationError"),
        ({"Tags": [{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}]}, "InvalidInput"),
    ],
)
def test_what_a_role_cannot_be(iam: Any, options: dict[str, Any], code: str) -> None:  # noqa: ANN401 - boto3's
    wanted = {"RoleName": "never", "AssumeRolePolicyDocument": document(*trust()), **options}

    assert refused(iam.create_role, **wanted)[0] == code


def test_what_is_written_is_read_back(aws: EmbeddedAws, iam: Any) -> None:  # noqa: ANN401 - boto3's
    boundary = iam.create_policy(PolicyName="Edge", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    tags = [{"Key": "gatepass:grant", "Value": "support"}, {"Key": "empty", "Value": ""}]
    role(
        aws, "whole", deny("iam:*"), Path="/gatepass/", Description='a <b> & "c"', MaxSessionDuration=7200,
        PermissionsBoundary=boundary, Tags=tags,
    )  # fmt: skip
    iam.attach_role_policy(RoleName="whole", PolicyArn=S3_FULL)

    found = iam.get_role(RoleName="whole")["Role"]
    listed = iam.list_roles(PathPrefix="/gatepass/")["Roles"]
    details = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])

    assert found["AssumeRolePolicyDocument"]["Statement"] == trust()
    assert (found["Description"], found["MaxSessionDuration"], found["Tags"]) == ('a <b> & "c"', 7200, tags)
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert [(each["RoleName"], each["MaxSessionDuration"]) for each in listed] == [("whole", 7200)]
    (detail,) = [each for each in details["RoleDetailList"] if each["RoleName"] == "whole"]
    assert detail["Tags"] == tags
    assert detail["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert detail["AttachedManagedPolicies"] == [{"PolicyName": "AmazonS3FullAccess", "PolicyArn": S3_FULL}]
    assert detail["RolePolicyList"][0]["PolicyDocument"]["Statement"] == [deny("iam:*")]
    assert RIGHT_ID in json.dumps(detail["AssumeRolePolicyDocument"])
    assert "MaxSessionDuration" not in detail
    assert "Edge" in {each["PolicyName"] for each in details["Policies"]}
    iam.untag_role(RoleName="whole", TagKeys=["empty"])
    iam.update_role(RoleName="whole", MaxSessionDuration=3600)
    found = iam.get_role(RoleName="whole")["Role"]
    assert (found["Tags"], found["MaxSessionDuration"], found["Description"]) == (tags[:1], 3600, 'a <b> & "c"')


def test_accounts_are_read_page_by_page(aws: EmbeddedAws) -> None:
    account = "888877776666"
    iam = client(aws, "iam", root(aws, account))
    names = {f"role-{number:03d}" for number in range(120)}
    for name in names:
        role(aws, name, account=account)

    first = iam.get_account_authorization_details(Filter=["Role"])
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role"])
    role_pages = iam.get_paginator("list_roles").paginate()

    assert (len(first["RoleDetailList"]), first["IsTruncated"]) == (100, True)
    assert {each["RoleName"] for page in pages for each in page["RoleDetailList"]} == names
    assert {each["RoleName"] for page in role_pages for each in page["Roles"]} == names
    assert refused(iam.get_account_authorization_details, Marker="nonsense")[0] == "InvalidInput"
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 120
