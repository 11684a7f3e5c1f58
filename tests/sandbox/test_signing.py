"""Who signed a request, and whether it is the one that was signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import FORM, Letter, form, who_am_i
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    Keys,
    allow,
    aws_command,
    client,
    enter,
    identity,
    refused,
    role,
    root,
    user,
)

UNKNOWN = Keys("AKIAWO645SY5PQ2VBVJE", "x" * 40)


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    return root(aws, CUSTOMER)


def test_an_unsigned_request_is_refused(aws: EmbeddedAws) -> None:
    assert (who_am_i(aws).send().status, who_am_i(aws).send().code) == (403, "MissingAuthenticationToken")
    assert Letter(aws, "GET", "/bucket/key").send().code == "AccessDenied"
    assert Letter(aws, "GET", "/clusters").send().status == 403
    targeted = Letter(aws, "POST", "/", {"X-Amz-Target": "AmazonSSM.GetParameter"}, b"{}")
    assert targeted.send().code == "MissingAuthenticationTokenException"
    assert "Unable to locate credentials" in aws_command(aws, None, "sts", "get-caller-identity").stderr
    assert aws_command(aws, None, "s3api", "list-objects", "--bucket", "bucket", "--no-sign-request").returncode != 0


@pytest.mark.parametrize(
    "authorization", ["AWS AKIA:signature", "Bearer x", "Basic x", "AWS4-HMAC-SHA256 Credential=x"]
)
def test_another_kind_of_authorization_is_refused(aws: EmbeddedAws, authorization: str) -> None:
    assert who_am_i(aws).with_headers(Authorization=authorization).send().status == 400


def test_an_unknown_key_is_refused(aws: EmbeddedAws) -> None:
    assert refused(client(aws, "sts", UNKNOWN).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(client(aws, "ssm", UNKNOWN).describe_parameters)[0] == "UnrecognizedClientException"
    assert refused(client(aws, "eks", UNKNOWN).list_clusters)[0] == "UnrecognizedClientException"
    assert refused(client(aws, "s3", UNKNOWN).list_buckets)[0] == "InvalidAccessKeyId"
    assert refused(client(aws, "ec2", UNKNOWN).describe_vpcs)[0] == "AuthFailure"
    assert "InvalidClientTokenId" in aws_command(aws, UNKNOWN, "sts", "get-caller-identity").stderr


def test_a_wrong_secret_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    wrong = replace(keys, secret_access_key="x" * 40)

    assert refused(client(aws, "sts", wrong).get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert refused(client(aws, "ssm", wrong).describe_parameters)[0] == "InvalidSignatureException"
    assert refused(client(aws, "eks", wrong).list_clusters)[0] == "InvalidSignatureException"
    assert refused(client(aws, "s3", wrong).list_buckets)[0] == "SignatureDoesNotMatch"
    assert refused(client(aws, "ec2", wrong).describe_vpcs)[0] == "AuthFailure"
    assert "SignatureDoesNotMatch" in aws_command(aws, wrong, "sts", "get-caller-identity").stderr


def test_a_changed_body_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    letter = form(aws, "Action=ListUsers&Version=2010-05-08").signed(keys, "iam")

    changed = replace(letter, body=b"Action=ListRoles&Version=2010-05-08")

    assert changed.send().code == "SignatureDoesNotMatch"
    assert letter.send().status == 200


def test_a_changed_body_of_an_object_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    client(aws, "s3", keys).create_bucket(Bucket="signed")
    letter = Letter(aws, "PUT", "/signed/key", {}, b"right").signed(keys, "s3")

    assert replace(letter, body=b"wrong").send().code == "XAmzContentSHA256Mismatch"
    assert letter.send().status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"path": "/?Action=ListRoles"},
        {"headers": {"X-Amz-Date": "20200101T000000Z"}},
        {"headers": {"Host": "localhost"}},
    ],
)
def test_a_changed_request_is_refused(aws: EmbeddedAws, keys: Keys, change: dict[str, object]) -> None:
    letter = form(aws, "Action=ListUsers&Version=2010-05-08").signed(keys, "iam")
    headers = change.pop("headers", {})
    assert isinstance(headers, dict)

    changed = replace(letter, **change, headers={**letter.headers, **headers})  # type: ignore[arg-type]  # a table of changes

    assert changed.send().status >= 400


def test_a_signature_for_another_service_or_region_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    letter = form(aws, "Action=ListUsers&Version=2010-05-08").signed(keys, "iam")
    authorization = letter.headers["Authorization"]

    for old, new in (("/iam/", "/sts/"), ("/us-east-1/", "/eu-west-1/")):
        assert letter.with_headers(Authorization=authorization.replace(old, new)).send().status >= 400


def test_headers_that_were_not_signed_do_not_count(aws: EmbeddedAws, keys: Keys) -> None:
    letter = form(aws, "Action=ListUsers&Version=2010-05-08").signed(keys, "iam")

    reply = letter.with_headers(X_Amz_Target="AmazonSSM.DescribeParameters").send()

    assert reply.status >= 400


def test_a_header_or_parameter_given_twice_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    """We would decide on the one, and moto act on the other."""
    for body in (
        "Action=ListUsers&Action=DeleteUser&Version=2010-05-08&UserName=x",
        "Action=ListUsers&Version=2010-05-08&UserName=x&UserName=y",
    ):
        assert form(aws, body).signed(keys, "iam").send().status == 400
    twice = replace(form(aws, "Action=ListUsers&Version=2010-05-08"), path="/?Action=DeleteUser&UserName=x")
    assert twice.signed(keys, "iam").send().status == 400


def test_a_second_action_elsewhere_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    """Moto looks for an Action in every service, in the query string, in forms and in headers."""
    cluster = Letter(aws, "GET", "/clusters?Action=DeleteCluster")
    header = Letter(aws, "GET", "/clusters", {"Action": "DeleteCluster"})
    json_letter = Letter(
        aws, "POST", "/?Action=DeleteParameter", {"X-Amz-Target": "AmazonSSM.DescribeParameters"}, b"{}"
    )
    form_letter = Letter(
        aws,
        "POST",
        "/",
        {"X-Amz-Target": "AmazonSSM.DescribeParameters", "Content-Type": FORM},
        b"Action=DeleteParameter",
    )

    for letter, service in ((cluster, "eks"), (header, "eks"), (json_letter, "ssm"), (form_letter, "ssm")):
        assert letter.signed(keys, service).send().status == 400


def test_the_account_is_the_keys_own_whatever_a_header_says(aws: EmbeddedAws, keys: Keys) -> None:
    """Moto's own header would put any caller into any account."""
    client(aws, "iam", root(aws, PROVIDER)).create_user(UserName="in-provider")

    reply = (
        form(aws, "Action=ListUsers&Version=2010-05-08")
        .with_headers(x_moto_account_id=PROVIDER)
        .signed(keys, "iam")
        .send()
    )

    assert reply.status == 200
    assert b"in-provider" not in reply.body
    assert "x-moto-account-id" not in reply.headers


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/data.json", "/latest/meta-data/", "/latest/api/token"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_motos_own_paths_are_shut(aws: EmbeddedAws, keys: Keys, path: str, method: str) -> None:
    assert Letter(aws, method, path).send().status == 403
    assert Letter(aws, method, path).signed(keys, "s3").send().status in (403, 405)


def test_motos_own_paths_are_shut_when_they_are_encoded(aws: EmbeddedAws, keys: Keys) -> None:
    assert Letter(aws, "PUT", "/%6doto-api/reset").signed(keys, "s3").send().status == 403


def test_an_inactive_key_is_refused_until_it_is_active_again(aws: EmbeddedAws) -> None:
    iam = client(aws, "iam", root(aws, PROVIDER))
    keys = user(aws, PROVIDER, "sleeper", allow("s3:*"))

    iam.update_access_key(UserName="sleeper", AccessKeyId=keys.access_key_id, Status="Inactive")

    assert refused(client(aws, "sts", keys).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(client(aws, "s3", keys).list_buckets)[0] == "InvalidAccessKeyId"
    iam.update_access_key(UserName="sleeper", AccessKeyId=keys.access_key_id, Status="Active")
    assert identity(aws, keys).endswith("user/sleeper")


def test_a_deleted_key_and_a_deleted_user_are_refused(aws: EmbeddedAws) -> None:
    iam = client(aws, "iam", root(aws, PROVIDER))
    keys = user(aws, PROVIDER, "leaver")

    iam.delete_access_key(UserName="leaver", AccessKeyId=keys.access_key_id)

    assert refused(client(aws, "sts", keys).get_caller_identity)[0] == "InvalidClientTokenId"
    iam.delete_user(UserName="leaver")
    assert identity(aws, user(aws, PROVIDER, "leaver")).endswith("user/leaver")
    assert refused(client(aws, "sts", keys).get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_session_needs_its_own_token(aws: EmbeddedAws) -> None:
    netops = user(aws, PROVIDER, "netops-1", allow("sts:AssumeRole"))
    arn = role(aws, "support", allow("s3:*"))
    first, second = enter(aws, netops, arn), enter(aws, netops, arn)

    for token in (None, second.token, "x"):
        assert refused(client(aws, "sts", replace(first, token=token)).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(client(aws, "s3", replace(first, token=second.token)).list_buckets)[0] == "InvalidToken"
    stuck_on = replace(netops, token=first.token)
    assert refused(client(aws, "sts", stuck_on).get_caller_identity)[0] == "InvalidClientTokenId"
    assert identity(aws, first).endswith("support/netops-1")


def test_a_recorded_request_does_not_stay_valid(aws: EmbeddedAws, keys: Keys) -> None:
    letter = who_am_i(aws).signed(keys, "sts")
    assert letter.send().status == 200

    aws.advance(3600, settle=True)

    reply = letter.send()
    assert reply.code == "SignatureDoesNotMatch"
    assert b"Signature expired" in reply.body
    assert who_am_i(aws).signed(keys, "sts").send().status == 200


def test_answers_carry_the_sandboxs_time(aws: EmbeddedAws, keys: Keys) -> None:
    aws.advance(86_400)

    reply = who_am_i(aws).signed(keys, "sts").send()

    assert reply.headers["date"] in {
        (aws.now()).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        aws.now().replace(second=max(0, aws.now().second - 1)).strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


def test_no_web_page_may_read_the_answers(aws: EmbeddedAws, keys: Keys) -> None:
    reply = who_am_i(aws).with_headers(Origin="https://example.com").signed(keys, "sts").send()
    listed = form(aws, "Action=ListUsers&Version=2010-05-08").with_headers(Origin="https://example.com")

    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert not [name for name in listed.signed(keys, "iam").send().headers if name.startswith("access-control")]
    assert Letter(aws, "OPTIONS", "/", {"Origin": "https://example.com"}).send().status == 403
