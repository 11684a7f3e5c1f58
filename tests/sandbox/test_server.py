"""The HTTP server: connections, bodies, and what is no proper HTTP."""

from __future__ import annotations

import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import who_am_i
from tests.sandbox.setting import CUSTOMER, Keys, client, identity, root


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    return root(aws, CUSTOMER)


def connected(aws: EmbeddedAws) -> socket.socket:
    address = urlsplit(aws.endpoint)
    return socket.create_connection((address.hostname, address.port or 0), timeout=5)


def said(aws: EmbeddedAws, text: bytes) -> bytes:
    """Return all that the server answers before it closes the connection."""
    with connected(aws) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


def test_it_listens_on_the_loopback_address_only(aws: EmbeddedAws) -> None:
    assert aws.endpoint.startswith("http://127.0.0.1:")
    port = urlsplit(aws.endpoint).port or 0
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}

    for address in others:
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            socket.create_connection((str(address), port), timeout=1).close()


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Content-Length: 4\r\nContent-Length: 4",
        b"Content-Length: -1",
        b"Content-Length: +4",
        b"Content-Length: 4x",
        b"Content-Length: 99999999999999",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_body_without_a_clear_end_is_refused_and_the_connection_closed(aws: EmbeddedAws, framing: bytes) -> None:
    """Else the rest of one request would be taken for the next."""
    smuggled = b"GET /_sandbox/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    answer = said(aws, b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + framing + b"\r\n\r\n" + smuggled)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nabc", b"3\r\nabcde\r\n0\r\n\r\n", b"ffffffffff\r\n", b"-1\r\n\r\n"])
def test_broken_chunks_are_refused(aws: EmbeddedAws, body: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert said(aws, head + body).startswith(b"HTTP/1.1 400 ")


def test_chunks_are_put_together(aws: EmbeddedAws, keys: Keys) -> None:
    letter = who_am_i(aws).signed(keys, "sts")
    headers = "".join(f"{name}: {value}\r\n" for name, value in letter.headers.items() if name != "Content-Length")
    host = aws.endpoint.removeprefix("http://")
    half = len(letter.body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (letter.body[:half], letter.body[half:], b""))

    answer = said(
        aws, f"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode() + chunks
    )

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_connection_serves_many_calls(aws: EmbeddedAws, keys: Keys) -> None:
    address = urlsplit(aws.endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    letter = who_am_i(aws).signed(keys, "sts")
    ports = set()

    for _ in range(5):
        connection.request(letter.method, letter.path, letter.body, letter.headers)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, None)
        answer.read()
        ports.add(connection.sock.getsockname()[1])

    assert len(ports) == 1
    connection.close()


def test_who_asks_whether_to_go_on_is_told_at_once(aws: EmbeddedAws) -> None:
    with connected(aws) as connection:
        connection.sendall(b"PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")

        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 403 ")


def test_many_threads_get_their_own_answers(aws: EmbeddedAws) -> None:
    accounts = [f"{number:012d}" for number in range(1, 9)]
    seen: dict[str, set[str]] = {account: set() for account in accounts}

    def ask(account: str) -> None:
        keys = Keys(*aws.root_credentials(account))
        for _ in range(10):
            seen[account].add(identity(aws, keys))
            client(aws, "iam", keys).list_users()

    for account in accounts:
        identity(aws, Keys(*aws.root_credentials(account)))
    threads = [threading.Thread(target=ask, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {account: {f"arn:aws:iam::{account}:root"} for account in accounts}


def test_two_sandboxes_in_one_process_do_not_see_each_other(aws: EmbeddedAws, keys: Keys) -> None:
    client(aws, "s3", keys).create_bucket(Bucket="mine")
    client(aws, "s3", keys).put_object(Bucket="mine", Key="k", Body=b"kept")
    client(aws, "iam", keys).create_user(UserName="here")

    with EmbeddedAws() as other:
        others = Keys(*other.root_credentials(CUSTOMER))
        assert others != keys
        assert client(other, "iam", others).list_users()["Users"] == []
        client(other, "s3", others).create_bucket(Bucket="mine")
        client(other, "s3", others).put_object(Bucket="mine", Key="k", Body=b"other")
        other.advance(86_400)
        other.reset()

    assert client(aws, "s3", keys).get_object(Bucket="mine", Key="k")["Body"].read() == b"kept"
    assert [each["UserName"] for each in client(aws, "iam", keys).list_users()["Users"]] == ["here"]
    assert identity(aws, keys).endswith(":root")


def test_after_closing_nobody_answers() -> None:
    aws = EmbeddedAws()
    with aws:
        with connected(aws) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            idle.recv(1_000)
            aws.close()
            assert idle.recv(1) == b""
        with pytest.raises(OSError, match="refused"):
            connected(aws)
