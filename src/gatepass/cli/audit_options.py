"""Options of the commands about the log, and what they name: which log, who signs, whose checkpoints count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gatepass.cli.output import note
from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.identifiers import AccountId
from gatepass.domain.kept_secrets import STORES
from gatepass.wiring import audit as wired

if TYPE_CHECKING:
    from gatepass.ports.audit import AuditLog
    from gatepass.usecases.checkpoint_log import Signer
    from gatepass.usecases.verify_log import Notary

Command = TypeVar("Command", bound=Callable[..., Any])


def log_option(command: Command) -> Command:
    """Add which log is meant."""
    return click.option(
        "--log", "place", metavar="PLACE",
        help="Which log: a file, or postgresql://...; by default what GATEPASS_AUDIT names, else your own.",
    )(command)  # fmt: skip


def anchor_option(command: Command) -> Command:
    """Add where checkpoints are anchored."""
    return click.option(
        "--anchor", "anchors", metavar="PLACE", multiple=True,
        help="Where checkpoints stay: a file, s3://BUCKET/KEY or git:PATH. May be given several times.",
    )(command)  # fmt: skip


def signer_options(command: Command) -> Command:
    """Add who signs for the log."""
    for add in (
        click.option("--own-key", is_flag=True, help="Sign with this machine's own key, as customers do."),
        click.option("--account", metavar="ACCOUNT", help="Whose log it is; else your own account's."),
        click.option(
            "--keys", "keys_store", type=click.Choice(STORES), default="file", show_default=True,
            help="Where the provider's keys lie.",
        ),
    ):  # fmt: skip
        command = add(command)
    return command


def chosen_log(place: str | None) -> AuditLog:
    """Return the log, with what this machine's journal holds for it delivered first."""
    demand_no_password(place)
    log = wired.log_at(place)
    # A log that was named beside the usual one is looked at, and nothing is put into it.
    if place is None or place == os.environ.get(wired.PLACE):
        try:
            done = wired.deliver_journal(place)
        except GatepassError as error:
            note(f"this machine's own journal is not in it yet: {error.what}")
        else:
            if done.unreadable:
                note(f"{done.unreadable} lines of the journal are no records; they are kept in audit/unreadable.txt")
    return log


def demand_no_password(place: str | None) -> None:
    """Let no password pass on the command line, where every program of the machine can read it.

    Raises:
        UsageError: there is one.
    """
    before, is_there, _ = (place or "").partition("://")[2].partition("@")
    if (is_there and ":" in before) or "password=" in (place or "").lower():
        raise click.UsageError("a password does not belong on the command line; use ~/.pgpass, or set GATEPASS_AUDIT")


def chosen_signer(keys_store: str, account: str | None, *, own_key: bool) -> Signer:
    """Return who signs: the provider with its keys, or the person with this machine's own.

    Raises:
        NotThere: the provider has no keys there.
    """
    from gatepass.usecases.checkpoint_log import provider_signer
    from gatepass.wiring import handover

    own = AccountId(account) if account is not None else _own_account()
    if own_key:
        return wired.own_signer(own)
    try:
        return provider_signer(handover.key_ring(keys_store, own), wired.signatures())
    except NotThere as error:
        raise NotThere(
            error.what,
            why="a provider signs its log with the key that signs its offers",
            next_step="name their store with --keys; a customer signs with this machine's own key: --own-key",
        ) from None


def chosen_notary(log: AuditLog, keys_store: str, account: str | None, *, own_key: bool, has_anchors: bool) -> Notary:
    """Return whose checkpoints count; of a log that nobody signed yet no key is asked for."""
    from gatepass.usecases.verify_log import Notary

    if not has_anchors and not log.checkpoints():
        return Notary((), wired.signatures())
    if account is None:
        account = next(_origins(log), None)
    try:
        return chosen_signer(keys_store, account, own_key=own_key).notary
    except NotThere:
        # Whoever has no provider's keys signed with this machine's own, if at all.
        return chosen_signer(keys_store, account, own_key=True).notary


def _origins(log: AuditLog) -> Iterator[str]:
    """Yield the account that the log's own checkpoints name; with another's keys none of them would be right."""
    from gatepass.domain.checkpoint import parse_checkpoint

    for each in log.checkpoints():
        try:
            yield parse_checkpoint(each).checkpoint.origin.rpartition("/")[2]
        except GatepassError:
            continue


def _own_account() -> AccountId:
    from gatepass.wiring import own_account

    return own_account.own_tokens().caller().account
