"""Take an engineer into a customer's role, and explain a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from gatepass.domain.documents import policy
from gatepass.domain.errors import AccessRefused, Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.session import LONGEST_CHAINED_SESSION, SHORTEST_SESSION, Caller, Entry, Session
from gatepass.domain.session_terms import Terms
from gatepass.ports.sessions import SessionShelf, TokenService

if TYPE_CHECKING:
    from gatepass.usecases.explain_refusal import OurSide

_SET_NAME = "sts:SetSourceIdentity"
_NOTHING = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})


class Remark(Enum):
    """What is worth telling about a session that began all the same."""

    CAPPED = "it ends within the hour, because your own credentials are a session already"
    NAMED_ALREADY = "it carries the source identity of your own session, which cannot change along a chain"


def unheard(remark: Remark) -> None:
    """Tell nobody."""
    del remark


def enter_role(  # noqa: PLR0913, PLR0917 - what, with what, how long, by whom, on which terms, and whom to tell
    role: RoleArn,
    ask_external_id: Callable[[], ExternalId | None],
    duration: timedelta,
    tokens: TokenService,
    terms: Terms | None = None,
    tell: Callable[[Remark], None] = unheard,
    ours: Callable[[], OurSide] | None = None,
) -> Session:
    """Assume the role under the engineer's own name.

    Args:
        role: the customer's role.
        ask_external_id: gives the second factor, or None for none; asked once the credentials are known to work.
        duration: how long; cut to one hour when the caller is itself a session.
        tokens: the provider's side.
        terms: what narrows the session and what it is labelled with.
        tell: hears what was not done as asked.
        ours: gives what our own side knows, asked only to explain a refusal.

    Raises:
        AccessRefused: AWS said no; its words and the likely causes are in it.
        InvalidInput: the role does not last so long, or the policies are too large.
    """
    terms = terms or Terms()
    caller = tokens.caller()
    if caller.is_session and duration > LONGEST_CHAINED_SESSION:
        duration = LONGEST_CHAINED_SESSION
        tell(Remark.CAPPED)
    # What cannot be asked for is told before anybody is asked for a second factor.
    entry = terms.of(Entry(role, terms.named or caller.engineer, duration))
    entry = replace(entry, external_id=ask_external_id())
    try:
        return _entered(entry, caller, terms, tokens, tell)
    except (AccessRefused, Conflict) as refusal:
        # The decision engine costs more than entering does, and most entries succeed.
        from gatepass.usecases.explain_refusal import explained  # noqa: PLC0415

        told = explained(refusal, caller, entry, ours() if ours is not None else None)
        if told is refusal:
            raise (_in_terms(refusal, entry) if isinstance(refusal, Conflict) else refusal) from None
        raise told from refusal


def step_in(session: Session, shelf: SessionShelf) -> None:
    """Make the session the current one of this terminal."""
    shelf.put([*shelf.sessions(), session])


def step_out(shelf: SessionShelf) -> Session | None:
    """Leave the current session and return it, or None when there is none."""
    sessions = shelf.sessions()
    if not sessions:
        return None
    shelf.put(sessions[:-1])
    return sessions[-1]


def _entered(
    entry: Entry, caller: Caller, terms: Terms, tokens: TokenService, tell: Callable[[Remark], None]
) -> Session:
    """Enter under the engineer's name, or under the one that the caller's session carries already."""
    try:
        return tokens.enter(entry)
    except AccessRefused as refusal:
        if not caller.is_session or _SET_NAME not in refusal.message:
            raise
        named = _as_carried(entry, terms, tokens)
        if named is None:
            raise
        session = tokens.enter(named)
        tell(Remark.NAMED_ALREADY)
        return session


def _as_carried(entry: Entry, terms: Terms, tokens: TokenService) -> Entry | None:
    """Return the entry under the name that the caller's session carries already; None when it carries none.

    AWS tells the name only with a session that inherits it. One that may do nothing is begun for
    this and thrown away, so that no session ever acts for somebody unnamed.
    """
    asked = Entry(entry.role, entry.engineer, SHORTEST_SESSION, entry.external_id, policy=_NOTHING, keeps_name=True)
    try:
        carried = tokens.enter(asked).engineer
    except GatepassError:
        return None
    if carried == entry.engineer:
        return None
    return terms.of(replace(entry, engineer=carried))


def _in_terms(conflict: Conflict, entry: Entry) -> GatepassError:
    """Say which of the person's terms AWS does not take, where its words tell."""
    if "MaxSessionDuration" in conflict.why:
        return InvalidInput(
            f"the role {entry.role.name} in account {entry.role.account} gives no sessions of {entry.duration}",
            why="the customer set its limit (session: in the grant), and AWS does not tell how long it is; "
            "no role's limit is under 1 hour",
            next_step="enter with: --for 1h, or ask the customer for longer sessions",
        )
    if "PackedPolicyTooLarge" in conflict.why:
        return InvalidInput(
            "the session's policies and tags are too large for STS",
            why=conflict.why,
            next_step="shorten the policy, or leave the ticket out",
        )
    return conflict
