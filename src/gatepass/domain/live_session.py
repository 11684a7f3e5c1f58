"""What may be told of a session that somebody has entered: labels, and no key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.identifiers import EngineerName, RoleArn


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session of some terminal of this user.

    Attributes:
        where: which terminal it is of, in words.
        is_current: whether this command would use it.
    """

    where: str
    is_current: bool
    role: RoleArn
    engineer: EngineerName
    expires_at: datetime
    customer: str = ""
    grant: str = ""

    def left(self, now: datetime) -> timedelta:
        """Return how long it lasts yet; nothing once it has expired."""
        return max(self.expires_at - now, timedelta())
