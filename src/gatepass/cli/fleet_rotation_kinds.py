"""What rotating and admitting by the thousand can be told, and what is kept of it with the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.cli.customer_store_option import customer_store_option
from gatepass.cli.options import Duration
from gatepass.domain.kept_secrets import STORES, demand_secret_name
from gatepass.domain.limits import VERIFIER

_Command = TypeVar("_Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)
_PLACE = "a folder, s3://BUCKET/PREFIX, or STORE:PREFIX such as ssm:handover"


def provider_options(command: _Command) -> _Command:
    """Add where the provider keeps its keys, factors and register, and who makes the handshakes."""
    for option in (
        click.option(
            "--keys-store", type=click.Choice(STORES), default="file", show_default=True,
            help="Where the provider's own keys lie.",
        ),
        click.option(
            "--store", type=click.Choice(STORES), default="ssm", envvar="GATEPASS_STORE", show_default=True,
            help="Where the teams' second factors lie.",
        ),
        click.option("--stranger", metavar="PROFILE", help="Try as this AWS profile too, which should reach nobody."),
        click.option(
            "--verify-as", metavar="PROFILE", default=VERIFIER, show_default=True,
            help="The AWS profile, or the ARN of a role, that makes the handshakes.",
        ),
        click.option(
            "--register", type=_PATH, default="customers.yml", envvar="GATEPASS_REGISTER", show_default=True,
            help="The provider's file, or the folder of them.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def rotate_options(command: _Command) -> _Command:
    """Add whose grants are rotated, how their accounts are entered, and where passes and receipts lie."""
    for option in (
        click.option(
            "--provider-profile", metavar="PROFILE",
            help="Play the provider's half too, as this AWS profile; only where both sides are yours.",
        ),
        customer_store_option,
        click.option(
            "--wait-for-receipt", "patience", type=Duration(), default="0s", show_default=True,
            help="How long each rotation looks for the provider's receipt; the next run looks again.",
        ),
        click.option(
            "--overlap", type=Duration(), default="7d", show_default=True,
            help="How long the old second factor still opens if no receipt comes.",
        ),
        click.option("--receipts", metavar="PLACE", help="Where the provider's receipts come in; default: --passes."),
        click.option("--passes", metavar="PLACE", required=True, help=f"Where passes are left: {_PLACE}."),
        click.option(
            "--via-profile", metavar="PROFILE", help="Enter each account by this AWS profile; {account} is its number."
        ),
        click.option(
            "--via-role", metavar="NAME",
            help="Enter each account by its own role of this name, such as OrganizationAccountAccessRole.",
        ),
        click.option(
            "--files", type=_PATH, required=True, help="The customer's file, or the folder of them."
        ),
    ):  # fmt: skip
        command = option(command)
    return provider_options(command)


def rotate_order(  # noqa: PLR0913 - one for each option
    *,
    files: Path,
    via_role: str | None,
    via_profile: str | None,
    passes: str,
    receipts: str | None,
    overlap: timedelta,
    patience: timedelta,
    customer_store: str,
    provider_profile: str | None,
    **provider: Any,  # noqa: ANN401 - the options of the other half
) -> dict[str, str]:
    """Return what a rotation is made ready with.

    Raises:
        UsageError: the accounts are to be entered in two ways, or the overlap leaves no time for a receipt.
    """
    if via_role and via_profile:
        raise click.UsageError("--via-role and --via-profile are two ways; give one of them")
    if overlap < timedelta(hours=1):
        raise click.UsageError("--overlap is how long the provider has to admit the pass: at least 1h")
    return {
        "files": str(files.absolute()),
        "via_role": via_role or "",
        "via_profile": via_profile or "",
        "overlap": str(overlap.total_seconds()),
        "patience": str(patience.total_seconds()),
        "customer_store": customer_store,
        "provider_profile": provider_profile or "",
        **admit_order(place=passes, receipts=receipts, **provider),
    }


def admit_options(command: _Command) -> _Command:
    """Add where passes and receipts lie, who makes the handshakes, and where register and second factors are."""
    command = click.option("--receipts", metavar="PLACE", help="Where receipts are left; default: where passes are.")(
        command
    )
    return click.argument("place")(provider_options(command))


def admit_order(  # noqa: PLR0913 - one for each option
    *,
    place: str,
    receipts: str | None,
    register: Path,
    verify_as: str,
    stranger: str | None,
    store: str,
    keys_store: str,
) -> dict[str, str]:
    """Return what an admission is made ready with.

    Raises:
        UsageError: there is no such folder.
    """
    return {
        "passes": _absolute(place),
        "receipts": _absolute(receipts or place),
        "register": str(register.absolute()),
        "verify_as": verify_as,
        "stranger": stranger or "",
        "store": store,
        "keys_store": keys_store,
    }


def _absolute(place: str) -> str:
    """Return the place as every worker can find it; a folder must be there before anything is rotated.

    Raises:
        UsageError: there is no such folder, or it names no bucket.
        InvalidInput: it names no secret.
    """
    scheme, colon, rest = place.partition(":")
    if colon and scheme == "s3":
        if not rest.removeprefix("//").partition("/")[0]:
            raise click.UsageError(f"{place} names no bucket; write s3://BUCKET/PREFIX")
        return place
    if colon and scheme in STORES:
        demand_secret_name(rest)
        return place
    if not Path(place).is_dir():
        raise click.UsageError(f"there is no folder {place}; make it, or name {_PLACE}")
    return str(Path(place).absolute())
