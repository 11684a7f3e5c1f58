"""Take an engineer into a customer's role, and explain a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.session import LONGEST_CHAINED_SESSION, Caller, Entry, Session
from gatepass.ports.sessions import SessionShelf, TokenService


def enter_role(
    role: RoleArn,
    ask_external_id: Callable[[], ExternalId | None],
    duration: timedelta,
    tokens: TokenService,
) -> Session:
    """Assume the role under the engineer's own name.

    Args:
        role: the customer's role.
        ask_external_id: gives the second factor, or None for none; asked once the credentials are known to work.
        duration: how long; cut to one hour when the caller is itself a session.
        tokens: the provider's side.

    Raises:
        AccessRefused: AWS said no; its words and the likely causes are in it.
    """
    caller = tokens.caller()
    if caller.is_session:
        duration = min(duration, LONGEST_CHAINED_SESSION)
    entry = Entry(role, caller.engineer, duration, ask_external_id())
    try:
        return tokens.enter(entry)
    except AccessRefused as refusal:
        raise _explained(refusal, caller, entry) from refusal


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


def _explained(refusal: AccessRefused, caller: Caller, entry: Entry) -> AccessRefused:
    """Say what AWS leaves out: it names no condition, so the causes are likely ones."""
    causes, next_step = _likely_causes(refusal, caller, entry)
    return AccessRefused(
        f"AWS refused {caller.engineer} the role {entry.role.name} in account {entry.role.account}",
        why="\n".join([refusal.message, "likely causes:", *(f"- {cause}" for cause in causes)]),
        next_step=next_step,
        code=refusal.code,
        message=refusal.message,
    )


def _likely_causes(refusal: AccessRefused, caller: Caller, entry: Entry) -> tuple[list[str], str]:
    """Return the likely causes, the likeliest first, and what to do about it."""
    customer, own = entry.role.account, caller.account
    lacking = [action for action in ("sts:SetSourceIdentity", "sts:TagSession") if action in refusal.message]
    if lacking:
        cause = f"your own policy or the role's trust does not allow {lacking[0]}; Gatepass always names the engineer"
        return [cause], f"ask whoever keeps account {own} to allow you {lacking[0]} beside sts:AssumeRole"
    not_allowed = f"account {own} does not allow {caller.engineer} to assume this role"
    if "identity-based policy" in refusal.message:
        return [not_allowed], f"ask whoever keeps account {own} for the right to enter this customer's role"
    given = "none was given" if entry.external_id is None else "the one given is wrong or was replaced"
    causes = [
        f"the role asks for an external ID, and {given}",
        f"account {customer} does not trust account {own}, or not this principal of it",
        "the customer closed the door, its window is over, or the role is gone",
        not_allowed,
    ]
    if entry.external_id is None:
        return causes, "ask the customer for the external ID and give it at the prompt or on standard input"
    return causes, f"ask the customer of account {customer} whether the door is open and which external ID is current"
