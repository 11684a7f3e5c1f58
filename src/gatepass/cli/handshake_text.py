"""Handshakes as text and as facts, and the options of the commands that make them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.domain.handshake import Handshake, Subject, probe_facts
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.limits import VERIFIER
from gatepass.usecases.provider_keys import load_keys
from gatepass.usecases.write_receipt import write_receipt
from gatepass.wiring import file_access, handover, machine

_Command = TypeVar("_Command", bound=Callable[..., Any])


def prober_options(command: _Command) -> _Command:
    """Add who makes the handshake, where the register is, and where secrets lie."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "-o", "--output", type=path, help="Write a signed receipt, which the customer can read, to this new file."
        ),
        click.option(
            "--keys-store", type=click.Choice(STORES), default="file", show_default=True,
            help="Where the provider's own keys lie.",
        ),
        click.option(
            "--store", type=click.Choice(STORES), default="ssm", envvar="GATEPASS_STORE",
            show_default=True, help="Where the teams' second factors lie.",
        ),
        click.option(
            "--stranger", metavar="PROFILE", help="Try as this AWS profile too, which should reach no customer."
        ),
        click.option(
            "--verify-as", metavar="PROFILE", default=VERIFIER, show_default=True,
            help="The AWS profile, or the ARN of a role, that makes the handshake.",
        ),
        click.option(
            "--file", "file", type=path, default="customers.yml", envvar="GATEPASS_REGISTER", show_default=True,
            help="The provider's file, or the folder of them.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def probe_lines(handshake: Handshake) -> list[str]:
    """Return a line for each probe; what is not as it should be is marked."""
    return [
        f"  {'ok ' if probe.is_as_expected else 'BAD'} {probe.seen.value:8} {probe.trial.value}"
        for probe in handshake.probes
    ]


def handshake_facts(handshake: Handshake) -> dict[str, object]:
    """Return the handshake as plain facts."""
    return {
        "role_arn": str(handshake.role),
        "verdict": handshake.verdict.value,
        "probes": [probe_facts(probe) for probe in handshake.probes],
    }


def write_receipt_file(output: Path, handshake: Handshake, subject: Subject, keys_store: str) -> None:
    """Write the receipt, signed with the provider's key, into a new file.

    Raises:
        NotThere: the provider has no keys.
        Conflict: there is something of that name.
    """
    ring = handover.key_ring(keys_store, subject.provider)
    keys = load_keys(ring)
    receipt = write_receipt(
        handshake, subject, ring.locksmith.signing_key(keys.secret), machine.randomness(), keys.rotations
    )
    file_access.write_new_file(output, receipt.text)


def demand_free(output: Path | None) -> None:
    """Let only a name pass that nothing has yet, before anything is done.

    Raises:
        UsageError: there is something of that name.
    """
    if output is not None and (output.exists() or output.is_symlink()):
        raise click.UsageError(f"{output} is there already; name another file for the receipt")
