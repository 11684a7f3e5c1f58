"""What each kind of run can be told, and what is kept of it with the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.cli.options import wait_option
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.limits import VERIFIER
from gatepass.wiring import registers

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


def _store_option(command: _Command) -> _Command:
    return click.option(
        "--store", type=click.Choice(STORES), default="ssm", envvar="GATEPASS_STORE", show_default=True,
        help="Where the teams' second factors lie.",
    )(command)  # fmt: skip


def verify_options(command: _Command) -> _Command:
    """Add who makes the handshakes, and where the register and the second factors are."""
    for option in (
        _store_option,
        click.option(
            "--quick", is_flag=True,
            help="Try only the right external ID and none: a third of the calls, and far less is proved.",
        ),
        click.option(
            "--stranger", metavar="PROFILE", help="Try as this AWS profile too, which should reach no customer."
        ),
        click.option(
            "--verify-as", metavar="PROFILE", default=VERIFIER, show_default=True,
            help="The AWS profile, or the ARN of a role, that makes the handshakes.",
        ),
        click.option(
            "--file", "file", type=_PATH, default="customers.yml", envvar="GATEPASS_REGISTER", show_default=True,
            help="The provider's file, or the folder of them; at the same place for every worker.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def verify_order(*, file: Path, verify_as: str, stranger: str | None, store: str, quick: bool) -> dict[str, str]:
    """Return what a verification is made ready with."""
    return {
        "register": str(file.absolute()),
        "verify_as": verify_as,
        "stranger": stranger or "",
        "store": store,
        "quick": "yes" if quick else "",
    }


def reconcile_options(command: _Command) -> _Command:
    """Add whose accounts, how they are entered, and whether they are changed."""
    for option in (
        wait_option,
        _store_option,
        click.option("--apply", "apply", is_flag=True, help="Make the accounts as the files say; else only report."),
        click.option(
            "--via-role", metavar="NAME",
            help="Enter each account by its own role of this name, such as OrganizationAccountAccessRole.",
        ),
        click.argument("path", type=_PATH),
    ):  # fmt: skip
        command = option(command)
    return command


def reconcile_order(*, path: Path, via_role: str | None, apply: bool, store: str, wait: timedelta) -> dict[str, str]:
    """Return what a comparison is made ready with.

    Raises:
        UsageError: the register has only one account to enter.
    """
    is_provider = registers.is_register(path)
    if is_provider and via_role:
        raise click.UsageError("--via-role is for a folder of customers' files, and this is the provider's")
    return {
        "path": str(path.absolute()),
        "side": "provider" if is_provider else "customer",
        "via_role": via_role or "",
        "apply": "yes" if apply else "",
        "store": store,
        "wait": str(wait.total_seconds()),
    }
