"""A small threaded HTTP/1.1 server on the loopback address."""

from __future__ import annotations

import socket
import sys
import traceback
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from gatepass.sandbox.wire.wsgi import wsgi_environ

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 512 * 1024 * 1024
# A connection that says nothing for so long is closed.
IDLE_SECONDS = 120


class LoopbackServer(ThreadingHTTPServer):
    """Serves a WSGI application on 127.0.0.1, keeping connections alive.

    werkzeug's own server closes every connection after one answer, which costs clients a new one for each call.
    """

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, application: WSGIApplication, port: int = 0) -> None:
        self.application = application
        self._connections: set[socket.socket] = set()
        self._connections_lock = Lock()
        super().__init__((LOOPBACK, port), _Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own types
        """Remember a connection, so that closing the server closes it."""
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as above
        """Forget a connection that is over."""
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and close what is still open."""
        super().server_close()
        with self._connections_lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                # Reading only: an answer that is being written still goes out.
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - as above
        """Say what failed, unless it was a client that went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class NoAnswer(Exception):
    """Raised by the application to have the connection closed in place of an answer."""


class _Malformed(Exception):
    """A request whose body cannot be told from the next request."""


class _Handler(BaseHTTPRequestHandler):
    """Turns HTTP into WSGI and back."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    server_version = "gatepass-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    # Nagle's algorithm and delayed acknowledgements together cost 40 ms a call; one buffered write needs neither.
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        try:
            body = self._body()
        except _Malformed:
            self.close_connection = True
            self._write("400 Bad Request", [("Content-Length", "0")], [])
            return
        written: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: object = None,  # noqa: ARG001 - WSGI's
        ) -> Callable[[bytes], object]:
            written.append((status, headers))
            return lambda _: None

        try:
            content = self.server.application(self._environ(body), start_response)
        except NoAnswer:
            self.close_connection = True
            return
        self._write(*written[0], content)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815 - http.server's names

    def handle_expect_100(self) -> bool:
        """Tell the client to go on, at once: it waits a second for it."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep no access log: URLs may hold signatures."""

    def _body(self) -> bytes:
        lengths, encodings = self.headers.get_all("Content-Length", []), self.headers.get_all("Transfer-Encoding", [])
        if len(lengths) + len(encodings) > 1:
            raise _Malformed
        if encodings:
            if encodings[0].strip().lower() != "chunked":
                raise _Malformed
            return self._chunked_body()
        length = lengths[0] if lengths else "0"
        if not length.isascii() or not length.isdecimal() or int(length) > LARGEST_BODY:
            raise _Malformed
        return self._exactly(int(length))

    def _chunked_body(self) -> bytes:
        body = bytearray()
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            if not line or not set(line) <= set(b"0123456789abcdefABCDEF") or len(line) > 8:
                raise _Malformed
            size = int(line, 16)
            if len(body) + size > LARGEST_BODY:
                raise _Malformed
            if size == 0:
                while self.rfile.readline(8192).strip():
                    pass
                return bytes(body)
            body += self._exactly(size)
            if self._exactly(2) != b"\r\n":
                raise _Malformed

    def _exactly(self, length: int) -> bytes:
        data = self.rfile.read(length) if length else b""
        if len(data) != length:
            raise _Malformed
        return data

    def _environ(self, body: bytes) -> WSGIEnvironment:
        return {
            **wsgi_environ(self.command, self.path, body),
            "SERVER_NAME": LOOPBACK,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            # Names as they were written, and repeated ones apart: a signature covers both.
            "gatepass.headers": list(self.headers.items()),
        }

    def _write(self, status: str, headers: list[tuple[str, str]], content: Iterable[bytes]) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            for part in content:
                self.wfile.write(part)
        self.wfile.flush()
