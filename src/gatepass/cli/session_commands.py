"""Commands of an engineer in a customer's account: enter, leave, run, look."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import timedelta

import click

from gatepass import wiring
from gatepass.cli.options import Duration, json_option
from gatepass.cli.output import ExitCode, json_result, note, print_table, result
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.session import Session
from gatepass.usecases.enter_role import enter_role, step_in, step_out
from gatepass.usecases.list_resources import list_resources

# What exec sets anew, or what would point AWS's tools elsewhere.
_MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
_LONGEST_ID = 4096


@click.command()
@click.argument("role")
@click.argument("external_id", required=False)
@click.option("--for", "duration", type=Duration(), default="1h", show_default=True, help="How long, 15m to 12h.")
@json_option
def sudo(role: str, external_id: str | None, *, duration: timedelta, as_json: bool) -> int:
    """Enter the customer's ROLE, given by its ARN.

    The external ID is asked for without showing it, or read from standard input. As an argument
    it works too, and stays in your shell's history.
    """
    session = _entered(role, external_id, duration)
    step_in(session, wiring.shelf())
    if as_json:
        json_result(_facts(session))
    else:
        result(f"in customer account {session.account} as {session.engineer} until {session.expires_at:%H:%M:%SZ}")
        note("this terminal is in it for every gatepass command; other tools: gatepass exec -- COMMAND")
    return ExitCode.DONE


@click.command()
@json_option
def leave(*, as_json: bool) -> int:
    """Step out of the current session, back to the one before it or to your own account."""
    left = step_out(wiring.shelf())
    around = next(iter(reversed(wiring.shelf().sessions())), None)
    if as_json:
        json_result({"left": str(left.role) if left else None, "now_in": str(around.role) if around else None})
    elif left is None:
        result("you are in your own account already")
    else:
        result(
            f"left customer account {left.account}; now in " + (f"{around.account}" if around else "your own account")
        )
    return ExitCode.DONE


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--for", "duration", type=Duration(), default="1h", show_default=True, help="How long, 15m to 12h.")
@click.argument("words", metavar="[ROLE] -- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_command(words: tuple[str, ...], *, duration: timedelta) -> int:
    """Run COMMAND inside a session, as: gatepass exec -- aws s3 ls.

    Without ROLE it runs in the current session. The exit code is the command's own.
    """
    if words[0].startswith("arn:"):
        command = words[2:] if words[1:2] == ("--",) else words[1:]
        session = _entered(words[0], None, duration)
    else:
        command, current = words, wiring.current_session()
        if current is None:
            raise GatepassError(
                "there is no session to run this in",
                why="no gatepass sudo is under way in this terminal",
                next_step="gatepass sudo ROLE first, or gatepass exec ROLE -- COMMAND",
            )
        session = current
    if not command:
        raise click.UsageError("no command was given after --")
    return _replace_process(command, session)


@click.command("list")
@click.argument("resource")
@click.option("--filter", "containing", default="", metavar="TEXT", help="Only rows that contain TEXT.")
@click.option("--region", help="The Region to look in.")
@json_option
def list_command(resource: str, *, containing: str, region: str | None, as_json: bool) -> int:
    """List the RESOURCEs of the account you are in, such as s3bucket."""
    session = wiring.current_session()
    table = list_resources(resource, containing, wiring.resources(session, region), session)
    if as_json:
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        json_result({"resource": resource, "account": str(session.account) if session else None, "rows": rows})
    elif table.rows:
        print_table(table)
    else:
        note(f"no {resource}" + (f" contains {containing}" if containing else " in this account"))
    return ExitCode.DONE


def _entered(target: str, external_id: str | None, duration: timedelta) -> Session:
    try:
        role = RoleArn(target)
    except InvalidInput as error:
        error.next_step = "give the role's whole ARN, as the customer sent it"
        raise
    if external_id is not None:
        note("the external ID stays in your shell's history; at the prompt or on standard input it would not")
    return enter_role(role, lambda: _external_id(role, external_id), duration, wiring.own_tokens())


def _external_id(role: RoleArn, argument: str | None) -> ExternalId | None:
    """Return the second factor from the argument, from standard input, or asked at the terminal; None for none."""
    if argument is not None:
        text = argument
    elif sys.stdin is None or not sys.stdin.isatty():
        text = sys.stdin.read(_LONGEST_ID) if sys.stdin is not None else ""
    else:
        text = getpass.getpass(f"External ID for {role.name} in {role.account} (Enter for none): ")
    return ExternalId(text.strip()) if text.strip() else None


def _replace_process(command: tuple[str, ...], session: Session) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment |= session.environment(wiring.region())
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606 - running the person's command is the purpose
    except FileNotFoundError:
        note(f"gatepass: {command[0]}: command not found")
        return 127
    except OSError as error:
        note(f"gatepass: {command[0]}: {error.strerror}")
        return 126


def _facts(session: Session) -> dict[str, object]:
    return {
        "account": str(session.account),
        "role": str(session.role),
        "source_identity": str(session.engineer),
        "expires_at": session.expires_at.isoformat(),
        "side": "customer",
    }
