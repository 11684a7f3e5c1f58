"""What an engineer has loaded and entered."""

from __future__ import annotations

from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.kept_sessions import KeptCredentials, KeptSessions
from gatepass.adapters.pasted_credentials import parse_credentials as parsed
from gatepass.domain.errors import GatepassError
from gatepass.domain.session import Credentials, Session
from gatepass.ports.sessions import SessionShelf
from gatepass.wiring.machine import clock
from gatepass.wiring.own_account import base


def shelf() -> SessionShelf:
    """Return the sessions of this terminal that the person's own credentials began."""
    return KeptSessions(base().key_id)


def current_session() -> Session | None:
    """Return the customer's session one is in: that of ``exec`` around this command, else the last ``sudo``.

    Raises:
        GatepassError: it has expired.
    """
    session = session_around() or next(iter(reversed(shelf().sessions())), None)
    if session is not None and session.has_expired(clock().now()):
        raise GatepassError(
            f"the session in account {session.account} has expired",
            why=f"it ended at {session.expires_at:%Y-%m-%d %H:%M:%SZ}",
            next_step=f"gatepass leave, then gatepass sudo {session.role}",
        )
    return session


def parse_credentials(text: str) -> Credentials:
    """Return the credentials in what somebody pasted.

    Raises:
        InvalidInput: they are not whole, or have expired.
    """
    return parsed(text)


def keep_credentials(credentials: Credentials) -> None:
    """Keep the credentials for later commands; a session that others began is not found with them."""
    KeptCredentials().keep(credentials)


def forget_credentials() -> None:
    """Leave every session of this terminal and forget the loaded credentials."""
    shelf().put(())
    KeptCredentials().clear()
