"""Who one is: the person's own credentials and where they come from, and the account one stands in."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from gatepass.adapters.exec_environment import session_around
from gatepass.adapters.kept_credentials import KeptCredentials
from gatepass.adapters.pasted_credentials import parse_credentials as parsed
from gatepass.domain.loaded_credentials import LoadedCredentials
from gatepass.domain.session import Caller, Credentials
from gatepass.ports.second_devices import SecondDevices
from gatepass.usecases.whose_account import Standing
from gatepass.wiring import own_account, sessions
from gatepass.wiring.machine import clock

if TYPE_CHECKING:
    from gatepass.adapters.profile_credentials import AwsProfile as AwsProfile  # noqa: PLC0414 - exported


def parse_credentials(text: str, section: str | None = None) -> Credentials:
    """Return the credentials in what somebody pasted.

    Raises:
        InvalidInput: they are not whole, have expired, or are several.
    """
    return parsed(text, clock().now(), section)


def aws_profile(name: str) -> AwsProfile:
    """Return a profile of the AWS configuration.

    Raises:
        NotThere: there is none of that name.
    """
    from gatepass.adapters.profile_credentials import AwsProfile

    return AwsProfile(name)


def ask_code(words: str) -> str:
    """Ask the person at the terminal for a code; what is piped in stays untouched.

    Raises:
        GatepassError: there is no terminal.
    """
    from gatepass.adapters.terminal_answers import ask_at_terminal

    return ask_at_terminal(words)


def pasted_at_terminal(terminal: int, most: int) -> str:
    """Return what is pasted at the terminal until Ctrl-D, without showing it."""
    from gatepass.adapters import terminal_answers

    return terminal_answers.pasted_at_terminal(terminal, most)


def second_devices(credentials: Credentials | None) -> SecondDevices:
    """Return the MFA devices of whoever holds these credentials, or those boto3 finds by itself."""
    from gatepass.adapters.mfa_devices import AwsMfaDevices

    return AwsMfaDevices(own_account.connected_with(credentials))


def keep_credentials(credentials: Credentials, origin: str, caller: Caller) -> LoadedCredentials | None:
    """Keep the credentials for later commands, and return them as kept.

    A session that other credentials began is not found with them.
    """
    kept = KeptCredentials()
    kept.keep(credentials, origin, caller)
    return kept.loaded()


def loaded_credentials() -> LoadedCredentials | None:
    """Return what creds load kept, or None."""
    return KeptCredentials().loaded()


def kept_place(loaded: LoadedCredentials) -> str:
    """Return where the secret part lies, in words."""
    return "the keyring of this desktop" if loaded.in_keyring else f"{KeptCredentials().title}, for you alone"


def forget_credentials() -> None:
    """Leave every session of this terminal and forget the loaded credentials."""
    sessions.shelf().put(())
    KeptCredentials().clear()


def standing() -> Standing:
    """Return what our own side knows of the credentials that commands use here.

    Raises:
        GatepassError: the session that one is in has expired.
    """
    session = sessions.current_session()
    if session is not None:
        origin = "gatepass in this shell's environment" if session_around() else "gatepass sudo in this terminal"
        return Standing(origin, session)
    own = own_account.base()
    expires_at = own.credentials.expires_at if own.credentials is not None else None
    return Standing(own.origin, None, expires_at or _told_expiry(own.origin))


def _told_expiry(origin: str) -> datetime | None:
    """Return when the environment's credentials end, if whoever put them there said so."""
    told = os.environ.get("AWS_CREDENTIAL_EXPIRATION") or os.environ.get("AWS_SESSION_EXPIRATION")
    if origin != "the environment" or not told:
        return None
    try:
        instant = datetime.fromisoformat(told)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def alias_of(credentials: Credentials | None) -> Callable[[], str | None]:
    """Return what asks AWS for the alias of the credentials' account."""

    def ask() -> str | None:
        from gatepass.adapters.account_alias import account_alias

        return account_alias(own_account.connected_with(credentials))

    return ask
