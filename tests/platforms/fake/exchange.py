"""What goes over the wire: a request, an answer, and a problem that becomes an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON_API = "application/vnd.api+json"
PLAIN_JSON = "application/json"
PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        path: without the query, and decoded.
        query: each parameter once, as the platforms read them.
        headers: by their names in small letters.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def tree(self) -> object:
        """Return the body as JSON.

        Raises:
            Problem: it is none.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise Problem(400, "Bad Request", "The body is not a JSON document.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = JSON_API
    headers: tuple[tuple[str, str], ...] = ()


class Problem(Exception):
    """Something that the platform refuses.

    Attributes:
        status: of HTTP.
        pointer: where in the document, such as ``/data/attributes/name``.
        parameter: which parameter of the query.
    """

    def __init__(
        self, status: int, title: str, detail: str = "", *, pointer: str = "", parameter: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.pointer, self.parameter = pointer, parameter
        self.headers = headers
        # The documents of rate limits show a number where all others show a text.
        self.shown_status: int | str = str(status)


def document(tree: Mapping[str, Any], status: int = 200) -> Answer:
    """Return an answer with a document of JSON:API."""
    return Answer(status, json.dumps(tree).encode())


def nothing(status: int = 204) -> Answer:
    """Return an answer without a body."""
    return Answer(status)
