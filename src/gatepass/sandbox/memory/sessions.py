"""The temporary credentials that the sandbox handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

# Expired ones are remembered so that they are told apart from invented ones, up to this many sessions.
MOST_SESSIONS = 50_000
REMEMBERED_FOR = timedelta(hours=36)


class SessionKind(Enum):
    """Which STS operation made a session."""

    ROLE = "AssumeRole"
    USER = "GetSessionToken"
    FEDERATED = "GetFederationToken"


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials from STS, and everything they carry.

    Attributes:
        account: whose session it is; for a role, the role's account.
        entity_id: the unique ID of the role or user; the account number for root.
        entity_name: the name of the role, the user or the federated user.
        name: the session name; empty where there is none.
        policies: the inline session policies' texts and the documents of the managed ones;
            ``None`` when none were passed.
        has_second_factor: whether a code of an MFA device was given for it.
    """

    kind: SessionKind
    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(repr=False)
    account: str
    entity_id: str
    entity_name: str
    name: str
    issued: datetime
    expires: datetime
    policies: tuple[str, ...] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: frozenset[str] = frozenset()
    source_identity: str | None = None
    has_second_factor: bool = False


class SessionBook:
    """Every session, by access key ID."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Remember a session."""
        if len(self._sessions) >= MOST_SESSIONS:
            oldest = session.issued - REMEMBERED_FOR
            self._sessions = {key: each for key, each in self._sessions.items() if each.expires > oldest}
        self._sessions[session.access_key_id] = session

    def find(self, access_key_id: str) -> Session | None:
        """Return the session of an access key ID, also when it has expired."""
        return self._sessions.get(access_key_id)

    def all(self) -> list[Session]:
        """Return every session."""
        return list(self._sessions.values())
