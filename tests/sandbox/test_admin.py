"""The admin path: who may use it, and what it does."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import Letter
from tests.sandbox.setting import CUSTOMER, Keys, client, identity, refused

PATHS = [
    ("POST", f"/_sandbox/accounts/{CUSTOMER}"),
    ("POST", "/_sandbox/clock?advance=60"),
    ("GET", "/_sandbox/events"),
    ("POST", "/_sandbox/reset"),
    ("POST", "/_sandbox/stop"),
    ("GET", "/_sandbox/health"),
    ("GET", "/_sandbox"),
    ("GET", "/_sandbox/nothing"),
]


def admin(aws: EmbeddedAws, method: str, path: str, **headers: str) -> Letter:
    return Letter(aws, method, path, {"X-Sandbox-Token": aws.admin_token}).with_headers(**headers)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("token", [None, "", "x", "right and more", "half"])
def test_without_the_token_there_is_nothing(aws: EmbeddedAws, method: str, path: str, token: str | None) -> None:
    given = {"right and more": aws.admin_token + "x", "half": aws.admin_token[:20]}.get(token or "", token)
    headers = {} if given is None else {"X-Sandbox-Token": given}

    reply = Letter(aws, method, path, headers).send()

    assert (reply.status, reply.body) == (403, b"")


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1.example.com", "localhost.example.com:80", "evil@127.0.0.1", ""]
)
@pytest.mark.parametrize(("method", "path"), PATHS[:2])
def test_under_another_hosts_name_there_is_nothing(aws: EmbeddedAws, method: str, path: str, host: str) -> None:
    """A web page can make its reader's browser call 127.0.0.1 under a name of its own."""
    before = aws.now()

    reply = admin(aws, method, path, Host=host).send()

    assert (reply.status, reply.body) == (403, b"")
    assert (aws.now() - before).total_seconds() < 30


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:4566", "localhost", "localhost:4566"])
def test_the_loopback_addresss_names_are_taken(aws: EmbeddedAws, host: str) -> None:
    assert admin(aws, "GET", "/_sandbox/health", Host=host).send().status == 200


def test_with_a_bucket_in_the_hosts_name_the_path_is_the_objects(aws: EmbeddedAws) -> None:
    reply = admin(aws, "GET", "/_sandbox/health", Host="bucket.localhost").send()

    assert (reply.status, reply.code) == (403, "AccessDenied")


@pytest.mark.parametrize(
    "account", ["", "1", "44445555666", "4444555566660", "44445555666a", "٤٤٤٤٥٥٥٥٦٦٦٦", "../accounts"]
)
def test_only_twelve_digits_are_an_account(aws: EmbeddedAws, account: str) -> None:
    path = f"/_sandbox/accounts/{account}".encode("ascii", "backslashreplace").decode()

    assert admin(aws, "POST", path).send().status == 404


def test_an_account_hands_out_the_same_root_key_each_time(aws: EmbeddedAws) -> None:
    first, second = (json.loads(admin(aws, "POST", f"/_sandbox/accounts/{CUSTOMER}").send().body) for _ in range(2))

    assert first == second
    assert set(first) == {"AccessKeyId", "SecretAccessKey"}
    assert identity(aws, Keys(first["AccessKeyId"], first["SecretAccessKey"])) == f"arn:aws:iam::{CUSTOMER}:root"
    assert aws.root_credentials(CUSTOMER) == (first["AccessKeyId"], first["SecretAccessKey"])


@pytest.mark.parametrize("seconds", ["", "-1", "1e9", "nan", "inf", "soon", "1" * 13, "3155846401"])
def test_the_clock_moves_forward_only(aws: EmbeddedAws, seconds: str) -> None:
    assert admin(aws, "POST", f"/_sandbox/clock?advance={seconds}").send().status == 400


def test_the_clock_moves(aws: EmbeddedAws) -> None:
    before = aws.now()

    moved = json.loads(admin(aws, "POST", "/_sandbox/clock?advance=3600").send().body)

    assert 3600 <= (datetime.fromisoformat(moved["now"]) - before).total_seconds() + 1 < 3610


def test_events_hold_no_keys_and_only_ids_of_sessions(aws: EmbeddedAws) -> None:
    keys = Keys(*aws.root_credentials(CUSTOMER))
    client(aws, "iam", keys).create_user(UserName="eve")
    made = client(aws, "iam", keys).create_access_key(UserName="eve")["AccessKey"]
    session = client(aws, "sts", keys).get_session_token()["Credentials"]
    refused(client(aws, "s3", Keys(made["AccessKeyId"], "x" * 40)).list_buckets)

    reply = admin(aws, "GET", "/_sandbox/events").send()

    events = json.loads(reply.body)["events"]
    assert [event["eventName"] for event in events][-4:] == [
        "CreateUser", "CreateAccessKey", "GetSessionToken", "ListBuckets",
    ]  # fmt: skip
    assert events[-1]["errorCode"] == "SignatureDoesNotMatch"
    assert events[-4]["requestParameters"] == {"userName": "eve"}
    for secret in (
        made["SecretAccessKey"],
        session["SecretAccessKey"],
        session["SessionToken"],
        keys.secret_access_key,
    ):
        assert secret.encode() not in reply.body


def test_a_reset_forgets_everything(aws: EmbeddedAws) -> None:
    keys = Keys(*aws.root_credentials(CUSTOMER))
    client(aws, "s3", keys).create_bucket(Bucket="forgotten")
    aws.advance(86_400)

    assert admin(aws, "POST", "/_sandbox/reset").send().status == 200

    assert refused(client(aws, "sts", keys).get_caller_identity)[0] == "InvalidClientTokenId"
    assert [event["eventName"] for event in aws.events()] == ["GetCallerIdentity"]
    fresh = Keys(*aws.root_credentials(CUSTOMER))
    assert fresh != keys
    assert client(aws, "s3", fresh).list_buckets()["Buckets"] == []
    assert client(aws, "iam", fresh).list_users()["Users"] == []
    assert (aws.now().timestamp() - datetime.now().astimezone().timestamp()) < 5
