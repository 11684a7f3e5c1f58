"""A server that answers as a test writes it, well or badly, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any


class Bad(Enum):
    """How a server can fail to answer."""

    CLOSED = "the connection ends without an answer"
    HELD = "no answer comes while the server runs"
    CUT = "the answer ends before its length"
    ENDLESS = "the answer does not end"


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b'{"data": []}'
    content_type: str = "application/vnd.api+json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Scripted:
    """The server.

    Attributes:
        replies: the coming answers, in order; an empty list of objects once they have run out.
        taken: every request.
        connections: how many were opened.
    """

    address: str = ""
    replies: list[Reply | Bad] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    over: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    @property
    def host(self) -> str:
        return self.address.partition("//")[2]

    def count(self, method: str) -> int:
        return sum(each.method == method for each in self.taken)


def told(*errors: Mapping[str, Any]) -> bytes:
    """Return the body of a refusal."""
    return json.dumps({"errors": list(errors)}).encode()


def one(kind: str, identity: str, **attributes: object) -> bytes:
    """Return the document of one object."""
    return json.dumps({"data": {"type": kind, "id": identity, "attributes": attributes}}).encode()


class Handler(BaseHTTPRequestHandler):
    """Takes requests for a server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedServer

    def setup(self) -> None:
        with self.server.scripted.lock:
            self.server.scripted.connections += 1
        super().setup()

    def answer(self) -> None:
        scripted = self.server.scripted
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with scripted.lock:
            scripted.taken.append(Taken(self.command, self.path, headers, body))
            reply = scripted.replies.pop(0) if scripted.replies else Reply()
        if isinstance(reply, Bad):
            self.close_connection = True
            self.fail(reply)
        else:
            self.send(reply, len(reply.body))
            self.wfile.write(reply.body)

    def send(self, reply: Reply, length: int) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(length))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def fail(self, how: Bad) -> None:
        match how:
            case Bad.HELD:
                self.server.scripted.over.wait()
            case Bad.CUT:
                self.send(Reply(), 1000)
                self.wfile.write(b'{"data": [')
            case Bad.ENDLESS:
                self.send(Reply(), 10**12)
                with suppress(OSError):
                    while True:
                        self.wfile.write(b" " * 65536)
            case Bad.CLOSED:
                pass

    do_GET = do_POST = do_PATCH = do_DELETE = do_CONNECT = answer  # noqa: N815 - the library's own names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


class ScriptedServer(ThreadingHTTPServer):
    """The server itself."""

    scripted: Scripted


@contextmanager
def scripted_server(certificate: tuple[Path, Path] | None = None) -> Iterator[Scripted]:
    """Listen on a free port of this machine while the context lasts."""
    server, scheme = ScriptedServer(("127.0.0.1", 0), Handler), "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    server.scripted = Scripted(f"{scheme}://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.scripted
    finally:
        server.scripted.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
