"""Commands of an engineer in a customer's account: enter, leave, run, look."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import click

from gatepass.cli.options import Duration, json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.register_option import register_options
from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.session import Session
from gatepass.usecases.enter_role import enter_role, step_in, step_out
from gatepass.usecases.find_way_in import WayIn, demand_untyped, second_factor_of, way_in, way_of_role
from gatepass.wiring import machine, own_account, registers, sessions, stores

# What exec sets anew, or what would point AWS's tools elsewhere.
_MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
_LONGEST_ID = 4096
_USUAL_REGISTER = Path("customers.yml")


@click.command()
@click.argument("customer", metavar="CUSTOMER[/GRANT]|ARN")
@click.argument("external_id", required=False)
@click.option("--for", "duration", type=Duration(), default="1h", show_default=True, help="How long, 15m to 12h.")
@register_options
@json_option
def sudo(  # noqa: PLR0913 - one for each option
    customer: str, external_id: str | None, *, duration: timedelta, register: Path | None, store: str, as_json: bool
) -> int:
    """Enter a customer's role, by the customer's name in the register, or by the role's ARN.

    For a registered customer the external ID comes from the team's store. For any other ARN it is asked for
    without showing it, or read from standard input. As an argument it works too, and stays in your shell's history.
    """
    session = _entered(customer, external_id, duration, register, store)
    step_in(session, sessions.shelf())
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
    left = step_out(sessions.shelf())
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


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--for", "duration", type=Duration(), default="1h", show_default=True, help="How long, 15m to 12h.")
@register_options
@click.argument("words", metavar="[CUSTOMER|ARN] -- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_command(words: tuple[str, ...], *, duration: timedelta, register: Path | None, store: str) -> int:
    """Run COMMAND inside a session, as: gatepass exec -- aws s3 ls.

    Without CUSTOMER or ARN it runs in the current session. The exit code is the command's own.
    """
    if words[0].startswith("arn:") or words[1:2] == ("--",):
        command = words[2:] if words[1:2] == ("--",) else words[1:]
        session = _entered(words[0], None, duration, register, store)
    else:
        command, current = words, sessions.current_session()
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


def _entered(target: str, external_id: str | None, duration: timedelta, register: Path | None, store: str) -> Session:
    if external_id is not None:
        note("the external ID stays in your shell's history; at the prompt or on standard input it would not")
    way = _registered(target, register)
    if way is None:
        role = RoleArn(target)
        return enter_role(role, lambda: _external_id(role, external_id), duration, own_account.own_tokens())
    demand_untyped(ExternalId(external_id) if external_id is not None else None, way)
    secrets = stores.secret_store(store)
    return enter_role(way.role, lambda: second_factor_of(way, secrets), duration, own_account.own_tokens())


def _registered(target: str, register: Path | None) -> WayIn | None:
    """Return whose role is meant, or None for an ARN that no register knows."""
    path = register or _USUAL_REGISTER
    is_arn = target.startswith("arn:")
    if register is None and not path.exists():
        if is_arn:
            return None
        _demand_register(target)
    known = registers.register_book(path).load()
    return way_of_role(RoleArn(target), known) if is_arn else way_in(target, known)


def _demand_register(target: str) -> NoReturn:
    raise NotThere(
        f"there is no register here to look up {target[:64]} in",
        why=f"{_USUAL_REGISTER} is not in this folder, and neither --register nor GATEPASS_REGISTER names another",
        next_step="name the register, or give the role's whole ARN, as the customer sent it",
    )


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
    environment |= session.environment(machine.region())
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
