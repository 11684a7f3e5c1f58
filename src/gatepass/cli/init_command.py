"""The command that writes a person's first file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from gatepass.cli.options import Grant
from gatepass.cli.output import ExitCode, note, result
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.workspace_setup import Platform
from gatepass.render.first_file import first_file
from gatepass.render.first_register import first_register
from gatepass.render.first_workspace import first_workspace
from gatepass.wiring import file_access, own_account


@click.group()
def init() -> None:
    """Write a first file, with every key explained."""


@init.command()
@click.argument("file", type=click.Path(path_type=Path), default="access.yml")
@click.option("--provider", metavar="ACCOUNT", help="The provider's account number; asked for otherwise.")
@click.option("--account", metavar="ACCOUNT", help="Your account number; that of your credentials otherwise.")
@click.option("--grant", type=Grant(), default="support", show_default=True, help="The name of the first grant.")
def customer(file: Path, *, provider: str | None, account: str | None, grant: GrantName) -> int:
    """Write a customer's FILE, by default access.yml, and ask only what it must."""
    _demand_new(file)
    own = AccountId(account) if account is not None else _own_account()
    other = AccountId(provider if provider is not None else _asked("The provider's account number", "--provider"))
    _write(file, first_file(own, other, grant, str(file)), "it would hold your grants")
    note(f"it grants SecurityAudit to account {other}; edit it, then: gatepass plan {file}")
    return ExitCode.DONE


@init.command()
@click.argument("file", type=click.Path(path_type=Path), default="customers.yml")
@click.option("--account", metavar="ACCOUNT", help="Your account number; that of your credentials otherwise.")
def provider(file: Path, *, account: str | None) -> int:
    """Write a provider's FILE, by default customers.yml: the register of teams and customers."""
    _demand_new(file)
    own = AccountId(account) if account is not None else _own_account()
    _write(file, first_register(own, str(file)), "it would hold your teams and customers")
    note(f"it is for account {own} and has no team and no customer yet; add a team, then: gatepass check {file}")
    return ExitCode.DONE


@init.command()
@click.argument("file", type=click.Path(path_type=Path), default="workspace.yml")
@click.option("--platform", type=click.Choice([each.value for each in Platform]), required=True, help="Where it runs.")
@click.option(
    "--access",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default="access.yml",
    show_default=True,
    help="The customer's file whose grants the workspace keeps.",
)
def workspace(file: Path, *, platform: str, access: Path) -> int:
    """Write a workspace's FILE, by default workspace.yml: where Scalr or HCP Terraform keeps a customer's grants."""
    _demand_new(file)
    account = file_access.load_customer_file(access).declaration.account
    seen = os.path.relpath(access, file.parent)
    text = first_workspace(Platform(platform), f"access-{account}", seen, str(file))
    _write(file, text, "it would hold where your grants are kept")
    note(f"write your own account, repository and names into it, then: gatepass check {file}")
    return ExitCode.DONE


def _demand_new(file: Path) -> None:
    if file.exists():
        raise Conflict(
            f"{file} is there already", why="it is not overwritten", next_step="name another file, or edit that one"
        )


def _write(file: Path, text: str, why: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except OSError as error:
        raise GatepassError(
            f"{file} cannot be written: {error.strerror}", why=why, next_step="name another place"
        ) from None
    result(f"written: {file}")


def _own_account() -> AccountId:
    if own_account.has_credentials():
        return own_account.own_tokens().caller().account
    return AccountId(_asked("Your own account number", "--account"))


def _asked(question: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(f"nobody is at the terminal to ask; give it with {option}")
    answer: str = click.prompt(question, err=True)
    return answer.strip()
