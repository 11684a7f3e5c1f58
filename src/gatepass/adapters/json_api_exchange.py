"""One request over HTTP, and its answer: kept-alive connections, checked certificates, no redirects."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from threading import Lock
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from gatepass.domain.errors import GatepassError, InvalidInput

# A list of a hundred objects is some hundred kilobytes.
LONGEST_ANSWER = 16 * 1024 * 1024
_PIECE = 64 * 1024
_CONNECTIONS = 16
USUAL_TIMEOUT = urllib3.Timeout(connect=10, read=60)


class Unsent(Exception):
    """The request never left: whoever it was for did nothing."""


class Lost(Exception):
    """No whole answer came: what was asked for may be done, or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        headers: with their names in small letters.
        is_cut: whether only its end was kept.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    is_cut: bool = False

    @property
    def is_page(self) -> bool:
        """Whether it is a page for a browser."""
        return "html" in self.headers.get("content-type", "")


def platform_address(hostname: str) -> str:
    """Return the address of a host: by https, and by plain http only where it is this machine.

    Raises:
        InvalidInput: it is no host, or plain http would cross the network.
    """
    text = hostname.strip().rstrip("/")
    parts = _split(text if "://" in text else f"//{text}")
    host = parts[1]
    if not host or parts[0] not in {"", "http", "https"}:
        raise InvalidInput(
            "the hostname is none",
            why="it has a name, a port where it is not the usual one, and nothing else",
            next_step="write it as example.scalr.io or app.terraform.io",
        )
    is_here = is_this_machine(host)
    if parts[0] == "http" and not is_here:
        raise InvalidInput(
            f"{host} is not asked over plain http",
            why="the token would cross the network for everybody to read",
            next_step=f"write the hostname as {host}, and https is used",
        )
    scheme = parts[0] or ("http" if is_here else "https")
    return f"{scheme}://{parts[2]}"


def is_this_machine(host: str) -> bool:
    """Say whether a host's name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Exchange:
    """Requests, from as many threads as like."""

    def __init__(self, timeout: urllib3.Timeout = USUAL_TIMEOUT) -> None:
        """Wait so long for an answer; nothing is connected yet."""
        self._timeout = timeout
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._lock = Lock()

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, only_end: bool = False
    ) -> Answer:
        """Return the answer.

        Args:
            method: of HTTP.
            url: the whole address.
            headers: to send.
            body: to send.
            only_end: whether of a long answer its end is enough.

        Raises:
            Unsent: nothing was sent.
            Lost: it was sent, and no whole answer came.
            GatepassError: the host is not who it says, or its answer is endless.
        """
        host = urlsplit(url).netloc
        try:
            answer = self._pool(url).request(
                method, url, body=body, headers=dict(headers), timeout=self._timeout, retries=False, redirect=False,
                preload_content=False,
            )  # fmt: skip
            try:
                told = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, told, *_read(answer, host, only_end=only_end))
            finally:
                # What was read whole goes back to be used again; the rest of anything else is not waited for.
                answer.close() if answer.length_remaining else answer.release_conn()
        except SSLError as error:
            raise _untrusted(host, error) from None
        except LocationParseError:
            raise InvalidInput("the hostname is none", next_step="write it as example.scalr.io") from None
        except (NewConnectionError, ConnectTimeoutError, NameResolutionError, ProxyError) as error:
            raise Unsent(_plainly(error)) from None
        except (HTTPError, OSError) as error:
            raise Lost(_plainly(error)) from None

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy = _proxy(url)
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = _new_pool(proxy, is_plain=url.startswith("http://"))
            return self._pools[proxy]


def _split(text: str) -> tuple[str, str, str]:
    """Return scheme, host, and host with port; empty where it is anything else besides."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "", "", ""
    has_more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    is_plain = parts.netloc.isascii() and not any(letter.isspace() for letter in text)
    return (parts.scheme, host, parts.netloc) if is_plain and not has_more else ("", "", "")


def _read(answer: urllib3.BaseHTTPResponse, host: str, *, only_end: bool) -> tuple[bytes, bool]:
    kept, is_cut = bytearray(), False
    while piece := answer.read(_PIECE):
        kept += piece
        if len(kept) > LONGEST_ANSWER and not only_end:
            raise GatepassError(
                f"{host} does not stop to answer",
                why=f"more than {LONGEST_ANSWER // 1024 // 1024} MB came, and no list of the platform is so long",
                next_step="check the hostname, and whether a proxy stands in between",
            )
        if only_end and len(kept) > 8 * _PIECE:
            del kept[: -4 * _PIECE]
            is_cut = True
    return bytes(kept), is_cut


def _new_pool(proxy: str, *, is_plain: bool) -> urllib3.PoolManager:
    context = None if is_plain else _trust()
    if not proxy:
        return urllib3.PoolManager(maxsize=_CONNECTIONS, ssl_context=context)
    parts = urlsplit(proxy)
    named = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    plain = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    headers = urllib3.make_headers(proxy_basic_auth=named) if named else None
    return urllib3.ProxyManager(plain, maxsize=_CONNECTIONS, ssl_context=context, proxy_headers=headers)


def _trust() -> ssl.SSLContext:
    """Return whose certificates are believed, chosen as boto3 chooses; OpenSSL itself reads SSL_CERT_FILE."""
    given = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    known = ssl.get_default_verify_paths()
    if not given and not known.cafile and not known.capath:
        found = find_spec("botocore")
        place = found.submodule_search_locations if found is not None else None
        given = f"{place[0]}/cacert.pem" if place else None
    try:
        context = ssl.create_default_context(cafile=given or None)
    except OSError:
        raise GatepassError(
            f"{given} is no file of certificates",
            why="AWS_CA_BUNDLE or REQUESTS_CA_BUNDLE names it",
            next_step="name the PEM file of the authority that signed the host's certificate, or unset it",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _proxy(url: str) -> str:
    """Return the proxy that the environment names for that address; none for this machine."""
    host = urlsplit(url).hostname or ""
    if is_this_machine(host) or proxy_bypass(host):
        return ""
    named = getproxies().get(urlsplit(url).scheme, "")
    return named if not named or "://" in named else f"http://{named}"


def _untrusted(host: str, error: SSLError) -> GatepassError:
    known = "certificate verify failed" in str(error).casefold()
    return GatepassError(
        f"{host} could not show that it is {host}",
        why="its certificate is signed by nobody whom this machine trusts, or is of another host"
        if known
        else "no safe connection came about",
        next_step="check the hostname; behind a company's own authority, name its file: export AWS_CA_BUNDLE=...",
    )


def _plainly(error: Exception) -> str:
    """Return the kind of failure; the library's own words could hold an address with a secret in it."""
    match error:
        case NameResolutionError():
            return "there is no host of that name"
        case ProxyError():
            return "the proxy cannot be reached"
        case NewConnectionError():
            return "nobody answers there"
        case ConnectTimeoutError():
            return "no connection came about in time"
        case urllib3.exceptions.ReadTimeoutError():
            return "no answer came in time"
        case _:
            return "the connection broke off"
