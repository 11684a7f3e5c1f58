"""Enter a registered customer's role, without the libraries of the command line: people and tools wait for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gatepass.cli.our_side import our_side
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.session import Session
from gatepass.domain.session_terms import Terms
from gatepass.ports.sessions import TokenService
from gatepass.usecases.enter_role import Remark, enter_role, step_in, unheard
from gatepass.usecases.find_way_in import WayIn, second_factor_of, way_in
from gatepass.usecases.reach_role import tokens_for
from gatepass.usecases.record_entry import noted_entry
from gatepass.wiring import audit, own_account, registers, stores

USUAL_DURATION = timedelta(hours=1)


def entered_way(  # noqa: PLR0913 - where, how long, with what, on which terms, and whom to tell
    way: WayIn,
    duration: timedelta,
    store: str,
    *,
    terms: Terms | None = None,
    tell: Callable[[Remark], None] = unheard,
    by_way_of: Callable[[TokenService], TokenService] = lambda tokens: tokens,
) -> Session:
    """Enter the role and return the session.

    Args:
        way: whose role, and which.
        duration: how long.
        store: where the team's second factors lie.
        terms: what narrows the session and what it is labelled with.
        tell: hears what was not done as asked.
        by_way_of: puts something before STS, such as a cache.

    Raises:
        AccessRefused: AWS said no.
        Conflict: the role is in quarantine, or what is kept is for another role.
    """
    secrets = stores.secret_store(store)
    ticket = str(terms.ticket) if terms is not None and terms.ticket is not None else ""
    noted = audit.entry_note(str(way.customer.name), str(way.grant), tell_unrecorded, ticket)
    with noted_entry(tokens_for(way, own_account.own_tokens(), own_account.tokens_of), noted) as tokens:
        session = enter_role(
            way.role,
            lambda: second_factor_of(way, secrets),
            duration,
            by_way_of(tokens),
            terms,
            tell,
            ours=our_side(way, secrets),
        )
    return replace(session, customer=str(way.customer.name), grant=str(way.grant))


def tell_remark(remark: Remark) -> None:
    """Tell what was not done as asked; what is the same every time is told once in each terminal."""
    from gatepass.wiring import session_files

    match remark:
        case Remark.CAPPED:
            if session_files.is_new_in_terminal("chained-session-capped"):
                tell("one hour at most: your own credentials are a session, and AWS caps sessions that begin from one")
        case Remark.NAMED_ALREADY:
            tell("your own session carries a source identity already; it stays, as AWS lets nobody change it")


def tell_unrecorded(text: str) -> None:
    """Say that a session was begun and not recorded; the session stays."""
    sys.stderr.write(f"{text}\n")


def stepped_in(session: Session) -> str:
    """Make the session the current one of this terminal, and return a line that says so."""
    from gatepass.wiring import sessions, shell

    shell.begin_where_the_shell_is()
    shell.forget_expired()
    step_in(session, sessions.shelf())
    return f"in customer account {session.account} as {session.engineer} until {session.expires_at:%H:%M:%SZ}"


def tell_how_to_use_it() -> None:
    """Say how other tools get into the session, where the shell does not follow."""
    from gatepass.wiring import shell

    if not shell.is_followed():
        tell("this terminal is in it for every gatepass command; other tools: gatepass exec -- COMMAND")


def quick_sudo(target: str, register: str, store: str) -> bool:
    """Enter as ``gatepass sudo CUSTOMER`` does; False where the name is nobody's or several's, and nothing was done."""
    path = Path(register)
    if not path.exists():
        return False
    try:
        way = way_in(target, registers.customers_called(path, target.partition("/")[0]).register)
    except (NotThere, Conflict):
        return False
    session = entered_way(way, USUAL_DURATION, store, tell=tell_remark)
    from gatepass.wiring import choosing

    choosing.remember(str(way))
    sys.stdout.write(f"{stepped_in(session)}\n")
    tell_how_to_use_it()
    return True


def tell(text: str) -> None:
    """Print a line that is not part of the result."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
