"""Which function answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.platforms.fake.exchange import Answer, Problem, Request

Handler = Callable[..., Answer]


@dataclass(slots=True)
class Routes:
    """A table of routes; ``{}`` in a path stands for one segment, which the function is given."""

    base: str
    _known: list[tuple[str, re.Pattern[str], Handler]] = field(default_factory=list)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Let a function answer."""
        pattern = re.escape(self.base + path).replace(r"\{\}", "([^/]+)")
        self._known.append((method, re.compile(pattern), handler))

    def answer(self, request: Request) -> Answer:
        """Return what the right function answers.

        Raises:
            Problem: there is no such path (404), or not with that method (405).
        """
        is_known = False
        for method, pattern, handler in self._known:
            found = pattern.fullmatch(request.path)
            is_known = is_known or found is not None
            if found and method == request.method:
                return handler(request, *found.groups())
        raise Problem(405 if is_known else 404, "Method Not Allowed" if is_known else "Not Found")
