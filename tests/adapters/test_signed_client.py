"""The short way to AWS: it says what boto3 says, hears what boto3 hears, and knows when AWS does not answer."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest

from gatepass.adapters.secret_manager import ManagerSecrets
from gatepass.adapters.secret_ssm import SsmSecrets
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_secrets import SignedManager, SignedParameters
from gatepass.adapters.signed_tokens import SignedTokens
from gatepass.adapters.sts_tokens import StsTokens
from gatepass.domain.documents import policy
from gatepass.domain.errors import AccessRefused, CredentialsRefused, GatepassError, InvalidInput, NotAnswered
from gatepass.domain.identifiers import EngineerName, ExternalId, PolicyArn, RoleArn
from gatepass.domain.session import Credentials, Entry
from gatepass.ports.secrets import SecretStore
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.adapters.certificates import certificate
from tests.adapters.test_secret_stores import AWKWARD, NAME, words_of
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

REGION = "eu-west-1"
ROLE = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/gatepass/Support")
MARKER = ExternalId("gp1.KEY.MARKER")
ENTRY = Entry(
    ROLE, EngineerName("maria"), timedelta(minutes=30), MARKER,
    {"gatepass:ticket": "ABC-123", "other": "a b:c/d=e+f@g"}, EngineerName("maria+ABC-123"),
    policy({"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a b/*"}),
    (PolicyArn("arn:aws:iam::aws:policy/SecurityAudit"), PolicyArn("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")),
)  # fmt: skip


@pytest.fixture(scope="module")
def scene() -> Iterator[Cloud]:
    with EmbeddedAws() as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
        cloud = Cloud(aws)
        trusted = {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
        known = {"StringEquals": {"sts:ExternalId": MARKER.reveal()}}
        trust = policy(
            {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", "Condition": known},
            {"Effect": "Allow", "Principal": trusted, "Action": ["sts:SetSourceIdentity", "sts:TagSession"]},
        )
        iam = cloud.client("iam", aws.root_credentials(CUSTOMER))
        iam.create_role(Path="/gatepass/", RoleName="Support", AssumeRolePolicyDocument=trust.text)
        yield cloud


@pytest.fixture(scope="module")
def keys(scene: Cloud) -> tuple[str, str]:
    return scene.user(PROVIDER, "maria", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')


@pytest.fixture(autouse=True)
def without_faults(scene: Cloud) -> Iterator[None]:
    yield
    scene.aws.clear_faults()


def client(keys: tuple[str, str], **given: Any) -> SignedClient:  # noqa: ANN401 - the client's own options
    return SignedClient(Credentials(*keys), REGION, **{"tell": print, "pause": lambda _: None, **given})


@contextmanager
def impostor(
    status: int, body: bytes, heard: list[bytes] | None = None, context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Run a server that answers everything with this, and give its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            if heard is not None:
                heard.append(sent)
            said = body.replace(b"SENT", sent)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_wrong_keys_are_refused_in_the_words_of_the_long_way(keys: tuple[str, str]) -> None:
    wrong = (keys[0], "x" * 40)

    with pytest.raises(CredentialsRefused) as short:
        SignedTokens(client(wrong)).caller()
    with pytest.raises(CredentialsRefused) as long:
        StsTokens(boto3.Session(*wrong, region_name=REGION)).caller()

    assert words_of(short.value) == words_of(long.value)


def test_a_refused_role_is_told_in_the_words_of_the_long_way(keys: tuple[str, str]) -> None:
    entry = Entry(ROLE, EngineerName("maria"), timedelta(minutes=15), ExternalId("gp1.KEY.OTHER"))

    with pytest.raises(AccessRefused) as short:
        SignedTokens(client(keys)).enter(entry)
    with pytest.raises(AccessRefused) as long:
        StsTokens(boto3.Session(*keys, region_name=REGION)).enter(entry)

    assert words_of(short.value) == words_of(long.value)
    assert "OTHER" not in words_of(short.value)


def test_everything_of_an_entry_is_sent_as_the_long_way_sends_it(scene: Cloud, keys: tuple[str, str]) -> None:
    """The event log holds what STS was asked."""
    tokens = SignedTokens(client(keys)), StsTokens(boto3.Session(*keys, region_name=REGION))

    entered = [each.enter(ENTRY) for each in tokens]

    asked = [event["requestParameters"] for event in scene.aws.events() if event["eventName"] == "AssumeRole"][-2:]
    assert asked[0] == asked[1]
    assert entered[0].role == entered[1].role == ROLE
    assert entered[0].expires_at - entered[1].expires_at < timedelta(seconds=5)


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, keeps_name=True, external_id=None, tags={}, policy=None)])
def test_the_form_that_is_sent_is_the_long_ways(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str], entry: Entry
) -> None:
    heard: list[bytes] = []
    with impostor(400, b"<Error><Code>ValidationError</Code></Error>", heard) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        for tokens in (SignedTokens(client(keys)), StsTokens(boto3.Session(*keys, region_name=REGION))):
            with pytest.raises(GatepassError):
                tokens.enter(entry)

    short, long = (parse_qs(each.decode(), strict_parsing=True) for each in heard)
    assert short == long


def test_a_clock_that_is_off_is_told_and_overcome_once(keys: tuple[str, str]) -> None:
    told: list[str] = []
    tokens = SignedTokens(client(keys, tell=told.append, clock=lambda: time.time() + 600))

    tokens.caller()
    tokens.caller()

    assert len(told) == 1
    assert "clock is off: 10 minutes ahead" in told[0]


def test_wrong_keys_are_no_matter_of_the_clock(keys: tuple[str, str]) -> None:
    told: list[str] = []

    with pytest.raises(CredentialsRefused):
        SignedTokens(client((keys[0], "x" * 40), tell=told.append)).caller()

    assert told == []


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.LOST, FaultKind.ERROR_BEFORE])
def test_what_passes_is_asked_again_and_what_stays_is_no_answer(
    scene: Cloud, keys: tuple[str, str], kind: FaultKind
) -> None:
    pauses: list[float] = []
    scene.aws.stage_fault(kind, "GetCallerIdentity", times=2)
    SignedTokens(client(keys, pause=pauses.append)).caller()
    assert pauses

    scene.aws.stage_fault(kind, "GetCallerIdentity", times=99)
    with pytest.raises(NotAnswered, match="GetCallerIdentity"):
        SignedTokens(client(keys)).caller()


def test_pauses_grow_and_have_an_end(scene: Cloud, keys: tuple[str, str]) -> None:
    pauses: list[float] = []
    scene.aws.stage_fault(FaultKind.THROTTLE, "GetCallerIdentity", times=99)

    with pytest.raises(NotAnswered):
        SignedTokens(client(keys, pause=pauses.append)).caller()

    assert len(pauses) == 4
    assert all(0 <= pause <= limit for pause, limit in zip(pauses, (0.2, 0.4, 0.8, 1.6), strict=True))


def test_where_nobody_listens_the_address_is_told(monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str]) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{port}")

    with pytest.raises(NotAnswered) as caught:
        SignedTokens(client(keys)).caller()

    assert f"127.0.0.1:{port}" in caught.value.why


@pytest.mark.parametrize("body", [b"<html>sign in to this network</html>", b"", b"\xff\xfe", b"{}"])
def test_what_answers_in_place_of_aws_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str], body: bytes
) -> None:
    with impostor(200, body) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        for ask in (lambda: SignedTokens(client(keys)).caller(), lambda: SignedTokens(client(keys)).enter(ENTRY)):
            with pytest.raises(GatepassError):
                ask()


def test_an_external_id_that_sts_quotes_is_masked(monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str]) -> None:
    quoting = b"<ErrorResponse><Error><Code>ValidationError</Code><Message>SENT</Message></Error></ErrorResponse>"
    with impostor(400, quoting) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with pytest.raises(GatepassError) as caught:
            SignedTokens(client(keys)).enter(ENTRY)

    assert "MARKER" not in words_of(caught.value)
    assert "****" in caught.value.why


def stores(kind: str, keys: tuple[str, str]) -> tuple[SecretStore, SecretStore]:
    """Return the same store by the short way and by the long one."""
    session = boto3.Session(*keys)
    whole = SsmSecrets(session, REGION) if kind == "ssm" else ManagerSecrets(session, REGION)
    short = SignedParameters if kind == "ssm" else SignedManager
    return short(client(keys), lambda: whole), whole


@pytest.mark.parametrize("kind", ["ssm", "secrets-manager"])
def test_secrets_come_back_as_they_were_and_the_store_has_one_name(scene: Cloud, kind: str) -> None:
    short, whole = stores(kind, scene.aws.root_credentials(CUSTOMER))
    assert short.get(NAME) is None

    for value in AWKWARD:
        short.put(NAME, value)
        assert short.get(NAME) == value
    assert short.title == whole.title
    assert short.names("customer") == {NAME}
    short.delete(NAME)
    assert short.get(NAME) is None
    with pytest.raises(InvalidInput):
        short.get("../other")


@pytest.mark.parametrize("kind", ["ssm", "secrets-manager"])
def test_a_missing_right_to_read_is_told_with_the_next_step(keys: tuple[str, str], kind: str) -> None:
    short, _ = stores(kind, keys)

    with pytest.raises(AccessRefused) as caught:
        short.get(NAME)

    action = "ssm:GetParameter" if kind == "ssm" else "secretsmanager:GetSecretValue"
    assert caught.value.next_step.startswith(f"ask for the right to {action} on gatepass/*")


def test_https_is_asked_of_whom_the_persons_bundle_trusts_and_of_nobody_else(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, str], tmp_path: Path
) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    said = f"<Account>{PROVIDER}</Account><Arn>arn:aws:iam::{PROVIDER}:user/maria</Arn>".encode()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with impostor(200, said, context=context) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
        with pytest.raises(NotAnswered, match="does not answer"):
            SignedTokens(client(keys)).caller()

        monkeypatch.setenv("AWS_CA_BUNDLE", str(cert))
        assert str(SignedTokens(client(keys)).caller().engineer) == "maria"
