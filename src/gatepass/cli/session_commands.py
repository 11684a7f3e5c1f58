"""Commands by which an engineer steps into a customer's account and out of it."""

from __future__ import annotations

import click

from gatepass.cli import completion
from gatepass.cli.chosen_customer import chosen_customer
from gatepass.cli.entering import entered, typed_in_shell
from gatepass.cli.entering_options import Wish, entering_options
from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, result
from gatepass.cli.registered_entry import stepped_in, tell_how_to_use_it
from gatepass.domain.session import Session
from gatepass.usecases.enter_role import step_out
from gatepass.wiring import ready_sessions, sessions, shell


@click.command()
@click.argument("customer", metavar="[CUSTOMER[/GRANT]|ARN]", required=False, shell_complete=completion.customers)
@click.argument("external_id", required=False)
@entering_options
@json_option
def sudo(customer: str | None, external_id: str | None, *, wish: Wish, as_json: bool) -> int:
    """Enter a customer's role, by the customer's name in the register, or by the role's ARN.

    Without a name it offers the customers of the register, those entered lately first: type to filter.
    For a registered customer the external ID comes from the team's store. For any other ARN it is asked for
    without showing it, or is the first line of standard input. As an argument it works too, and stays in your
    shell's history.
    """
    if external_id is None and shell.id_follows():
        external_id = typed_in_shell()
    session = entered(customer or chosen_customer(wish.register), wish, external_id)
    arrival = stepped_in(session)
    if wish.region is not None:
        shell.choose_region(wish.region)
    if as_json:
        json_result(session_facts(session))
    else:
        result(arrival)
        tell_how_to_use_it()
    return ExitCode.DONE


@click.command()
@click.option("--forget", is_flag=True, help="Forget its credentials too that are kept for AWS's tools; outside, all.")
@json_option
def leave(*, forget: bool, as_json: bool) -> int:
    """Step out of the current session, back to the one before it or to your own account."""
    shell.begin_where_the_shell_is()
    left = step_out(sessions.shelf())
    if forget:
        ready_sessions.forget_sessions(left.role if left is not None else None)
    around = next(iter(reversed(sessions.shelf().sessions())), None)
    if as_json:
        json_result({"left": str(left.role) if left else None, "now_in": str(around.role) if around else None})
    elif left is None:
        result("you are in your own account already")
    else:
        result(
            f"left customer account {left.account}; now in " + (f"{around.account}" if around else "your own account")
        )
    return ExitCode.DONE


def session_facts(session: Session) -> dict[str, object]:
    """Return what may be told of a session."""
    return {
        "account": str(session.account),
        "customer": session.customer or None,
        "grant": session.grant or None,
        "role": str(session.role),
        "source_identity": str(session.engineer),
        "expires_at": session.expires_at.isoformat(),
        "side": "customer",
    }
