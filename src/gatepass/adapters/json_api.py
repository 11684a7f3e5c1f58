"""A platform that speaks JSON:API, asked with patience, and nothing made twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import urllib3

from gatepass import __version__
from gatepass.adapters.json_api_documents import Document, Resource, read_document, read_tree
from gatepass.adapters.json_api_errors import Refusal, problems_told, words_of
from gatepass.adapters.json_api_exchange import USUAL_TIMEOUT, Answer, Exchange, Lost, Unsent, platform_address
from gatepass.adapters.json_api_patience import Attempts
from gatepass.adapters.platform_tokens import PlatformToken
from gatepass.domain.errors import Conflict, GatepassError, InvalidInput, NotAnswered
from gatepass.ports.machine import Clock

_JSON_API = "application/vnd.api+json"
_MOST_PAGES = 1000
PAGE = ("page[size]", "100")
Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask of a platform.

    Attributes:
        deed: what is asked for, after "refused to", such as ``make the workspace access``.
        body: the document to send.
        secrets: what in it no error may repeat.
        is_plain: whether it is JSON of no form, as actions take it.
    """

    method: str
    path: str
    deed: str
    query: Query = ()
    body: Mapping[str, object] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Host:
    """Where a platform is.

    Attributes:
        name: of the platform.
        address: such as ``https://example.scalr.io``.
        base: the path under which its API lies, such as ``/api/v2``.
    """

    name: str
    address: str
    base: str

    @property
    def title(self) -> str:
        """Which it is, in words for errors."""
        return f"{self.name} at {urlsplit(self.address).netloc}"


def host(name: str, hostname: str, base: str) -> Host:
    """Return the platform of that name at a hostname, which has a port where it is not the usual one.

    Raises:
        InvalidInput: it is no host, or plain http would cross the network.
    """
    return Host(name, platform_address(hostname), base)


class JsonApi:
    """One platform, asked with one token, from as many threads as like."""

    def __init__(
        self, where: Host, token: PlatformToken, clock: Clock, timeout: urllib3.Timeout = USUAL_TIMEOUT
    ) -> None:
        """Use the platform there; nothing is asked yet.

        Args:
            where: the host.
            token: what lets one in.
            clock: what waits between attempts.
            timeout: how long is waited for one answer.
        """
        self.title, self.address = where.title, where.address
        self._base, self._token, self._clock = where.base, token, clock
        self._exchange = Exchange(timeout)

    def get(self, path: str, deed: str, query: Query = ()) -> Document:
        """Return a document."""
        return self._document(self._patiently(Ask("GET", path, deed, query)), deed)

    def tree(self, path: str, deed: str) -> Mapping[str, object]:
        """Return an answer that is JSON, and no document of JSON:API."""
        answer = self._patiently(Ask("GET", path, deed))
        try:
            return read_tree(answer.body)
        except ValueError:
            raise self._strange(deed) from None

    def text(self, path: str, deed: str, query: Query = ()) -> bytes:
        """Return an answer that is text, or its end where it is long."""
        return self._patiently(Ask("GET", path, deed, query), only_end=True).body

    def pages(self, path: str, deed: str, query: Query = ()) -> Iterator[Document]:
        """Yield every page of a list."""
        number = 1
        for _ in range(_MOST_PAGES):
            page = self.get(path, deed, (*query, PAGE, ("page[number]", str(number))))
            yield page
            if page.next_page is None or page.next_page <= number:
                return
            number = page.next_page

    def change(self, ask: Ask) -> Resource | None:
        """Change or delete: asked again where no answer came, for it comes to the same."""
        answer = self._patiently(ask)
        if not answer.body.strip():
            return None
        data = self._document(answer, ask.deed).data
        return data[0] if data else None

    def make(self, ask: Ask, look: Callable[[], Resource | None]) -> tuple[Resource, bool]:
        """Make something that is not there, and say whether it was there already after all.

        Args:
            ask: what makes it.
            look: finds it by its name, after an attempt whose answer was lost or that was refused for its name.
        """
        attempts, is_uncertain = Attempts(self._clock), False
        while True:
            found = look() if is_uncertain else None
            if found is not None:
                return found, True
            try:
                return self._made(self._once(ask), ask), False
            except (Conflict, InvalidInput):
                # Perhaps for its name: somebody's, or ours from an attempt whose answer was lost.
                found = look()
                if found is None:
                    raise
                return found, True
            except _Again as again:
                is_uncertain = is_uncertain or again.is_uncertain
                if not attempts.wait(again.retry_after):
                    raise again.error() from None

    def act(self, ask: Ask, is_done: Callable[[], bool]) -> None:
        """Do something to an object that can be done once; looked at before it is asked for again."""
        attempts, is_uncertain = Attempts(self._clock), False
        while not (is_uncertain and is_done()):
            try:
                self._once(ask)
            except _Again as again:
                is_uncertain = is_uncertain or again.is_uncertain
                if not attempts.wait(again.retry_after):
                    raise again.error() from None
            else:
                return

    def elsewhere(self, url: str, deed: str) -> bytes:
        """Return the end of a text that lies at another address, for which the token is not."""
        address = urlsplit(url)
        platform_address(f"{address.scheme}://{address.netloc}")
        attempts = Attempts(self._clock)
        while True:
            try:
                answer = self._exchange.ask("GET", url, {"User-Agent": _AGENT}, only_end=True)
            except (Unsent, Lost) as error:
                refusal, why = None, str(error)
            else:
                if 200 <= answer.status < 300:
                    return answer.body
                refusal, why = Refusal(self.title, deed, answer.status, ""), ""
                if answer.status not in _ASKED_AGAIN:
                    raise refusal.error()
            if not attempts.wait():
                raise refusal.error() if refusal is not None else _unreachable(self.title, deed, why)

    def _patiently(self, ask: Ask, *, only_end: bool = False) -> Answer:
        attempts = Attempts(self._clock)
        while True:
            try:
                return self._once(ask, only_end=only_end)
            except _Again as again:
                if not attempts.wait(again.retry_after):
                    raise again.error() from None

    def _once(self, ask: Ask, *, only_end: bool = False) -> Answer:
        """Ask once.

        Raises:
            _Again: asking again may help.
            GatepassError: it was refused.
        """
        query = f"?{urlencode(ask.query)}" if ask.query else ""
        sent = json.dumps(ask.body).encode() if ask.body is not None else None
        try:
            answer = self._exchange.ask(
                ask.method, f"{self.address}{self._base}/{ask.path}{query}", self._headers(ask), sent, only_end=only_end
            )
        except Unsent as error:
            raise _Again(_unreachable(self.title, ask.deed, str(error)), is_uncertain=False) from None
        except Lost as error:
            raise _Again(_unreachable(self.title, ask.deed, str(error)), is_uncertain=True) from None
        if 200 <= answer.status < 300:
            return answer
        if 300 <= answer.status < 400:
            raise self._redirected(answer)
        refused = self._refusal(answer, ask).error()
        if answer.status in _ASKED_AGAIN:
            # A limit is kept before anything is done; any other of these may come after it.
            raise _Again(refused, _told_wait(answer), is_uncertain=answer.status != _LIMITED)
        raise refused

    def _headers(self, ask: Ask) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self._token.reveal()}",
            "Accept": f"{_JSON_API}, application/json;q=0.9, text/plain;q=0.8",
            "Accept-Encoding": "gzip",
            "User-Agent": _AGENT,
        }
        if ask.body is not None:
            headers["Content-Type"] = "application/json" if ask.is_plain else _JSON_API
        return headers

    def _refusal(self, answer: Answer, ask: Ask) -> Refusal:
        words = words_of(problems_told(answer.body), (*ask.secrets, self._token.reveal()))
        return Refusal(self.title, ask.deed, answer.status, words, self._token.how_to_give, _told_wait(answer))

    def _document(self, answer: Answer, deed: str) -> Document:
        try:
            return read_document(answer.body)
        except ValueError:
            raise self._strange(deed) from None

    def _made(self, answer: Answer, ask: Ask) -> Resource:
        """Return what was made; an answer that says so and cannot be read is as one that was lost."""
        try:
            data = read_document(answer.body).data
        except ValueError:
            data = ()
        if not data or not data[0].id:
            raise _Again(self._strange(ask.deed), is_uncertain=True)
        return data[0]

    def _strange(self, deed: str) -> GatepassError:
        return GatepassError(
            f"{self.title} was asked to {deed}, and did not answer as it does",
            why="what came is no document of JSON:API; a proxy or a log-in page may stand in between",
            next_step=f"check the hostname, and what answers at {self.address}",
        )

    def _redirected(self, answer: Answer) -> GatepassError:
        named = urlsplit(answer.headers.get("location", "")).hostname or "another place"
        return GatepassError(
            f"{self.title} sends us on to {named}",
            why="the token is for the host that was named, and goes nowhere else",
            next_step=f"if {named} is the right one, name it as hostname; otherwise see who answers there",
        )


class _Again(Exception):
    """Asking again may help."""

    def __init__(self, problem: GatepassError, retry_after: str = "", *, is_uncertain: bool) -> None:
        super().__init__()
        self.problem, self.retry_after, self.is_uncertain = problem, retry_after, is_uncertain

    def error(self) -> GatepassError:
        """Return what is said when it did not help."""
        return self.problem


_AGENT = f"gatepass/{__version__}"
_LIMITED = 429
_ASKED_AGAIN = frozenset({408, 425, _LIMITED, 500, 502, 503, 504})


def _told_wait(answer: Answer) -> str:
    """Return what the platform says of when to ask again: HCP Terraform has a header of its own for its limit."""
    return answer.headers.get("retry-after", "") or answer.headers.get("x-ratelimit-reset", "")


def _unreachable(title: str, deed: str, why: str) -> NotAnswered:
    return NotAnswered(
        f"{title} did not {deed}",
        why=f"{why}; it was asked several times",
        next_step="check the network and the hostname, and run the command again; it goes on from where it was",
    )
