"""Faults that a test stages: who may, which calls they hit, and what comes back."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.sandbox.raw_http import Letter, form, who_am_i
from tests.sandbox.setting import CUSTOMER, PROVIDER, Keys, allow, client, document, refused, root, user

EVE = f"arn:aws:iam::{CUSTOMER}:user/eve"
ANSWERED = [FaultKind.THROTTLE, FaultKind.DENIED, FaultKind.QUOTA, FaultKind.ERROR_BEFORE, FaultKind.ERROR_AFTER]
RETRIED = [FaultKind.THROTTLE, FaultKind.ERROR_BEFORE, FaultKind.ERROR_AFTER, FaultKind.LOST]
HANGING = [FaultKind.HANG_BEFORE, FaultKind.HANG_AFTER]


@pytest.fixture(autouse=True)
def _no_faults(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.clear_faults()


def iam(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - boto3's
    return client(aws, "iam", root(aws, CUSTOMER))


@pytest.fixture(scope="module")
def eve(aws: EmbeddedAws) -> Keys:
    return user(aws, CUSTOMER, "eve", allow("iam:*", "s3:*", "ec2:*", "eks:*", "dynamodb:*"))


def user_names(aws: EmbeddedAws) -> set[str]:
    return {each["UserName"] for each in iam(aws).list_users()["Users"]}


def admin(aws: EmbeddedAws, method: str, body: bytes = b"") -> Letter:
    return Letter(aws, method, "/_sandbox/faults", {"X-Sandbox-Token": aws.admin_token}, body)


def staged(aws: EmbeddedAws, **description: object) -> Any:  # noqa: ANN401 - JSON's
    reply = admin(aws, "POST", json.dumps(description).encode()).send()
    assert reply.status == 200, reply.body
    return json.loads(reply.body)["faults"]


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("token", [None, "", "x"])
def test_without_the_token_nobody_stages_sees_or_clears_a_fault(
    aws: EmbeddedAws, method: str, token: str | None
) -> None:
    aws.stage_fault(FaultKind.DENIED)
    headers = {} if token is None else {"X-Sandbox-Token": token}

    reply = Letter(aws, method, "/_sandbox/faults", headers, b'{"kind": "throttle"}').send()

    assert (reply.status, reply.body) == (403, b"")
    assert [each["kind"] for each in aws.faults()] == ["denied"]
    assert refused(iam(aws).list_users)[0] == "AccessDenied"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b"{}",
        b'{"kind": "fire"}',
        b'{"kind": ["denied"]}',
        b'{"kind": "denied", "operation": ""}',
        b'{"kind": "denied", "operation": "putRolePolicy"}',
        b'{"kind": "denied", "operation": "iam:PutRolePolicy"}',
        b'{"kind": "denied", "operation": 1}',
        b'{"kind": "denied", "principal": null}',
        b'{"kind": "denied", "after": -1}',
        b'{"kind": "denied", "after": 1.5}',
        b'{"kind": "denied", "after": true}',
        b'{"kind": "denied", "after": NaN}',
        b'{"kind": "denied", "times": 0}',
        b'{"kind": "denied", "times": 1000001}',
        b'{"kind": "denied", "operatoin": "PutRolePolicy"}',
    ],
)
def test_what_describes_no_fault_is_refused_and_stages_nothing(aws: EmbeddedAws, body: bytes) -> None:
    reply = admin(aws, "POST", body).send()

    assert reply.status == 400
    assert json.loads(reply.body)["error"]
    assert aws.faults() == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD"])
def test_there_is_no_other_way_to_speak_of_faults(aws: EmbeddedAws, method: str) -> None:
    assert admin(aws, method).send().status == 404


def test_a_fault_hits_after_so_many_calls_and_so_many_times(aws: EmbeddedAws) -> None:
    staged(aws, operation="CreateUser", after=1, times=2, kind="error-before")
    names = [f"counted-{number}" for number in range(4)]

    iam(aws).create_user(UserName=names[0])
    iam(aws).list_users()
    codes = [refused(iam(aws).create_user, UserName=name)[0] for name in names[1:3]]
    iam(aws).create_user(UserName=names[3])

    assert codes == ["InternalFailure"] * 2
    assert user_names(aws) & set(names) == {names[0], names[3]}
    (fault,) = json.loads(admin(aws, "GET").send().body)["faults"]
    assert (fault["passed"], fault["hit"], fault["held"]) == (1, 2, 0)


def test_of_two_faults_the_earlier_one_hits_first_and_the_other_waits(aws: EmbeddedAws) -> None:
    staged(aws, operation="*", kind="throttle")
    staged(aws, operation="ListUsers", kind="denied")

    assert [refused(iam(aws).list_users)[0] for _ in range(2)] == ["Throttling", "AccessDenied"]
    assert iam(aws).list_users()["Users"] is not None


def test_a_fault_for_one_principal_spares_everybody_else(aws: EmbeddedAws, eve: Keys) -> None:
    staged(aws, kind="denied", principal=EVE)

    assert iam(aws).list_users()["Users"]
    assert refused(client(aws, "iam", eve).list_users) == (
        "AccessDenied", f"User: {EVE} is not authorized to perform: iam:ListUsers",
    )  # fmt: skip


def test_calls_that_are_nobodys_are_not_counted(aws: EmbeddedAws) -> None:
    """A stranger's noise must not use up what a test has staged."""
    staged(aws, kind="denied")

    assert who_am_i(aws).send().status == 403
    assert who_am_i(aws).signed(Keys(*aws.root_credentials(PROVIDER)[:1], "x" * 40), "sts").send().status == 403

    assert [(each["passed"], each["hit"]) for each in aws.faults()] == [(0, 0)]
    assert refused(iam(aws).list_users)[0] == "AccessDenied"


@pytest.mark.parametrize("kind", ANSWERED)
def test_an_answered_fault_has_the_effect_that_its_name_says(aws: EmbeddedAws, kind: FaultKind) -> None:
    codes = {
        FaultKind.THROTTLE: ("Throttling", 400),
        FaultKind.DENIED: ("AccessDenied", 403),
        FaultKind.QUOTA: ("LimitExceeded", 409),
        FaultKind.ERROR_BEFORE: ("InternalFailure", 500),
        FaultKind.ERROR_AFTER: ("InternalFailure", 500),
    }
    staged(aws, operation="CreateUser", kind=kind.value)
    name = f"made-{kind.value}"

    reply = form(aws, f"Action=CreateUser&Version=2010-05-08&UserName={name}").signed(root(aws, CUSTOMER), "iam").send()

    assert (reply.code, reply.status) == codes[kind]
    assert (name in user_names(aws)) is (kind is FaultKind.ERROR_AFTER)
    made = [event for event in aws.events() if event["requestParameters"] == {"userName": name}]
    assert [event.get("errorCode") for event in made] == [codes[kind][0]]


@pytest.mark.parametrize(
    ("service", "operation", "codes"),
    [
        ("iam", "list_users", ("Throttling", "AccessDenied", "LimitExceeded", "InternalFailure")),
        ("s3", "list_buckets", ("SlowDown", "AccessDenied", "TooManyBuckets", "InternalError")),
        (
            "ec2", "describe_instances",
            ("RequestLimitExceeded", "UnauthorizedOperation", "ResourceLimitExceeded", "InternalFailure"),
        ),
        (
            "dynamodb", "list_tables",
            ("ThrottlingException", "AccessDeniedException", "LimitExceededException", "InternalFailure"),
        ),
        (
            "eks", "list_clusters",
            ("TooManyRequestsException", "AccessDeniedException", "LimitExceededException", "InternalFailure"),
        ),
    ],
)  # fmt: skip
def test_every_service_fails_in_words_of_its_own(
    aws: EmbeddedAws, eve: Keys, service: str, operation: str, codes: tuple[str, ...]
) -> None:
    for kind, code in zip(("throttle", "denied", "quota", "error-before"), codes, strict=True):
        staged(aws, kind=kind)

        assert refused(getattr(client(aws, service, eve), operation))[0] == code


def test_a_lost_call_has_its_effect_and_no_answer(aws: EmbeddedAws) -> None:
    staged(aws, operation="CreateUser", kind="lost")
    letter = form(aws, "Action=CreateUser&Version=2010-05-08&UserName=lost").signed(root(aws, CUSTOMER), "iam")

    with pytest.raises(http.client.RemoteDisconnected):
        letter.send()

    assert "lost" in user_names(aws)


@pytest.mark.parametrize("kind", RETRIED)
def test_the_standard_retry_of_boto3_recovers_from_each(
    aws: EmbeddedAws, kind: FaultKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    keys = root(aws, CUSTOMER)
    retrying = boto3.client(
        "iam", endpoint_url=aws.endpoint, region_name="us-east-1",
        aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key,
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )  # fmt: skip
    retrying.create_user(UserName=f"retried-{kind.value}")
    staged(aws, operation="PutUserPolicy", kind=kind.value)

    answer = retrying.put_user_policy(
        UserName=f"retried-{kind.value}", PolicyName="work", PolicyDocument=document(allow("s3:*"))
    )

    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert aws.faults()[0]["hit"] == 1


@pytest.mark.parametrize("kind", HANGING)
def test_a_call_hangs_until_the_faults_are_cleared_and_ends_without_an_answer(
    aws: EmbeddedAws, kind: FaultKind
) -> None:
    name = f"held-{kind.value}"
    staged(aws, operation="CreateUser", kind=kind.value)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(client(aws, "iam", root(aws, CUSTOMER)).create_user, UserName=name)

        assert aws.wait_until_held()
        assert aws.faults()[0]["held"] == 1
        # Others are served meanwhile.
        assert (name in user_names(aws)) is (kind is FaultKind.HANG_AFTER)
        assert not held.done()
        admin(aws, "DELETE").send()

        with pytest.raises(ConnectionClosedError):
            held.result()
    assert (name in user_names(aws)) is (kind is FaultKind.HANG_AFTER)


def test_nothing_hangs_when_nothing_was_staged(aws: EmbeddedAws) -> None:
    assert not aws.wait_until_held(0)


def test_cleared_faults_hit_nothing(aws: EmbeddedAws) -> None:
    staged(aws, kind="denied")

    assert json.loads(admin(aws, "DELETE").send().body) == {"faults": []}

    assert iam(aws).list_users()["Users"]


def test_a_reset_clears_the_faults_and_lets_go_what_hangs() -> None:
    with EmbeddedAws() as own, ThreadPoolExecutor(1) as pool:
        own.stage_fault(FaultKind.HANG_BEFORE)
        held = pool.submit(client(own, "iam", root(own, CUSTOMER)).list_users)
        assert own.wait_until_held()

        own.reset()

        with pytest.raises(ConnectionClosedError):
            held.result()
        assert own.faults() == []


def test_closing_the_sandbox_lets_go_what_hangs() -> None:
    with ThreadPoolExecutor(1) as pool:
        with EmbeddedAws() as own:
            own.stage_fault(FaultKind.HANG_AFTER)
            held = pool.submit(client(own, "iam", root(own, CUSTOMER)).list_users)
            assert own.wait_until_held()

        with pytest.raises(ConnectionClosedError):
            held.result()
