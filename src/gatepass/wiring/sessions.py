"""What an engineer has loaded and entered."""

from __future__ import annotations

import os

from gatepass.adapters.base_credentials import base_key_id
from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.kept_sessions import KeptSessions
from gatepass.domain.errors import GatepassError
from gatepass.domain.session import Session
from gatepass.domain.shell_environment import STACK
from gatepass.ports.sessions import SessionShelf
from gatepass.wiring.machine import clock


def shelf() -> SessionShelf:
    """Return the sessions of this terminal that the person's own credentials began."""
    return KeptSessions(base_key_id())


def current_session() -> Session | None:
    """Return the customer's session one is in: that of ``exec`` around this command, else the last ``sudo``.

    Where the function of a shell called, the shell's environment alone tells: other tools see nothing else.

    Raises:
        GatepassError: it has expired.
    """
    session = session_around() or (None if STACK in os.environ else next(iter(reversed(shelf().sessions())), None))
    if session is not None and session.has_expired(clock().now()):
        raise GatepassError(
            f"the session in account {session.account} has expired",
            why=f"it ended at {session.expires_at:%Y-%m-%d %H:%M:%SZ}",
            next_step=f"gatepass leave, then gatepass sudo {session.role}",
        )
    return session
