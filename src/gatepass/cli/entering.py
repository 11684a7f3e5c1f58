"""The one way into a customer's role that sudo, exec and console share."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import NoReturn

import click

from gatepass.cli.chosen_customer import offered_way
from gatepass.cli.entering_options import Wish
from gatepass.cli.our_side import our_side
from gatepass.cli.output import note
from gatepass.cli.registered_entry import entered_way, tell_remark
from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.register import Register
from gatepass.domain.session import Session
from gatepass.domain.session_terms import Terms
from gatepass.usecases.enter_role import enter_role
from gatepass.usecases.find_way_in import WayIn, demand_untyped, way_of_role
from gatepass.usecases.record_entry import noted_entry
from gatepass.wiring import audit, choosing, own_account, registers, session_files, sessions

_LONGEST_ID = 4096
_USUAL_REGISTER = Path("customers.yml")


def entered(target: str, wish: Wish, typed: str | None = None) -> Session:
    """Enter the role that the person means, and return the session.

    Args:
        target: a customer's or a company's name, either with ``/GRANT``, or a role's ARN.
        wish: on which terms.
        typed: an external ID that was given as an argument.

    Raises:
        NotThere: nobody of that name.
        Conflict: the name is of several; they are listed.
        InvalidInput: something asked for cannot be had, or an external ID was typed for a registered customer.
        AccessRefused: AWS said no.
    """
    if typed is not None and session_files.is_new_here("external-id-in-history"):
        note("the external ID stays in your shell's history; at the prompt or on standard input it would not")
    terms = _terms(wish)
    tokens = own_account.own_tokens()
    way = registered(target, wish.register)
    if way is None:
        role = RoleArn(target)
        noted = audit.entry_note(str(role.account), "", note, str(wish.ticket or ""))
        with noted_entry(tokens, noted) as watched:
            return enter_role(
                role, lambda: _external_id(role, typed), wish.duration, watched, terms, tell_remark, ours=our_side()
            )
    demand_untyped(ExternalId(typed) if typed is not None else None, way)
    session = entered_way(way, wish.duration, wish.store, terms=terms, tell=tell_remark)
    choosing.remember(str(way))
    return session


def current_session(wish: Wish, otherwise: str) -> Session:
    """Return the session that one is in, for a command that names no customer.

    Args:
        wish: the terms; a session that is under way takes none.
        otherwise: the command that enters, for who is in none.

    Raises:
        GatepassError: there is none, or it has expired.
        UsageError: it cannot be narrowed, labelled or made longer any more.
    """
    current = sessions.current_session()
    if current is None:
        raise GatepassError(
            "no session is under way in this terminal",
            why="without a customer's name the current session is meant",
            next_step=f"gatepass sudo CUSTOMER first, or {otherwise}",
        )
    if not wish.is_plain:
        raise click.UsageError(
            "a session that is under way can be neither narrowed, labelled nor made longer; name the customer"
        )
    return current


def chosen_way(text: str, register: Register) -> WayIn:
    """Return the customer and the grant that are meant; a name of several offers these where there is a terminal."""
    return offered_way(text, register)


def registered(target: str, register: Path | None) -> WayIn | None:
    """Return whose role is meant, or None for an ARN that no register knows.

    Raises:
        NotThere: there is no register, or nobody of that name in it.
        Conflict: the name is of several.
    """
    path = register or _USUAL_REGISTER
    is_arn = target.startswith("arn:")
    if register is None and not path.exists():
        if is_arn:
            return None
        _demand_register(target)
    if is_arn:
        role = RoleArn(target)
        return way_of_role(role, registers.owner_of(path, role).register)
    return chosen_way(target, registers.customers_called(path, target.partition("/")[0]).register)


def is_known(name: str, register: Path | None) -> bool:
    """Say whether the register has a customer or a company of that name; without a register nobody is known."""
    path = register or _USUAL_REGISTER
    if register is None and not path.exists():
        return False
    found = registers.register_book(path).load().customers.values()
    asked = name.partition("/")[0]
    return any(str(each.name) == asked or each.company.lower() == asked.lower() for each in found)


def _terms(wish: Wish) -> Terms:
    document = session_files.session_policy(wish.policy) if wish.policy is not None else None
    return Terms(wish.ticket, wish.read_only, document)


def _demand_register(target: str) -> NoReturn:
    raise NotThere(
        f"there is no register here to look up {target[:64]} in",
        why=f"{_USUAL_REGISTER} is not in this folder, and neither --register nor GATEPASS_REGISTER names another",
        next_step="name the register, or give the role's whole ARN, as the customer sent it",
    )


def _external_id(role: RoleArn, typed: str | None) -> ExternalId | None:
    """Return the second factor from the argument, from standard input, or asked at the terminal; None for none."""
    if typed is not None:
        text = typed
    elif sys.stdin is not None and sys.stdin.isatty():
        text = _asked(f"External ID for {role.name} in {role.account} (Enter for none): ")
    else:
        text = _first_line()
        if not text.strip():
            note("standard input holds no external ID and is no terminal to ask at: entering without one")
    return ExternalId(text.strip()) if text.strip() else None


def _asked(question: str) -> str:
    """Ask at the terminal itself, whatever standard input and output are, without showing what is typed."""
    import getpass

    with warnings.catch_warnings():
        # It falls back to showing what is typed; then nothing is asked.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (EOFError, getpass.GetPassWarning):
            raise GatepassError(
                "the external ID cannot be asked for here without showing it",
                why="this terminal does not hide what is typed, or was closed",
                next_step="give it on standard input: gatepass sudo ARN < FILE",
            ) from None


def typed_in_shell() -> str | None:
    """Return the external ID that somebody typed and the function of the shell hands on by standard input."""
    return _first_line().strip() or None


def _first_line() -> str:
    """Return the first line of standard input and leave the rest to the command that exec runs."""
    if sys.stdin is None:
        return ""
    try:
        source = sys.stdin.fileno()
    except (OSError, ValueError):
        return sys.stdin.readline(_LONGEST_ID)
    line = b""
    while len(line) < _LONGEST_ID and not line.endswith(b"\n"):
        # One at a time: what is read in advance nobody else gets.
        byte = os.read(source, 1)
        if not byte:
            break
        line += byte
    return line.decode("ascii", "replace")
