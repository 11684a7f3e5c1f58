"""What ending grants and engineers' sessions by the thousand can be told, and what is kept of it with the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.cli.customer_store_option import customer_store_option
from gatepass.cli.options import Duration
from gatepass.domain.identifiers import engineer_name
from gatepass.domain.kept_secrets import STORES
from gatepass.domain.register import CustomerName

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


def _files_options(command: _Command) -> _Command:
    for option in (
        click.option(
            "--via-role", metavar="NAME",
            help="Enter each account by its own role of this name, such as OrganizationAccountAccessRole.",
        ),
        click.option(
            "--files", type=click.Path(path_type=Path), required=True,
            help="The customer's file, or the folder of them.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def expire_options(command: _Command) -> _Command:
    """Add whose grants, how long before their end their customers are told, and whether what has ended goes."""
    for option in (
        customer_store_option,
        click.option("--apply", "apply", is_flag=True, help="Withdraw what has ended; else only report it."),
        click.option(
            "--within", type=Duration(), default="24h", show_default=True,
            help="Tell of what ends within this time, each end once.",
        ),
    ):  # fmt: skip
        command = option(command)
    return _files_options(command)


def expire_order(
    *, files: Path, via_role: str | None, within: timedelta, apply: bool, customer_store: str
) -> dict[str, str]:
    """Return what looking after the ends of grants is made ready with."""
    return {
        "files": str(files.absolute()),
        "via_role": via_role or "",
        "within": str(within.total_seconds()),
        "apply": "yes" if apply else "",
        "customer_store": customer_store,
    }


def offboard_options(command: _Command) -> _Command:
    """Add who leaves or who is left, and what is looked at for it."""
    for option in (
        click.option(
            "-o", "--output", "proof", type=_PATH,
            help="Where the proof is written that a customer was left; default: offboarding-NAME.json.",
        ),
        click.option(
            "--keys-store", type=click.Choice(STORES), default="file", show_default=True,
            help="With --customer: where the provider's own keys lie, one of which signs the proof.",
        ),
        click.option(
            "--store", type=click.Choice(STORES), default="ssm", envvar="GATEPASS_STORE", show_default=True,
            help="With --customer: where the teams' second factors lie.",
        ),
        click.option(
            "--register", type=_PATH, default="customers.yml", envvar="GATEPASS_REGISTER", show_default=True,
            help="With --customer: the provider's file, or the folder of them.",
        ),
        click.option(
            "--via-role", metavar="NAME",
            help="With --engineer: enter each account by its own role of this name.",
        ),
        click.option("--files", type=_PATH, help="With --engineer: the customer's file, or the folder of them."),
        click.option("--customer", metavar="NAME", help="Which customer the provider leaves, by its register."),
        click.option("--engineer", metavar="NAME", help="Whose sessions end: the source identity, such as maria."),
    ):  # fmt: skip
        command = option(command)
    return command


def offboard_order(  # noqa: PLR0913 - one for each option
    *,
    files: Path | None,
    via_role: str | None,
    engineer: str | None,
    customer: str | None,
    register: Path,
    store: str,
    keys_store: str,
    proof: Path | None,
) -> dict[str, str]:
    """Return what the end of an engineer's sessions, or a customer's leave, is made ready with.

    Raises:
        UsageError: it is not one of both, or something is given that means nothing for it.
        InvalidInput: that is no name of an engineer, or of a customer.
    """
    if (engineer is None) == (customer is None):
        raise click.UsageError("say who goes: --engineer NAME or --customer NAME")
    if customer is not None:
        if files or via_role:
            raise click.UsageError("--files and --via-role are the customer's side; --customer goes by the register")
        name = str(CustomerName(customer))
        place = (proof or Path(f"offboarding-{name}.json")).absolute()
        if not place.parent.is_dir():
            raise click.UsageError(f"there is no folder {place.parent} for the proof")
        whose = {"customer": name, "register": str(register.absolute()), "store": store}
        return {**whose, "keys_store": keys_store, "proof": str(place)}
    if files is None or proof is not None:
        raise click.UsageError("--engineer goes by the customers' --files, and writes no proof")
    return {"files": str(files.absolute()), "via_role": via_role or "", "engineer": str(engineer_name(str(engineer)))}
