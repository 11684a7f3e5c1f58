"""List an account's resources of one kind, and explain a refusal."""

from __future__ import annotations

import difflib

from gatepass.domain.errors import AccessRefused, CredentialsRefused, InvalidInput
from gatepass.domain.session import Session
from gatepass.domain.table import Table
from gatepass.ports import ResourceLister


def list_resources(name: str, containing: str, lister: ResourceLister, session: Session | None) -> Table:
    """Return the resources of that name whose row contains the text.

    Args:
        name: a name of the catalogue, such as ``s3bucket``.
        containing: a text to look for in every column; empty for all rows.
        lister: the account.
        session: the customer's session that asks, or None for the person's own credentials.

    Raises:
        InvalidInput: the catalogue has no such name.
        AccessRefused: AWS said no; its words and what the grant lacks are in it.
    """
    names = lister.names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3)
        raise InvalidInput(
            f"{name} is not in the catalogue",
            why=f"it has: {', '.join(names)}",
            next_step=f"did you mean {' or '.join(near)}?" if near else "choose one of these",
        )
    try:
        return lister.list(name).containing(containing)
    except AccessRefused as refusal:
        if session is None:
            raise
        raise _explained(refusal, session) from refusal


def _explained(refusal: AccessRefused, session: Session) -> AccessRefused:
    """Say what AWS's refusal means inside a customer's account."""
    account = session.account
    if isinstance(refusal, CredentialsRefused):
        meaning = f"the session in account {account} is over: it expired, or the customer withdrew the role"
        next_step = "gatepass leave"
    elif "explicit deny" in refusal.message:
        meaning = f"account {account} denies it: the door was closed, the window ended, or a limit holds"
        next_step = f"ask the customer of account {account}, or gatepass leave"
    else:
        meaning = f"the grant behind {session.role.name} does not give this permission; the session itself is fine"
        action = refusal.what.removeprefix("AWS refused ")
        next_step = f"ask the customer of account {account} to add {action} to the grant"
    return type(refusal)(
        refusal.what,
        why=f"{refusal.why}\n{meaning}",
        next_step=next_step,
        code=refusal.code,
        message=refusal.message,
    )
