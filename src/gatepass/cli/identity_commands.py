"""Commands about one's own credentials: load, show, forget."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.time_left import expiry_words
from gatepass.domain.loaded_credentials import LoadedCredentials
from gatepass.domain.session import Caller, Credentials
from gatepass.usecases.begin_with_code import begin_with_code
from gatepass.usecases.try_credentials import tried
from gatepass.wiring import identity, machine, own_account

# Pasted credentials are a few hundred characters; a whole file pasted by mistake is not read to its end.
_LONGEST_PASTE = 65_536
_LOADED = "creds load"


@click.group()
def creds() -> None:
    """Load, show and forget your own credentials."""


@creds.command()
@click.option("--profile", metavar="NAME", help="Take them from an AWS profile of any kind instead of standard input.")
@click.option("--section", metavar="NAME", help="Of several profiles that are pasted, take the one of this name.")
@click.option(
    "--mfa", is_flag=False, flag_value="", metavar="[SERIAL]",
    help="Begin a session of 12 hours with a code of your MFA device, from a long-lived key.",
)  # fmt: skip
@json_option
def load(*, profile: str | None, section: str | None, mfa: str | None, as_json: bool) -> int:
    """Take your own credentials: pasted in any form, or from an AWS profile; they are tried before they are kept.

    Pasted are export lines of any shell, PowerShell, an INI profile, or JSON as AWS's tools print it. With --mfa and
    nothing pasted, the session begins from the credentials that are in use.
    """
    if profile is not None and section is not None:
        raise click.UsageError("--section belongs to what is pasted, not to --profile")
    credentials, origin, serial = _given(profile, section, with_own=mfa is not None)
    if mfa is not None:
        devices = identity.second_devices(credentials)
        credentials = begin_with_code(credentials, mfa or serial, devices, identity.ask_code)
        origin = f"{origin}, with a code of an MFA device"
    if credentials is None:
        raise click.UsageError("nothing was pasted")
    caller = tried(own_account.tokens_of(credentials))
    _told(identity.keep_credentials(credentials, origin, caller), caller, as_json=as_json)
    return ExitCode.DONE


def _given(profile: str | None, section: str | None, *, with_own: bool) -> tuple[Credentials | None, str, str | None]:
    """Return what to load, where it comes from, and the device that goes with it."""
    if profile is not None:
        found = identity.aws_profile(profile)
        held = found.credentials(identity.ask_code, machine.clock().now())
        return held.credentials, " ".join(filter(None, (f"profile {profile}", held.way))), found.mfa_serial
    own = own_account.base() if with_own else None
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    begins_from_own = at_terminal and own is not None and own_account.has_credentials()
    text = "" if sys.stdin is None or begins_from_own else _pasted(at_terminal)
    if own is not None and not text.strip():
        if own.credentials is None and own.origin.startswith("profile "):
            return _given(own.origin.removeprefix("profile "), None, with_own=True)
        return own.credentials, own.origin, None
    return identity.parse_credentials(text, section), "pasted", None


def _pasted(at_terminal: bool) -> str:  # noqa: FBT001 - the one question about it
    if at_terminal:
        note("Paste the credentials (they are not shown), then press Ctrl-D:")
        return identity.pasted_at_terminal(sys.stdin.fileno(), _LONGEST_PASTE)
    # As bytes: a paste in another encoding is no credential, and no traceback either.
    source = getattr(sys.stdin, "buffer", None)
    return source.read(_LONGEST_PASTE).decode(errors="replace") if source else sys.stdin.read(_LONGEST_PASTE)


def _told(loaded: LoadedCredentials | None, caller: Caller, *, as_json: bool) -> None:
    own = own_account.base()
    in_use = own.origin == _LOADED
    expires_at = loaded.credentials.expires_at if loaded is not None else None
    place = identity.kept_place(loaded) if loaded is not None else ""
    if as_json:
        json_result(
            {
                "account": str(caller.account),
                "arn": caller.arn,
                "expires_at": expires_at.isoformat() if expires_at is not None else None,
                "kept_in": place,
                "in_use": in_use,
            }
        )
    else:
        result(f"loaded: {caller.arn} in account {caller.account}")
        if expires_at is not None:
            result(f"expires in: {expiry_words(expires_at, machine.clock().now())}")
    if loaded is not None and loaded.credentials.session_token is None:
        note(f"this key does not end by itself; it is kept in {place}")
        note("safer: gatepass creds load --mfa, or Identity Center: gatepass creds load --profile NAME")
    if not in_use:
        note(f"{own.origin} has credentials too, and they go first: unset AWS_ACCESS_KEY_ID and AWS_PROFILE")


@creds.command()
@json_option
def show(*, as_json: bool) -> int:
    """Tell which credentials are used; never the secret part, and without asking AWS."""
    own = own_account.base()
    loaded = identity.loaded_credentials() if own.origin == _LOADED else None
    caller = loaded.caller if loaded is not None else None
    keys = own.credentials
    expires_at = keys.expires_at if keys is not None else None
    if as_json:
        json_result(
            {
                "origin": own.origin,
                "loaded_from": loaded.origin or None if loaded is not None else None,
                "access_key_id": keys.access_key_id if keys is not None else None,
                "account": str(caller.account) if caller is not None else None,
                "arn": caller.arn if caller is not None else None,
                "expires_at": expires_at.isoformat() if expires_at is not None else None,
                "kept_in": identity.kept_place(loaded) if loaded is not None else None,
            }
        )
        return ExitCode.DONE
    result(f"from:       {own.origin}" + (f" ({loaded.origin})" if loaded is not None and loaded.origin else ""))
    if keys is not None:
        result(f"key:        {keys.access_key_id}, its secret part is not shown")
        result(f"expires in: {_end_of(keys, machine.clock().now())}")
    if caller is not None:
        result(f"account:    {caller.account}, as {caller.arn}")
    if loaded is not None:
        result(f"kept in:    {identity.kept_place(loaded)}")
    return ExitCode.DONE


def _end_of(keys: Credentials, now: datetime) -> str:
    if keys.expires_at is not None:
        return expiry_words(keys.expires_at, now)
    return "unknown: nobody said" if keys.session_token else "never: a long-lived key"


@creds.command()
@json_option
def clear(*, as_json: bool) -> int:
    """Forget the loaded credentials and leave every session of this terminal."""
    identity.forget_credentials()
    if as_json:
        json_result({"cleared": True})
    else:
        result("forgotten: the loaded credentials and this terminal's sessions")
    return ExitCode.DONE
