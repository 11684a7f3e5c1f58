"""The command by which an engineer asks a customer to open a door."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.options import Duration, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.access_request import request_body
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.render.request_words import request_lines
from gatepass.usecases.write_request import Wish, write_request
from gatepass.wiring import file_access, handover, machine, own_account


class Door(click.ParamType[tuple[AccountId, GrantName]]):
    """A grant of a customer's account: 444455556666/support."""

    name = "account/grant"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[AccountId, GrantName]:
        """Return the account and the grant."""
        account, slash, grant = str(value).partition("/")
        if not slash:
            self.fail("a door is the customer's account and the grant: 444455556666/support", param, ctx)
        return AccountId(account), GrantName(grant)


def _show_fingerprint(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked:
        result(handover.signing_key().public_key.fingerprint)
        ctx.exit(ExitCode.DONE)


@click.command()
@click.argument("door", metavar="ACCOUNT/GRANT", type=Door())
@click.option("--for", "duration", type=Duration(), required=True, help="How long the door shall be open, 15m to 7d.")
@click.option("--reason", required=True, help="Why, in one line; the customer reads it.")
@click.option("--ticket", help="Your own reference, such as ABC-123.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the request to this new file.")
@click.option(
    "--fingerprint", is_flag=True, is_eager=True, expose_value=False, callback=_show_fingerprint,
    help="Show the fingerprint of your key, to read out to a customer.",
)  # fmt: skip
@json_option
def request(  # noqa: PLR0913 - one for each option
    door: tuple[AccountId, GrantName],
    *,
    duration: timedelta,
    reason: str,
    ticket: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Ask the customer to open GRANT in ACCOUNT: a small signed file to send by any channel.

    It holds nothing secret, works once and within a day. The customer opens exactly what it says
    with: gatepass open --request FILE
    """
    wish = Wish(*door, duration, reason, ticket)
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
