"""Every session that is kept for this user, and which of them is the current one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.kept_sessions import KeptSessions, Stack, every_stack
from gatepass.adapters.session_labels import ready_sessions
from gatepass.domain.live_session import LiveSession
from gatepass.domain.session import Session
from gatepass.domain.shell_environment import STACK
from gatepass.wiring.own_account import base

_HERE = "this terminal"
_ELSEWHERE = "another terminal"
# Its person may come back to it, and is told then that it has expired.
_KEPT_EXPIRED = timedelta(days=1)


def live_sessions(now: datetime) -> Iterator[LiveSession]:
    """Yield this terminal's sessions, outermost first and expired ones too, then the live ones of other places.

    What is kept of another terminal is deleted when all of it expired a day ago.

    Raises:
        InvalidInput: the environment holds only half a session.
    """
    own = KeptSessions(base().key_id)
    kept, around = list(own.sessions()), session_around()
    if around is not None and _key(around) not in map(_key, kept):
        kept.append(around)
    current = around or (None if STACK in os.environ else next(iter(reversed(kept)), None))
    for session in kept:
        yield _label(session, _HERE, is_current=current is not None and _key(session) == _key(current))
    for stack in every_stack():
        if stack.path != own.path:
            yield from _of_others(stack, now)
    yield from (session for session in ready_sessions() if session.left(now))


def _of_others(stack: Stack, now: datetime) -> Iterator[LiveSession]:
    if all(session.has_expired(now - _KEPT_EXPIRED) for session in stack.sessions):
        stack.forget()
    for session in stack.sessions:
        if not session.has_expired(now):
            yield _label(session, stack.terminal or _ELSEWHERE, is_current=False)


def _label(session: Session, where: str, *, is_current: bool) -> LiveSession:
    return LiveSession(
        where, is_current, session.role, session.engineer, session.expires_at, session.customer, session.grant
    )


def _key(session: Session) -> str:
    return session.credentials.access_key_id
