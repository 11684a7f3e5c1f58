"""GetSessionToken and GetFederationToken."""

from __future__ import annotations

from typing import Any

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import PROVIDER, Keys, allow, client, document, identity, refused, user


def test_a_session_token_of_a_user_opens_nothing_in_iam(aws: EmbeddedAws) -> None:
    keys = user(aws, PROVIDER, "tokened", allow("*"))

    session = session_of(client(aws, "sts", keys).get_session_token(DurationSeconds=900))

    assert refused(client(aws, "iam", session).list_users)[0] == "InvalidClientTokenId"
    assert refused(client(aws, "sts", session).get_session_token)[0] == "AccessDenied"
    assert identity(aws, session) == f"arn:aws:iam::{PROVIDER}:user/tokened"
    assert client(aws, "s3", session).list_buckets()
    aws.advance(900)
    assert refused(client(aws, "s3", session).list_buckets)[0] == "ExpiredToken"


def test_a_federated_user_has_what_both_policies_allow(aws: EmbeddedAws) -> None:
    keys = user(aws, PROVIDER, "broker", allow("sts:GetFederationToken", "s3:*"))
    sts = client(aws, "sts", keys)

    bare = session_of(sts.get_federation_token(Name="visitor"))
    wide = session_of(sts.get_federation_token(Name="visitor", Policy=document(allow("*"))))

    assert refused(client(aws, "s3", bare).list_buckets)[0] == "AccessDenied"
    assert refused(client(aws, "ec2", wide).describe_vpcs)[0] == "UnauthorizedOperation"
    assert refused(client(aws, "sts", wide).assume_role, RoleArn="arn:aws:iam::111122223333:role/x",
                   RoleSessionName="xx")[0] == "AccessDenied"  # fmt: skip
    assert identity(aws, wide) == f"arn:aws:sts::{PROVIDER}:federated-user/visitor"
    assert client(aws, "s3", wide).list_buckets()


def test_who_may_not_federate_gets_no_token(aws: EmbeddedAws) -> None:
    keys = user(aws, PROVIDER, "no-broker", allow("s3:*"))

    code, message = refused(client(aws, "sts", keys).get_federation_token, Name="visitor")

    assert code == "AccessDenied"
    assert "sts:GetFederationToken" in message


def session_of(answer: dict[str, Any]) -> Keys:
    found = answer["Credentials"]
    return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
