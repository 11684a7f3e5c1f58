"""Commands about the provider's own keys."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gatepass.cli.key_options import account_option, asked_passphrase, own_ring, store_option
from gatepass.cli.options import confirmed, json_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.errors import Conflict
from gatepass.domain.provider_keys import ProviderKeys
from gatepass.usecases.provider_keys import export_keys, init_keys, load_keys, restore_keys, rotate_keys
from gatepass.wiring import file_access, handover


@click.group()
def keys() -> None:
    """Make, show, exchange and back up the keys that make you the provider.

    One key signs your offers, and customers know you by it. The other opens what they seal to you.

    A lost key without a backup costs, for each customer, a new offer with a call about its fingerprint, and a pass
    sealed anew; the access that stands is not lost. When somebody else may have the keys: rotate, tell your customers
    by telephone, and have them rotate their second factors; the stolen key can still vouch for a thief.
    """


@keys.command()
@click.option("--name", help="What you call yourself; customers read it in your offers. Asked for otherwise.")
@click.option("--from-backup", "backup", type=click.Path(path_type=Path), help="Restore what keys export wrote.")
@store_option
@account_option
@json_option
def init(*, name: str | None, backup: Path | None, store: str, account: str | None, as_json: bool) -> int:
    """Make the first keys of your account, or restore them from a backup; keys that are there stay."""
    if name is not None and backup is not None:
        raise click.UsageError("the backup has the name in it; leave --name out")
    ring = own_ring(store, account)
    if backup is not None:
        text = file_access.read_handed_file(backup)
        made = restore_keys(ring, handover.strongbox(), text, asked_passphrase("Passphrase", twice=False))
    else:
        made = init_keys(ring, name if name is not None else _asked_name())
    if as_json:
        json_result(_facts(made, ring.store.title))
        return ExitCode.DONE
    result(f"{'made' if backup is None else 'restored'}: the keys of account {made.account}, in {ring.store.title}")
    _show(made)
    if backup is None:
        note("without a backup a lost key costs every customer a new offer: gatepass keys export -o FILE")
    note("next: gatepass offer CUSTOMER --permissions SecurityAudit --reason ...")
    return ExitCode.DONE


@keys.command()
@store_option
@account_option
@json_option
def show(*, store: str, account: str | None, as_json: bool) -> int:
    """Show the public halves, and the fingerprint to read out to customers."""
    ring = own_ring(store, account)
    found = load_keys(ring)
    if as_json:
        json_result(_facts(found, ring.store.title))
        return ExitCode.DONE
    result(f"account:     {found.account}, {found.name}")
    result(f"fingerprint: {found.public.key.fingerprint}")
    result(f"signing key: {found.public.key}")
    result(f"seal to:     {found.public.seal_to}")
    result(f"exchanged:   {_times(len(found.older_identities))}")
    result(f"kept in:     {ring.store.title}")
    return ExitCode.DONE


@keys.command()
@store_option
@account_option
@yes_option
@json_option
def rotate(*, store: str, account: str | None, yes: bool, as_json: bool) -> int:
    """Exchange the keys; the old one vouches for the new, and older passes can still be opened."""
    ring = own_ring(store, account)
    before = load_keys(ring)
    if not confirmed(f"Exchange the key {before.public.key.fingerprint}?", yes=yes):
        note("nothing was changed")
        return ExitCode.DONE
    made = rotate_keys(ring)
    if as_json:
        json_result(_facts(made, ring.store.title))
        return ExitCode.DONE
    result(f"exchanged: the keys of account {made.account}")
    _show(made)
    note("customers who know the old key accept offers of the new one; passes sealed to the old one still open")
    note("older backups lack the new keys: gatepass keys export -o FILE")
    return ExitCode.DONE


@keys.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Write the backup to this new file."
)
@store_option
@account_option
@json_option
def export(*, output: Path, store: str, account: str | None, as_json: bool) -> int:
    """Write a backup of all keys, locked with a passphrase that is asked for."""
    ring = own_ring(store, account)
    load_keys(ring)
    if output.exists():
        raise Conflict(f"{output} is there already", why="it is not overwritten", next_step="name another file with -o")
    passphrase = asked_passphrase("Passphrase for the backup", twice=True)
    file_access.write_new_file(output, export_keys(ring, handover.strongbox(), passphrase), private=True)
    if as_json:
        json_result({"account": str(ring.account), "file": str(output)})
        return ExitCode.DONE
    result(f"written: {output}")
    note("keep it and the passphrase in different places; the standard tool opens it too: age --decrypt")
    note(f"to restore: gatepass keys init --from-backup {output}")
    return ExitCode.DONE


def _show(made: ProviderKeys) -> None:
    result(f"fingerprint: {made.public.key.fingerprint}")


def _times(count: int) -> str:
    return "never" if count == 0 else "once" if count == 1 else f"{count} times, as far as it is kept"


def _asked_name() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is at the terminal to ask; give it with --name")
    typed: str = click.prompt("What customers know you as", err=True)
    return typed.strip()


def _facts(found: ProviderKeys, title: str) -> dict[str, object]:
    return {
        "account": str(found.account),
        "name": found.name,
        "fingerprint": found.public.key.fingerprint,
        "signing_key": str(found.public.key),
        "seal_to": found.public.seal_to,
        "older_keys": len(found.older_identities),
        "kept_in": title,
    }
