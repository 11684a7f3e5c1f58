"""AWS asked for hours by many threads, with short-lived credentials that are exchanged before they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

from gatepass.adapters.aws_endpoints import iam_region
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_roles import SignedRoles
from gatepass.adapters.signed_tokens import SignedTokens
from gatepass.domain.change import Change
from gatepass.domain.identifiers import EngineerName, RoleArn, RoleName
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.ports.machine import Clock
from gatepass.ports.roles import StandingRole

# Credentials are exchanged while they still last longer than one call with all its repetitions.
FRESH_FOR = timedelta(minutes=3)
_Made = TypeVar("_Made")


class _Renewed(Generic[_Made]):
    """What is made of credentials, and made again before they end."""

    def __init__(
        self, credentials: Callable[[], Credentials], clock: Clock, make: Callable[[Credentials], _Made]
    ) -> None:
        """Make it of what ``credentials`` returns, as long as that lasts."""
        self._credentials, self._clock, self._make, self._lock = credentials, clock, make, Lock()
        self._made: tuple[_Made, Credentials] | None = None
        self._until = float("inf")

    def get(self) -> _Made:
        """Return it; one thread exchanges, and the others wait for it."""
        with self._lock:
            if self._made is not None:
                made, known = self._made
                if known.expires_at is None or (
                    known.expires_at - self._clock.now() > FRESH_FOR and time.monotonic() < self._until
                ):
                    return made
            found = self._credentials()
            if found.expires_at is not None:
                # A clock that is set back later makes no credentials last longer.
                lasts = found.expires_at - self._clock.now() - FRESH_FOR
                self._until = time.monotonic() + lasts.total_seconds()
            self._made = (self._make(found), found)
            return self._made[0]


def renewed(
    credentials: Callable[[], Credentials], clock: Clock, make: Callable[[Credentials], _Made]
) -> Callable[[], _Made]:
    """Return what tells of the thing that is made of the credentials, made again before they end."""
    return _Renewed(credentials, clock, make).get


class RenewedRoles:
    """The roles of the account that the credentials belong to."""

    def __init__(self, credentials: Callable[[], Credentials], region: str, pool: ConnectionPool, clock: Clock) -> None:
        """Use what ``credentials`` returns, as long as it lasts."""
        place = iam_region(region)
        self._roles = _Renewed(
            credentials, clock, lambda found: SignedRoles(SignedClient(found, place, say_nothing, pool=pool))
        )

    def standing_role(self, name: RoleName) -> StandingRole | None:
        """Return the role as it stands now."""
        return self._roles.get().standing_role(name)

    def make(self, change: Change) -> None:
        """Make one of the changes that a switch consists of."""
        self._roles.get().make(change)


class RenewedTokens:
    """STS as the holder of the credentials sees it."""

    def __init__(self, credentials: Callable[[], Credentials], region: str, pool: ConnectionPool, clock: Clock) -> None:
        """Use what ``credentials`` returns, as long as it lasts."""
        self._tokens = _Renewed(
            credentials, clock, lambda found: SignedTokens(SignedClient(found, region, say_nothing, pool=pool))
        )
        self._caller: tuple[SignedTokens, Caller] | None = None

    def caller(self) -> Caller:
        """Return whose credentials these are; the same credentials are always the same caller's."""
        tokens, known = self._tokens.get(), self._caller
        if known is None or known[0] is not tokens:
            known = self._caller = (tokens, tokens.caller())
        return known[1]

    def enter(self, entry: Entry) -> Session:
        """Assume the role."""
        return self._tokens.get().enter(entry)

    def keys_inside(self, role: RoleArn, engineer: EngineerName, duration: timedelta) -> Credentials:
        """Return credentials inside a role that trusts sts:AssumeRole alone."""
        return self._tokens.get().keys_inside(role, engineer, duration)


def say_nothing(words: str) -> None:
    """A clock that is off is told once by the command, not by a thousand units."""
    del words
