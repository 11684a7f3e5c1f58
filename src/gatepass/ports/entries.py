"""Who entered a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gatepass.domain.identifiers import ExternalId, RoleArn


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One session that began, as the customer's CloudTrail keeps it.

    Attributes:
        who: the name that the session claims, and the account it came from.
    """

    at: datetime
    who: str
    external_id: ExternalId | None = field(repr=False)


class EntryLog(Protocol):
    """Who entered a role, as far back as the account's log of events goes."""

    def entries(self, role: RoleArn) -> Sequence[EntryRecord]:
        """Return the latest sessions that began, the youngest first.

        Raises:
            AccessRefused: the credentials may not read the log.
        """
