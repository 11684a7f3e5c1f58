"""Note that somebody entered a customer's role, or was refused; on the hot path, so it imports little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gatepass.domain.errors import AccessRefused, CredentialsRefused, NotAnswered

if TYPE_CHECKING:
    from gatepass.domain.session import Caller, Entry, Session
    from gatepass.ports.sessions import TokenService

# Takes the actor's ARN, the outcome and a note of the closed list.
NoteEntry = Callable[[str, str, str], None]


class _WatchedTokens:
    """Another token service; what is asked of it is seen."""

    def __init__(self, tokens: TokenService) -> None:
        self._tokens = tokens
        self.actor, self.was_asked = "", False

    def caller(self) -> Caller:
        caller = self._tokens.caller()
        self.actor = caller.arn
        return caller

    def enter(self, entry: Entry) -> Session:
        self.was_asked = True
        self.actor = self.actor or str(entry.engineer)
        return self._tokens.enter(entry)


@contextmanager
def noted_entry(tokens: TokenService, note: NoteEntry) -> Iterator[TokenService]:
    """Give a token service to enter by, and note once what came of it; nothing where STS was never asked.

    However often one entry asks, under another name or without a policy, it is one thing that was done. What a
    cache before the service answers is a session that was noted when it began.
    """
    watched = _WatchedTokens(tokens)
    try:
        yield watched
    except BaseException as error:
        if watched.was_asked:
            note(watched.actor, *_told(error))
        raise
    if watched.was_asked:
        note(watched.actor, "done", "")


def _told(error: BaseException) -> tuple[str, str]:
    match error:
        case CredentialsRefused():
            return "refused", "credentials refused"
        case AccessRefused():
            return "refused", "access denied"
        case NotAnswered():
            return "failed", "no answer"
        case KeyboardInterrupt():
            return "failed", "stopped by the person"
        case _:
            return "failed", ""
