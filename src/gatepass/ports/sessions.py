"""Who one is, how one becomes somebody else, and the sessions that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepass.domain.session import Caller, Entry, Session


class TokenService(Protocol):
    """Who one is, and how one becomes somebody else."""

    def caller(self) -> Caller:
        """Return whose credentials these are.

        Raises:
            AccessRefused: they are not accepted, or have expired.
        """

    def enter(self, entry: Entry) -> Session:
        """Assume the role.

        Raises:
            AccessRefused: AWS said no; it does not say which condition failed.
        """


class ActTrial(Protocol):
    """A call inside a customer's account that only reads, made to see whether AWS refuses it."""

    def may_act(self, session: Session) -> bool:
        """Say whether AWS allows the session anything of what is tried.

        Raises:
            CredentialsRefused: AWS does not accept the session's credentials.
        """


class SessionShelf(Protocol):
    """The sessions of one terminal, the current one last."""

    def sessions(self) -> Sequence[Session]:
        """Return the sessions, outermost first; expired ones are among them."""

    def put(self, sessions: Sequence[Session]) -> None:
        """Keep exactly these."""
