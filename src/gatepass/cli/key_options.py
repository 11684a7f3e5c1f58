"""Options of the commands that use the provider's keys."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gatepass.domain.identifiers import AccountId
from gatepass.domain.kept_secrets import STORES
from gatepass.usecases.provider_keys import KeyRing
from gatepass.wiring import handover, own_account

Command = TypeVar("Command", bound=Callable[..., Any])


def store_option(command: Command) -> Command:
    """Add where the provider's keys lie."""
    return click.option(
        "--store", type=click.Choice(STORES), default="file", show_default=True, help="Where your keys lie."
    )(command)


def account_option(command: Command) -> Command:
    """Add whose keys they are, for machines without credentials."""
    return click.option(
        "--account", metavar="ACCOUNT", help="Your own account number; that of your credentials otherwise."
    )(command)


def own_ring(store: str, account: str | None = None) -> KeyRing:
    """Return where the keys of one's own account lie."""
    own = AccountId(account) if account is not None else own_account.own_tokens().caller().account
    return handover.key_ring(store, own)


def asked_passphrase(question: str, *, twice: bool) -> str:
    """Ask for a passphrase at the terminal, without showing it; it is never an option.

    Raises:
        UsageError: nobody is at a terminal.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is at the terminal to type the passphrase; run it at one")
    typed: str = click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    return typed
