"""The option that names the provider's register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepass.domain.kept_secrets import STORES

Command = TypeVar("Command", bound=Callable[..., Any])


def register_options(command: Command) -> Command:
    """Add the register and the team's store to commands that also do without."""
    named = click.option(
        "--register",
        type=click.Path(path_type=Path),
        envvar="GATEPASS_REGISTER",
        show_envvar=True,
        help="The provider's register; by default customers.yml, if it is there.",
    )
    kept = click.option(
        "--store",
        type=click.Choice(STORES),
        default="ssm",
        envvar="GATEPASS_STORE",
        show_default=True,
        show_envvar=True,
        help="Where your team's second factors lie.",
    )
    return named(kept(command))


def team_store_option(command: Command) -> Command:
    """Add the store of the teams' second factors to commands that take a provider's file or a customer's."""
    return click.option(
        "--store",
        type=click.Choice(STORES),
        default="ssm",
        envvar="GATEPASS_STORE",
        show_default=True,
        show_envvar=True,
        help="With a provider's file: where the teams' second factors lie.",
    )(command)


def demand_no_team_store() -> None:
    """Let nobody say of a customer's file where teams' second factors lie; the environment may.

    Raises:
        UsageError: somebody did.
    """
    source = click.get_current_context().get_parameter_source("store")
    if source is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--store is for a provider's file; a customer's says second_factor_store: itself")


def register_option(command: Command) -> Command:
    """Add the register: ``--file``, else ``GATEPASS_REGISTER``, else ``customers.yml``."""
    return click.option(
        "--file",
        "register",
        type=click.Path(path_type=Path),
        envvar="GATEPASS_REGISTER",
        default="customers.yml",
        show_default=True,
        show_envvar=True,
        help="The provider's register: a file, or a folder of files.",
    )(command)
