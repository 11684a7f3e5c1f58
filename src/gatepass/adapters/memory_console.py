"""The console's sign-in and a browser in memory, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatepass.domain.console import ConsoleLink, SigninToken
from gatepass.domain.errors import CredentialsRefused
from gatepass.domain.session import Session


@dataclass
class MemoryFederation:
    """A sign-in that knows some sessions by their access keys."""

    known: frozenset[str]
    endpoint: str = "https://signin.aws.amazon.com/federation"
    asked: list[str] = field(default_factory=list)

    def signin_token(self, session: Session) -> SigninToken:
        """Return a token for a session that it knows."""
        key = session.credentials.access_key_id
        self.asked.append(key)
        if key not in self.known:
            raise CredentialsRefused("the test signs nobody in with this session")
        return SigninToken(f"signed-in-{key}")


@dataclass
class MemoryBrowser:
    """A browser that remembers where it was led."""

    shown: list[ConsoleLink] = field(default_factory=list)

    def open(self, link: ConsoleLink) -> bool:
        """Remember the link."""
        self.shown.append(link)
        return True
