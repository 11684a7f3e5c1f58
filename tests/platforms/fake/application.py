"""Everything around an endpoint: the record of requests, staged faults, the token, the pace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Lock
from typing import Protocol
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

from gatepass.sandbox.wire.server import NoAnswer
from tests.platforms.fake.exchange import Answer, Problem, Request
from tests.platforms.fake.faults import Fault, Faults, Staged
from tests.platforms.fake.jsonapi import problem_document
from tests.platforms.fake.pace import Pace
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.store import Objects


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came, without its body.

    Attributes:
        url: the path with the query, as it was sent.
        status: 0 where no answer went out.
        has_token: whether a token came with it, as none should to a log's address.
    """

    method: str
    path: str
    url: str
    status: int
    has_token: bool


class Dialect(Protocol):
    """The endpoints of one platform."""

    base: str

    def begin(self, runs: Runs) -> None:
        """Take what drives the runs."""

    def answer(self, request: Request) -> Answer:
        """Answer a request whose token is right."""


class Application:
    """Answers requests over WSGI."""

    def __init__(
        self, objects: Objects, dialect: Dialect, *, open_paths: tuple[str, ...], words: Words, pace: Pace
    ) -> None:
        self.requests: list[Seen] = []
        self.tokens: set[str] = set()
        self.latency = 0.0
        self.faults = Faults()
        self.pace = pace
        self._objects, self._dialect, self._open, self._words = objects, dialect, open_paths, words
        self._lock, self._over = Lock(), Event()

    def close(self) -> None:
        """Let late answers go at once."""
        self._over.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _read(environ)
        query = str(environ.get("QUERY_STRING", ""))
        url = f"{request.path}?{query}" if query else request.path
        if self.latency:
            self._over.wait(self.latency)
        try:
            answer = self._answer(request)
        except NoAnswer:
            self._note(request, url, 0)
            raise
        except Problem as problem:
            answer = problem_document(problem)
        self._note(request, url, answer.status)
        headers = [("Content-Type", answer.content_type)] if answer.body else []
        # https://www.rfc-editor.org/rfc/rfc9110#section-8.6: a 204 has no length.
        length = [("Content-Length", str(len(answer.body)))] if answer.status != _NO_CONTENT else []
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'Status')}", [*headers, *length, *answer.headers])
        return [answer.body]

    def _note(self, request: Request, url: str, status: int) -> None:
        seen = Seen(request.method, request.path, url, status, "authorization" in request.headers)
        with self._lock:
            self.requests.append(seen)

    def _answer(self, request: Request) -> Answer:
        hitting = self.faults.hitting(request.method, request.path.removeprefix(self._dialect.base))
        for staged in hitting:
            self._before(staged)
        is_open = request.path.startswith(self._open)
        headers: tuple[tuple[str, str], ...] = ()
        if not is_open:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or token not in self.tokens:
                raise self._words.unauthorized()
            headers = self.pace.passed(request)
        try:
            with self._objects.changed:
                answer = self._dialect.answer(request)
        except Problem as problem:
            self._after(hitting)
            problem.headers = (*problem.headers, *headers)
            raise
        self._after(hitting)
        return Answer(answer.status, answer.body, answer.content_type, (*answer.headers, *headers))

    def _before(self, staged: Staged) -> None:
        match staged.fault:
            case Fault.TOO_MANY:
                raise self._words.too_many(staged.seconds)
            case Fault.ERROR_BEFORE:
                raise self._words.broken()
            case Fault.LOST_BEFORE:
                raise NoAnswer
            case Fault.SLOW:
                self._over.wait(staged.seconds)
            case Fault.TOKEN_EXPIRED:
                raise self._words.unauthorized()
            case Fault.FORBIDDEN:
                raise self._words.forbidden()
            case Fault.INVISIBLE:
                raise self._words.not_found()
            case Fault.LOCKED:
                raise self._words.locked()

    def _after(self, hitting: list[Staged]) -> None:
        if any(each.fault is Fault.LOST for each in hitting):
            raise NoAnswer
        if any(each.fault is Fault.ERROR_AFTER for each in hitting):
            raise self._words.broken()


@dataclass(frozen=True, slots=True)
class Words:
    """How a platform words the refusals that are no endpoint's own."""

    unauthorized: Callable[[], Problem]
    forbidden: Callable[[], Problem]
    not_found: Callable[[], Problem]
    locked: Callable[[], Problem]
    broken: Callable[[], Problem]
    too_many: Callable[[float], Problem]


_NO_CONTENT = 204
_REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 409: "Conflict",
    415: "Unsupported Media Type", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


def _read(environ: WSGIEnvironment) -> Request:
    # The server of the sandbox hands headers over as they were written.
    headers = {name.lower(): value for name, value in environ["gatepass.headers"]}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    query = dict(parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True))
    path = str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")
    return Request(str(environ["REQUEST_METHOD"]), path, query, headers, body)
