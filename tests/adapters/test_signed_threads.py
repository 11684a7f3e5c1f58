"""One signed client asked by many threads: each hears the answer to what it asked, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from gatepass.adapters.aws_endpoints import Endpoint
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.http_exchange import Connection
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_tokens import SignedTokens
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Entry

THREADS, EACH = 16, 40
_OPENED = (
    "<AssumeRoleResult><Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>x</SecretAccessKey>"
    "<SessionToken>{account}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
)
_REFUSED = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{account}</Message></Error></ErrorResponse>"


class Customers(BaseHTTPRequestHandler):
    """An STS that opens the roles of even accounts, and says whose they are."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"])).decode()
        account = parse_qs(sent)["RoleArn"][0].split(":")[4]
        opens = int(account) % 2 == 0
        body = (_OPENED if opens else _REFUSED).format(account=account).encode()
        self.send_response(200 if opens else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with _Server(("127.0.0.1", 0), Customers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        yield address
        server.shutdown()


@pytest.mark.usefixtures("sts")
def test_many_threads_that_share_a_client_each_hear_their_own_customer() -> None:
    """Mixed up, a customer's door would count as proved by another's answer."""
    tokens = SignedTokens(SignedClient(Credentials("AKIA", "secret"), "eu-west-1", print))

    def heard(number: int) -> str:
        role = RoleArn(f"arn:aws:iam::{400_000_000_000 + number}:role/Support")
        try:
            keys = tokens.enter(Entry(role, EngineerName("maria"), timedelta(minutes=15))).credentials
        except AccessRefused as error:
            return error.message
        return str(keys.session_token)

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(heard, range(THREADS * EACH)))

    assert found == [str(400_000_000_000 + number) for number in range(THREADS * EACH)]


def test_a_connection_that_broke_off_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked on it may still be answered, and the next one to ask would take that for its own."""
    used: list[Connection] = []
    closed: list[Connection] = []

    def interrupted(self: Connection, *_: object) -> None:
        used.append(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Connection, "send", interrupted)
    monkeypatch.setattr(Connection, "close", lambda self: closed.append(self))  # noqa: PLW0108 - a method
    pool = ConnectionPool()

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            pool.send(Endpoint("http", "127.0.0.1", 1), {}, b"")

    assert used[0] is not used[1]
    assert closed == used
