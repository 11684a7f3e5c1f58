"""The command by which an engineer asks a customer to open a door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli import completion
from gatepass.cli.chosen_customer import registered_way
from gatepass.cli.options import Duration, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.access_request import request_body
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.render.request_words import request_lines
from gatepass.usecases.write_request import Wish, write_request
from gatepass.wiring import file_access, handover, machine, own_account

# A customer's account in place of its name.
_ACCOUNT = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Door:
    """A grant of a customer's account, and the account that the customer trusts, where the register tells it."""

    account: AccountId
    grant: GrantName
    provider: AccountId | None = None


def _door(text: str, register: Path | None) -> _Door:
    name, slash, grant = text.partition("/")
    if _ACCOUNT.fullmatch(name):
        if not slash:
            raise click.UsageError("a door is the customer's account and the grant: 444455556666/support")
        return _Door(AccountId(name), GrantName(grant))
    way, provider = registered_way(text, register)
    return _Door(way.customer.account, way.grant, provider)


def _show_fingerprint(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked:
        result(handover.signing_key().public_key.fingerprint)
        ctx.exit(ExitCode.DONE)


@click.command()
@click.argument("door", metavar="CUSTOMER[/GRANT]|ACCOUNT/GRANT", shell_complete=completion.customers)
@click.option("--for", "duration", type=Duration(), required=True, help="How long the door shall be open, 15m to 7d.")
@click.option("--reason", required=True, help="Why, in one line; the customer reads it.")
@click.option("--ticket", help="Your own reference, such as ABC-123.")
@click.option(
    "--register", type=click.Path(path_type=Path), envvar="GATEPASS_REGISTER", show_envvar=True,
    help="The register that knows the customer's name; by default customers.yml, if it is there.",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the request to this new file.")
@click.option(
    "--fingerprint", is_flag=True, is_eager=True, expose_value=False, callback=_show_fingerprint,
    help="Show the fingerprint of your key, to read out to a customer.",
)  # fmt: skip
@json_option
def request(  # noqa: PLR0913 - one for each option
    door: str,
    *,
    duration: timedelta,
    reason: str,
    ticket: str | None,
    output: Path | None,
    register: Path | None,
    as_json: bool,
) -> int:
    """Ask a customer, by name or by account, to open a door: a small signed file to send by any channel.

    It holds nothing secret, works once and within a day. The customer opens exactly what it says
    with: gatepass open --request FILE
    """
    asked = _door(door, register)
    wish = Wish(asked.account, asked.grant, duration, reason, ticket, asked.provider)
    made, signed = write_request(
        wish, own_account.own_tokens(), handover.signing_key(), machine.clock(), machine.randomness()
    )
    if output is not None:
        file_access.write_new_file(output, signed.text)
    if as_json:
        facts: dict[str, object] = {"request": request_body(made), "fingerprint": signed.key.fingerprint}
        json_result({**facts, "file": str(output)} if output is not None else {**facts, "signed_file": signed.tree})
        return ExitCode.DONE
    result(f"written: {output}" if output is not None else signed.text.rstrip("\n"))
    for line in request_lines(made):
        note(line)
    note(f"key:       {signed.key.fingerprint}")
    note("send it to the customer by any channel; nothing in it is secret, and it works once")
    note(f"the customer opens the door with: gatepass open --request {output or 'FILE'}")
    return ExitCode.DONE
