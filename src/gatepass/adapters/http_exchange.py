"""One kept-alive HTTP/1.1 connection for small requests, in place of libraries that take longer to load than to use."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatepass.adapters.aws_endpoints import Endpoint

if TYPE_CHECKING:
    import ssl

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 20.0
# Far more than STS or a secret store ever says.
_LONGEST_ANSWER = 1_000_000


class Answer:
    """What came back; a body may hold credentials, and no ``repr`` shows it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


class Connection:
    """A connection to one endpoint, opened when it is first needed and again when the other side closed it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._socket: socket.socket | None = None

    def send(self, headers: Mapping[str, str], body: bytes, method: str = "POST") -> Answer:
        """Send the request and return the answer.

        Raises:
            OSError: nobody answered, or not in the form of HTTP.
        """
        lines = [f"{method} {self._endpoint.path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
        request = "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body
        is_kept = self._socket is not None
        try:
            return self._exchanged(request)
        except OSError:
            self.close()
            if not is_kept:
                raise
        # A kept connection may have been closed meanwhile; nothing of an answer came, so it is asked anew.
        try:
            return self._exchanged(request)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Let the connection go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchanged(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = _opened(self._endpoint)
        self._socket.sendall(request)
        with self._socket.makefile("rb") as reader:
            status_line = reader.readline(_LONGEST_ANSWER).split(None, 2)
            if len(status_line) < 2 or not status_line[0].startswith(b"HTTP/1.") or not status_line[1].isdigit():
                raise OSError("the connection was closed without an answer")
            headers: dict[str, str] = {}
            while (line := reader.readline(_LONGEST_ANSWER)) not in (b"\r\n", b"\n", b""):
                name, _, text = line.decode("latin-1").partition(":")
                headers[name.strip().lower()] = text.strip()
            if headers.get("transfer-encoding", "").lower() == "chunked":
                body = b"".join(_chunks(reader))
            elif headers.get("content-length", "").isdigit():
                length = int(headers["content-length"])
                body = reader.read(min(length, _LONGEST_ANSWER))
                if len(body) < length:
                    raise OSError("the answer ended too early")
            else:
                headers["connection"] = "close"
                body = reader.read(_LONGEST_ANSWER)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(status_line[1]), headers, body)


def _chunks(reader: socket.SocketIO | object) -> list[bytes]:
    """Return the parts of a body that comes in chunks (RFC 9112, section 7.1)."""
    read, read_line = reader.read, reader.readline  # type: ignore[union-attr]
    found: list[bytes] = []
    while size := _size(read_line(1024)):
        if size + sum(map(len, found)) > _LONGEST_ANSWER:
            raise OSError("the answer is too long")
        found.append(read(size))
        read(2)
    while read_line(_LONGEST_ANSWER) not in (b"\r\n", b"\n", b""):
        pass
    return found


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise OSError("the answer is not in the form of HTTP") from None


def _trusted(known: ssl.DefaultVerifyPaths) -> str | None:
    """Return the file of certificates to trust, as boto3 chooses it; None for the machine's own."""
    # botocore reads the second name too, by way of requests's habits.
    given = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    if given or known.cafile or known.capath:
        return given or None
    from importlib.util import find_spec  # noqa: PLC0415 - where the machine has none, botocore brings some

    found = find_spec("botocore")
    place = found.submodule_search_locations if found is not None else None
    return f"{place[0]}/cacert.pem" if place else None


def _opened(endpoint: Endpoint) -> socket.socket:
    # As bytes, or Python loads the tables of international names first.
    host = endpoint.host.encode("ascii")
    plain = socket.create_connection((host, endpoint.port), _CONNECT_SECONDS)  # type: ignore[arg-type]
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if endpoint.scheme == "http":
            plain.settimeout(_READ_SECONDS)
            return plain
        # Half as long to load as everything else together, and the loopback needs none.
        import ssl  # noqa: PLC0415

        context = ssl.create_default_context(cafile=_trusted(ssl.get_default_verify_paths()))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        secured = context.wrap_socket(plain, server_hostname=endpoint.host)
        secured.settimeout(_READ_SECONDS)
    except BaseException:
        plain.close()
        raise
    return secured
