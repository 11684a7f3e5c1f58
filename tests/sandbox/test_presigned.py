"""Pre-signed URLs: good, expired, changed."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import CUSTOMER, PROVIDER, Keys, allow, aws_command, client, enter, role, root, user


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    keys = root(aws, CUSTOMER)
    s3 = client(aws, "s3", keys)
    s3.create_bucket(Bucket="letters")
    s3.put_object(Bucket="letters", Key="a letter", Body=b"dear reader")
    s3.put_object(Bucket="letters", Key="other", Body=b"not this one")
    return keys


def signers(aws: EmbeddedAws, keys: Keys) -> list[Any]:
    """Return two clients: the usual signature of a URL is Version 2 in old Regions, and Version 4 if asked for."""
    return [
        boto3.client(
            "s3",
            endpoint_url=aws.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.token,
            config=config,
        )
        for config in (None, Config(signature_version="s3v4"))
    ]


def url_of(s3: Any, key: str = "a letter", seconds: int = 3600, operation: str = "get_object") -> str:  # noqa: ANN401 - boto3's
    return str(s3.generate_presigned_url(operation, Params={"Bucket": "letters", "Key": key}, ExpiresIn=seconds))


def fetched(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body=body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def urls_of(
    aws: EmbeddedAws, keys: Keys, key: str = "a letter", seconds: int = 3600, operation: str = "get_object"
) -> list[str]:
    return [url_of(signer, key, seconds, operation) for signer in signers(aws, keys)]


def test_a_changed_url_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    for url in urls_of(aws, keys):
        for old, new in (("a%20letter", "other"), ("=3600", "=3601"), ("Signature=", "Signature=0"), ("AKIA", "AKIB")):
            if old in url:
                assert fetched(url.replace(old, new))[0] in (400, 403)
        assert fetched(url, "PUT", b"mine now")[0] == 403
        assert fetched(url, "DELETE")[0] == 403


def test_a_url_signed_with_a_wrong_secret_is_refused(aws: EmbeddedAws, keys: Keys) -> None:
    for url in urls_of(aws, Keys(keys.access_key_id, "x" * 40)):
        status, body = fetched(url)
        assert status == 403
        assert b"SignatureDoesNotMatch" in body


def test_a_url_is_worth_what_its_signer_may_do(aws: EmbeddedAws, keys: Keys) -> None:
    assert keys

    for url in urls_of(aws, user(aws, CUSTOMER, "reader", allow("s3:ListBucket"))):
        status, body = fetched(url)
        assert status == 403
        assert b"because no identity-based policy allows the s3:GetObject action" in body


def test_a_good_url_opens(aws: EmbeddedAws, keys: Keys) -> None:
    for url in urls_of(aws, keys):
        assert fetched(url) == (200, b"dear reader")


def test_a_good_url_takes_an_object(aws: EmbeddedAws, keys: Keys) -> None:
    for url in urls_of(aws, keys, "new", operation="put_object"):
        assert fetched(url, "PUT", url.encode())[0] == 200
        assert client(aws, "s3", keys).get_object(Bucket="letters", Key="new")["Body"].read() == url.encode()


def test_a_url_of_a_session_ends_with_the_session(aws: EmbeddedAws, keys: Keys) -> None:
    assert keys
    netops = user(aws, PROVIDER, "lender", allow("sts:AssumeRole"))
    session = enter(aws, netops, role(aws, "lender", allow("s3:GetObject")), DurationSeconds=900)
    urls = urls_of(aws, session, seconds=7200)
    assert [fetched(url)[0] for url in urls] == [200, 200]

    aws.advance(1000)

    assert [fetched(url)[0] for url in urls] == [400, 400]


def test_a_url_signed_before_the_clock_moved_is_over_and_one_signed_after_is_not(aws: EmbeddedAws, keys: Keys) -> None:
    """Clients sign with the machine's clock, which does not move."""
    before = urls_of(aws, keys)

    aws.advance(7200, settle=True)

    for url in before:
        status, body = fetched(url)
        assert status == 403
        assert b"Request has expired" in body
    assert [fetched(url)[0] for url in urls_of(aws, keys)] == [200, 200]


def test_a_url_outlives_a_shorter_advance(aws: EmbeddedAws, keys: Keys) -> None:
    urls = urls_of(aws, keys)

    aws.advance(1800, settle=True)

    assert [fetched(url)[0] for url in urls] == [200, 200]


def test_a_short_url_is_over_soon(aws: EmbeddedAws, keys: Keys) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=aws.endpoint,
        region_name="eu-central-1",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
    )
    url = url_of(s3, seconds=60)
    assert fetched(url)[0] == 200

    aws.advance(61, settle=True)

    assert fetched(url)[0] == 403


def test_the_aws_commands_url_opens(aws: EmbeddedAws, keys: Keys) -> None:
    finished = aws_command(aws, keys, "s3", "presign", "s3://letters/a letter")

    assert fetched(finished.stdout.strip()) == (200, b"dear reader")


def test_a_url_for_get_caller_identity_opens(aws: EmbeddedAws, keys: Keys) -> None:
    """What Kubernetes clusters on AWS take for a token."""
    url = str(client(aws, "sts", keys).generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET"))

    status, body = fetched(url)

    assert status == 200
    assert f"arn:aws:iam::{CUSTOMER}:root".encode() in body
    assert fetched(url.replace("GetCallerIdentity", "GetSessionToken"))[0] == 403
    assert fetched(url + "&X-Amz-Expires=3600")[0] == 400
