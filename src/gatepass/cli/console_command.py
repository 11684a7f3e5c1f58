"""The command that opens the AWS console in a customer's account."""

from __future__ import annotations

import click

from gatepass.cli import completion
from gatepass.cli.entering import current_session, entered
from gatepass.cli.entering_options import Wish, entering_options
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.session_commands import session_facts
from gatepass.domain.region_name import RegionName
from gatepass.usecases.sign_in_console import sign_in_console
from gatepass.wiring import console as signin
from gatepass.wiring import machine


@click.command()
@click.argument("customer", metavar="[CUSTOMER[/GRANT]|ARN]", required=False, shell_complete=completion.customers)
@click.option("--service", metavar="s3", help="The service whose page to open, as AWS's tools call it.")
@click.option("--print", "printed", is_flag=True, help="Print the link instead: whoever has it is in, for 15 minutes.")
@entering_options
@json_option
def console(customer: str | None, *, service: str | None, printed: bool, wish: Wish, as_json: bool) -> int:
    """Open the AWS console in a customer's account, also where a role asks for an external ID.

    Without CUSTOMER it opens for the current session. The console ends when the session does. The link signs in
    whoever opens it within 15 minutes; it goes to your browser by a private file, not by a command line.
    """
    session = current_session(wish, "gatepass console CUSTOMER") if customer is None else entered(customer, wish)
    usual = machine.region()
    region = wish.region or (RegionName(usual) if usual else None)
    link = sign_in_console(
        session, signin.federation(session.role.partition), machine.clock().now(), service=service, region=region
    )
    if as_json:
        json_result({**session_facts(session), **({"url": link.reveal()} if printed else {})})
    if printed:
        if not as_json:
            result(link.reveal())
        note("whoever opens this link within 15 minutes is in the account; send it to nobody")
        return ExitCode.DONE
    if not signin.browser().open(link):
        note("if no page came up, your browser may not read the file (one from a snap, say): use --print")
    if not as_json:
        result(
            f"the console of customer account {session.account} is open as {session.engineer} "
            f"until {session.expires_at:%H:%M:%SZ}"
        )
    return ExitCode.DONE
