"""The sign-in tokens that the sandbox's federation endpoint handed out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

# IAM User Guide, "Enable custom identity broker access to the AWS console".
TOKENS_LIVE = timedelta(minutes=15)


class SigninTokens:
    """Which session each token signs in, and until when."""

    def __init__(self) -> None:
        self._sessions: dict[str, tuple[str, datetime]] = {}

    def draw(self, access_key_id: str, now: datetime) -> str:
        """Return a new token for the session with the key."""
        self._sessions = {token: kept for token, kept in self._sessions.items() if kept[1] > now}
        token = secrets.token_urlsafe(64)
        self._sessions[token] = (access_key_id, now + TOKENS_LIVE)
        return token

    def session_key(self, token: str, now: datetime) -> str | None:
        """Return the access key ID of the session that the token signs in, or None for an old or invented one."""
        key, until = self._sessions.get(token, ("", now))
        return key if until > now else None
