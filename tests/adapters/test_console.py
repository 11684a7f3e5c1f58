"""The console's sign-in gets credentials only where they may go, and the browser gets its link by a private page."""

from __future__ import annotations

import html
import json
import socket
import stat
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gatepass.adapters.browser_page import BrowserPage
from gatepass.adapters.federation import AwsFederation, federation_endpoint
from gatepass.adapters.memory import MemoryClock
from gatepass.domain.console import ConsoleLink
from gatepass.domain.errors import CredentialsRefused, GatepassError, InvalidInput
from gatepass.domain.identifiers import EngineerName, Partition, RoleArn
from gatepass.domain.session import Credentials, Session
from tests.people import MORNING

AWS = Partition("aws")
OWN = "https://signin.aws.amazon.com/federation"
SECRET, TOKEN = "SECRET-KEY-OF-THE-SESSION", "TOKEN-OF-THE-SESSION"
SESSION = Session(
    RoleArn("arn:aws:iam::444455556666:role/gatepass/support"), EngineerName("maria"),
    datetime.now(UTC) + timedelta(hours=1), Credentials("ASIAMEMORYMEMORYMEM0", SECRET, TOKEN),
)  # fmt: skip


@contextmanager
def answering(status: int, body: bytes = b"", location: str = "") -> Iterator[tuple[str, list[str]]]:
    """Answer every request alike; yield the address and what was asked."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append(f"{self.command} {self.path} {len(content)}")
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/federation", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def spilt(error: GatepassError) -> bool:
    shown = f"{error!r} {error.what} {error.why} {error.next_step}"
    return SECRET in shown or TOKEN in shown


@pytest.mark.parametrize(
    "named",
    [
        "http://evil.example/federation",
        "http://169.254.169.254/",
        "http://127.0.0.1.evil.example/",
        "evil",
        "file:///x",
    ],
)
def test_an_address_that_no_credentials_may_go_to_is_refused(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("GATEPASS_SIGNIN_ENDPOINT", named)

    with pytest.raises(InvalidInput, match="not an address to send credentials to"):
        federation_endpoint(AWS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://proxy.example",
        "http://10.0.0.7:4566",
        "http://127.0.0.1.evil.example:80",
        "http://127.0.0.1@evil.example",
    ],
)
def test_an_endpoint_for_signed_calls_elsewhere_gets_no_credentials(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.delenv("GATEPASS_SIGNIN_ENDPOINT", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    assert federation_endpoint(AWS) == OWN


def test_the_sandbox_on_this_machine_and_an_address_of_ones_own_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEPASS_SIGNIN_ENDPOINT", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000/")
    assert federation_endpoint(AWS) == "http://127.0.0.1:5000/federation"

    monkeypatch.setenv("GATEPASS_SIGNIN_ENDPOINT", "https://eu-west-1.signin.aws.amazon.com/federation")
    assert federation_endpoint(AWS) == "https://eu-west-1.signin.aws.amazon.com/federation"


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        answering(200, b'{"SigninToken": "x"}') as (elsewhere, seen),
        answering(status, location=elsewhere) as (here, _),
    ):
        with pytest.raises(GatepassError, match="gave no token") as refused:
            AwsFederation(here).signin_token(SESSION)

        assert seen == []
    assert not spilt(refused.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"token": "x"}', b"\xff"])
def test_an_answer_that_is_none_is_told(body: bytes) -> None:
    with answering(200, body) as (here, _), pytest.raises(GatepassError, match="gave no token") as refused:
        AwsFederation(here).signin_token(SESSION)

    assert not spilt(refused.value)


def test_a_session_that_is_not_taken_is_told() -> None:
    with answering(400) as (here, _), pytest.raises(CredentialsRefused, match="signs nobody in") as refused:
        AwsFederation(here).signin_token(SESSION)

    assert not spilt(refused.value)
    assert "gatepass console" in refused.value.next_step


def test_an_endpoint_that_does_not_answer_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/federation"

        with pytest.raises(GatepassError, match="does not answer to the console's sign-in") as refused:
            AwsFederation(address).signin_token(SESSION)

    assert not spilt(refused.value)


def test_credentials_go_in_the_body_and_no_proxy_sees_what_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    with answering(200, json.dumps({"SigninToken": "signed-in"}).encode()) as (here, seen):
        token = AwsFederation(here).signin_token(SESSION)

    assert token.reveal() == "signed-in"
    (line,) = seen
    assert line.startswith("POST /federation ")


LINK = ConsoleLink("https://signin.aws.amazon.com/federation?Action=login&SigninToken=</script>'\"SECRET")


def browser(monkeypatch: pytest.MonkeyPatch, home: Path, script: str) -> BrowserPage:
    """Return the browser, which is a shell script and the only one there is."""
    program = home / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    # The library looks for browsers once in a process.
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    return BrowserPage(MemoryClock(MORNING), home / "console")


def test_where_there_is_no_browser_it_is_told_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = browser(monkeypatch, tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    with pytest.raises(GatepassError, match="no browser") as refused:
        opened.open(LINK)

    assert "--print" in refused.value.next_step
    assert list((tmp_path / "console").iterdir()) == []


def test_a_browser_that_reads_nothing_is_told_of_and_the_page_is_deleted_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not browser(monkeypatch, tmp_path, "exit 0").open(LINK)

    assert list((tmp_path / "console").iterdir()) == []


def test_the_browser_is_led_by_a_private_page_that_is_deleted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen, arguments = tmp_path / "seen.html", tmp_path / "arguments"
    script = f'echo "$@" > {arguments}; cp -p "${{1#file://}}" {seen}; cp /proc/$PPID/cmdline {tmp_path}/parent'
    left = tmp_path / "console" / "left.html"
    left.parent.mkdir(mode=0o700)
    left.write_text("of a command that was killed", encoding="utf-8")

    assert browser(monkeypatch, tmp_path, script).open(LINK)

    page = seen.read_text(encoding="utf-8")
    assert html.escape(LINK.reveal(), quote=True) in page
    # The link ends no script.
    assert page.count("</script>") == 1
    assert stat.S_IMODE(seen.stat().st_mode) == 0o600
    assert arguments.read_text(encoding="utf-8").startswith("file://")
    assert "SECRET" not in arguments.read_text(encoding="utf-8") + (tmp_path / "parent").read_text(encoding="utf-8")
    assert list((tmp_path / "console").iterdir()) == []
