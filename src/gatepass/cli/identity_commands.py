"""Commands about who one is: own credentials, and whose account one is in."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.identifiers import AccountId
from gatepass.domain.session import Caller
from gatepass.usecases.whose_account import Side, Whereabouts, whose_account
from gatepass.wiring import machine, own_account, sessions

# Pasted credentials are a few hundred characters; a whole file pasted by mistake is not read to its end.
_LONGEST_PASTE = 65_536


@click.group()
def creds() -> None:
    """Load, show and forget your own credentials."""


@creds.command()
@json_option
def load(*, as_json: bool) -> int:
    """Read credentials from standard input: export lines, PowerShell, an INI profile, or JSON."""
    if sys.stdin.isatty():
        note("Paste the credentials, then press Ctrl-D on a line of its own:")
    credentials = sessions.parse_credentials(sys.stdin.read(_LONGEST_PASTE))
    caller = own_account.tokens_of(credentials).caller()
    sessions.keep_credentials(credentials)
    own = own_account.base()
    if as_json:
        json_result({**_caller_facts(caller), "in_use": own.origin == "creds load"})
    else:
        result(f"loaded: {caller.arn} in account {caller.account}")
    if own.origin != "creds load":
        note(f"{own.origin} has credentials too, and they go first: unset AWS_ACCESS_KEY_ID and AWS_PROFILE")
    return ExitCode.DONE


@creds.command()
@json_option
def show(*, as_json: bool) -> int:
    """Tell which credentials are used; never the secret part."""
    own = own_account.base()
    key_id = own.credentials.access_key_id if own.credentials else None
    expires_at = own.credentials.expires_at if own.credentials else None
    if as_json:
        expiry = expires_at.isoformat() if expires_at else None
        json_result({"origin": own.origin, "access_key_id": key_id, "expires_at": expiry})
    else:
        result(
            f"from {own.origin}" + (f": {key_id}" if key_id else "") + (f" until {expires_at}" if expires_at else "")
        )
    return ExitCode.DONE


@creds.command()
@json_option
def clear(*, as_json: bool) -> int:
    """Forget the loaded credentials and leave every session of this terminal."""
    sessions.forget_credentials()
    if as_json:
        json_result({"cleared": True})
    else:
        result("forgotten: the loaded credentials and this terminal's sessions")
    return ExitCode.DONE


@click.command()
@json_option
def whoami(*, as_json: bool) -> int:
    """Tell whose account you are in, as whom, and for how long."""
    session = sessions.current_session()
    tokens = own_account.tokens_of(session.credentials) if session else own_account.own_tokens()
    where = whose_account(tokens, session)
    if as_json:
        json_result(_facts(where))
        return ExitCode.DONE
    result(f"account:         {where.account}")
    result(f"side:            {where.side.value}{' (your own account)' if where.side is Side.PROVIDER else ''}")
    result(f"you are:         {where.arn}")
    if where.role is not None and where.expires_at is not None:
        result(f"role:            {where.role}")
        result(f"source identity: {where.source_identity}")
        result(f"expires in:      {_time_left(where.expires_at, machine.clock().now())}")
    return ExitCode.DONE


def _facts(where: Whereabouts) -> dict[str, object]:
    return {
        "account": str(where.account),
        "arn": where.arn,
        "side": where.side.value,
        "role": str(where.role) if where.role else None,
        "source_identity": str(where.source_identity) if where.source_identity else None,
        "expires_at": where.expires_at.isoformat() if where.expires_at else None,
    }


def _caller_facts(caller: Caller) -> dict[str, object]:
    account: AccountId = caller.account
    return {"account": str(account), "arn": caller.arn}


def _time_left(end: datetime, now: datetime) -> str:
    minutes = max(end - now, timedelta()) // timedelta(minutes=1)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
