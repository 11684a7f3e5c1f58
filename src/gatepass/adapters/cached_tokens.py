"""A token service that asks STS once for what several callers want, and keeps it for the next."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from gatepass.adapters.session_cache import SessionCache, session_name
from gatepass.adapters.warm_answers import LEAST_LEFT
from gatepass.domain.session import Caller, Entry, Session
from gatepass.ports.sessions import TokenService


class CachedTokens:
    """Another token service, with a cache before it."""

    def __init__(self, tokens: TokenService, cache: SessionCache, hear_name: Callable[[str], None]) -> None:
        """Ask ``tokens`` for what is not in the cache; ``hear_name`` is told under which name each session is kept."""
        self._tokens, self._cache, self._hear_name = tokens, cache, hear_name
        self._caller: Caller | None = None

    def caller(self) -> Caller:
        """Return whose credentials these are."""
        if self._caller is None:
            self._caller = self._tokens.caller()
        return self._caller

    def enter(self, entry: Entry) -> Session:
        """Return a session that lasts long enough, from the cache or from STS."""
        place = os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL") or ""
        name = session_name(entry, self.caller(), place)
        began = time.time()
        with self._cache.sole(name):
            found = self._cache.session(name, entry, LEAST_LEFT, began)
            if found is not None:
                self._hear_name(name)
                return found
            asked_at = time.time()
            session = self._tokens.enter(entry)
            # Where this machine's clock is off, AWS's instant means another one here: the shorter of the two counts.
            ends_here = min(session.expires_at.timestamp(), asked_at + entry.duration.total_seconds())
            self._cache.keep(name, session, ends_here)
            self._hear_name(name)
            return session
