"""What a session carries, how long it lasts, and how it is taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.scene import Scene, list_buckets
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    RIGHT_ID,
    allow,
    aws_command,
    client,
    deny,
    document,
    enter,
    identity,
    refused,
    role,
    trust,
    user,
)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"RoleSessionName": "n"}, "'roleSessionName' failed to satisfy constraint: Member must have length greater"),
        ({"RoleSessionName": "net ops"}, "'roleSessionName' failed to satisfy constraint: Member must satisfy regular"),
        ({"RoleSessionName": "n" * 65}, "'roleSessionName' failed to satisfy constraint: Member must have length less"),
        ({"RoleSessionName": "nétops"}, "'roleSessionName' failed to satisfy constraint: Member must satisfy regular"),
        ({"ExternalId": "with space"}, "'externalId' failed to satisfy constraint"),
        ({"ExternalId": "x" * 1225}, "'externalId' failed to satisfy constraint"),
        ({"DurationSeconds": 899}, "'durationSeconds' failed to satisfy constraint: Member must have value greater"),
        ({"DurationSeconds": 43201}, "'durationSeconds' failed to satisfy constraint: Member must have value less"),
        ({"DurationSeconds": 7201}, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        ({"SourceIdentity": "aws:me"}, "'sourceIdentity' failed to satisfy constraint"),
        ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "'tags.1.member.key' failed to satisfy constraint"),
        ({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "'tags' failed to satisfy constraint"),
    ],
)
def test_what_is_not_of_the_form_is_refused(scene: Scene, options: dict[str, Any], words: str) -> None:
    code, message = refused(enter, scene.aws, scene.netops, scene.support, **options)

    assert code == "ValidationError"
    assert words in message


def test_chaining_for_more_than_an_hour_fails_and_is_not_clamped(scene: Scene) -> None:
    first = enter(scene.aws, scene.netops, scene.support)
    second = role(scene.aws, "second", trusts=trust(f"arn:aws:iam::{CUSTOMER}:root", ""), MaxSessionDuration=43200)

    code, message = refused(enter, scene.aws, first, second, ExternalId=None, DurationSeconds=3601)

    assert code == "ValidationError"
    assert "1 hour session limit for roles assumed by role chaining" in message
    assert enter(scene.aws, first, second, ExternalId=None, DurationSeconds=3600)


def test_an_expired_session_is_refused_by_every_protocol(aws: EmbeddedAws, scene: Scene) -> None:
    session = enter(scene.aws, scene.netops, scene.support, DurationSeconds=900)
    assert list_buckets(scene, session)

    aws.advance(901)

    assert refused(list_buckets, scene, session)[0] == "ExpiredToken"
    assert refused(client(aws, "sts", session).get_caller_identity)[0] == "ExpiredToken"
    assert refused(client(aws, "ssm", session).describe_parameters)[0] == "ExpiredTokenException"
    assert refused(client(aws, "eks", session).list_clusters)[0] == "ExpiredTokenException"
    assert refused(client(aws, "ec2", session).describe_vpcs)[0] == "RequestExpired"
    assert "ExpiredToken" in aws_command(aws, session, "sts", "get-caller-identity").stderr


def test_a_revoked_session_can_do_nothing_and_a_new_one_can(aws: EmbeddedAws, scene: Scene) -> None:
    """The inline Deny that the console's "Revoke active sessions" writes."""
    arn = role(aws, "revoked", allow("s3:*"))
    old = enter(aws, scene.netops, arn)
    assert list_buckets(scene, old)
    aws.advance(2)
    revoked_at = aws.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    older = {"DateLessThan": {"aws:TokenIssueTime": revoked_at}}

    scene.iam.put_role_policy(
        RoleName="revoked",
        PolicyName="AWSRevokeOlderSessions",
        PolicyDocument=document(deny("*", Condition=older)),
    )

    code, message = refused(list_buckets, scene, old)
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in an identity-based policy")
    assert "explicit deny" in aws_command(aws, old, "s3api", "list-buckets").stderr
    aws.advance(1)
    assert list_buckets(scene, enter(aws, scene.netops, arn))


def test_long_term_keys_carry_no_issue_time(aws: EmbeddedAws) -> None:
    older = {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}}
    keys = user(aws, CUSTOMER, "resident", allow("s3:*"), deny("*", Condition=older))

    assert client(aws, "s3", keys).list_buckets()


def test_a_boundary_limits_the_session(aws: EmbeddedAws, scene: Scene) -> None:
    policy = scene.iam.create_policy(PolicyName="OnlyEc2", PolicyDocument=document(allow("ec2:*")))["Policy"]["Arn"]
    arn = role(aws, "bounded", allow("s3:*", "ec2:*"), PermissionsBoundary=policy)

    session = enter(aws, scene.netops, arn)

    code, message = refused(list_buckets, scene, session)
    assert code == "AccessDenied"
    assert message.endswith("because no permissions boundary allows the s3:ListAllMyBuckets action")
    assert client(aws, "ec2", session).describe_vpcs()


def test_a_session_policy_limits_the_session(scene: Scene) -> None:
    narrowed = enter(scene.aws, scene.netops, scene.support, Policy=document(allow("s3:GetObject")))

    code, message = refused(list_buckets, scene, narrowed)

    assert code == "AccessDenied"
    assert message.endswith("because no session policy allows the s3:ListAllMyBuckets action")


def test_a_managed_session_policy_limits_the_session(scene: Scene) -> None:
    read_only = [{"arn": "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"}]

    narrowed = enter(scene.aws, scene.netops, scene.support, PolicyArns=read_only)

    assert refused(list_buckets, scene, narrowed)[0] == "AccessDenied"


def test_a_session_policy_widens_nothing(scene: Scene) -> None:
    session = enter(scene.aws, scene.netops, scene.support, Policy=document(allow("*")))

    assert refused(client(scene.aws, "ec2", session).describe_vpcs)[0] == "UnauthorizedOperation"
    assert list_buckets(scene, session)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"Policy": "{}"}, "MalformedPolicyDocument"),
        ({"Policy": document(allow("s3:*", resource=["arn:aws:s3:::b"] * 200))}, "PackedPolicyTooLarge"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuchPolicy"}]}, "InvalidParameterValue"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/SecurityAudit"}] * 11}, "ValidationError"),
        ({"Tags": [{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}]}, "InvalidParameterValue"),
        ({"TransitiveTagKeys": ["team"]}, "InvalidParameterValue"),
    ],
)
def test_what_cannot_be_passed_to_a_session_is_refused(scene: Scene, options: dict[str, Any], code: str) -> None:
    assert refused(enter, scene.aws, scene.netops, scene.support, **options)[0] == code


def test_the_sessions_of_a_deleted_role_are_over_also_when_it_is_made_again(aws: EmbeddedAws, scene: Scene) -> None:
    arn = role(aws, "fleeting", allow("s3:*"))
    session = enter(aws, scene.netops, arn)
    scene.iam.delete_role_policy(RoleName="fleeting", PolicyName="work")
    scene.iam.delete_role(RoleName="fleeting")
    assert refused(client(aws, "sts", session).get_caller_identity)[0] == "InvalidClientTokenId"

    role(aws, "fleeting", allow("s3:*"))

    assert refused(client(aws, "sts", session).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(list_buckets, scene, session)[0] == "InvalidAccessKeyId"


def test_what_assume_role_answers(aws: EmbeddedAws, scene: Scene) -> None:
    answer = client(aws, "sts", scene.netops).assume_role(
        RoleArn=scene.support, RoleSessionName="netops-1", ExternalId=RIGHT_ID, DurationSeconds=7200
    )

    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert abs(credentials["Expiration"] - aws.now() - timedelta(hours=2)) < timedelta(seconds=3)
    role_id = scene.iam.get_role(RoleName="support")["Role"]["RoleId"]
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:netops-1",
        "Arn": f"arn:aws:sts::{CUSTOMER}:assumed-role/support/netops-1",
    }


def test_get_caller_identity_is_answered_whatever_is_denied(aws: EmbeddedAws) -> None:
    keys = user(aws, PROVIDER, "nobody", deny("*"))

    assert identity(aws, keys) == f"arn:aws:iam::{PROVIDER}:user/nobody"


def test_the_event_log_tells_who_entered(aws: EmbeddedAws, scene: Scene) -> None:
    enter(aws, scene.netops, scene.support, SourceIdentity="netops-1")

    event = aws.events()[-1]

    assert event["eventName"] == "AssumeRole"
    assert event["userIdentity"] == {
        "type": "IAMUser",
        "principalId": scene.iam.meta and client(aws, "sts", scene.netops).get_caller_identity()["UserId"],
        "arn": f"arn:aws:iam::{PROVIDER}:user/netops-1",
        "accountId": PROVIDER,
    }
    assert event["recipientAccountIds"] == [PROVIDER, CUSTOMER]
    assert event["requestParameters"] == {
        "roleArn": scene.support,
        "roleSessionName": "netops-1",
        "externalId": RIGHT_ID,
        "sourceIdentity": "netops-1",
    }
    assert scene.netops.secret_access_key not in json.dumps(aws.events())
