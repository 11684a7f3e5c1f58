"""Commands about the embedded AWS: start, stop, look, forget, and point the AWS tools at it."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from gatepass.cli.options import json_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.domain.errors import Conflict, GatepassError
from gatepass.sandbox.memory.faults import EVERY_OPERATION, FaultKind, StagedFault
from gatepass.sandbox.process.admin_client import AdminClient
from gatepass.sandbox.process.launch import launch, wait_until_stopped
from gatepass.sandbox.process.runtime import Facts, RuntimeFolder, runtime_folder

# What the AWS tools would use instead of the keys that `env --account` prints.
_IN_THE_WAY = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_NEEDED = ("moto", "flask", "flask_cors")
_USUAL_REGION = "us-east-1"


@click.group()
def sandbox() -> None:
    """Start and stop an embedded AWS on 127.0.0.1 that enforces trust policies and permissions."""


@sandbox.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="Listen on this port; default: any that is free.")
@click.option("--state", type=click.Path(path_type=Path), help="Load this file if it exists, and save it on stop.")
@json_option
def start(*, port: int | None, state: Path | None, as_json: bool) -> int:
    """Start the sandbox in the background, and return when it answers."""
    _check_installed()
    folder = runtime_folder()
    folder.prepare()
    facts = folder.facts()
    if facts is not None:
        AdminClient(facts, folder).call("GET", "/health")
        note("the sandbox runs already" + ("; stop it to change its options" if port or state else ""))
    else:
        facts = launch(folder, port=port, state_file=state.absolute() if state else None)
    if as_json:
        json_result(asdict(facts))
    else:
        result(facts.endpoint)
        note('point the AWS tools at it: eval "$(gatepass sandbox env)"')
    return ExitCode.DONE


@sandbox.command()
@json_option
def stop(*, as_json: bool) -> int:
    """Stop the sandbox, saving its state if it was started with --state."""
    folder = runtime_folder()
    facts = folder.facts()
    if facts is None and folder.is_held():
        raise _starting(folder)
    if facts is not None:
        AdminClient(facts, folder).call("POST", "/stop")
        for line in wait_until_stopped(folder, facts):
            note(line)
    if as_json:
        json_result({"running": False})
    else:
        result("the sandbox is stopped" if facts is not None else "no sandbox was running")
    return ExitCode.DONE


@sandbox.command()
@json_option
def status(*, as_json: bool) -> int:
    """Tell whether the sandbox runs, and where. Exit 1 when it does not."""
    folder = runtime_folder()
    facts = folder.facts()
    if facts is None:
        if as_json:
            json_result({"running": False})
        else:
            result("no sandbox is running")
        return ExitCode.FAILED
    now = AdminClient(facts, folder).call("GET", "/health")["now"]
    if as_json:
        json_result({"running": True, **asdict(facts), "now": now})
    else:
        result(f"the sandbox runs at {facts.endpoint}, process {facts.pid}; its clock shows {now}")
    return ExitCode.DONE


@sandbox.command()
@json_option
def reset(*, as_json: bool) -> int:
    """Forget every account, session and event in the running sandbox."""
    folder = runtime_folder()
    answer = AdminClient(_running(folder), folder).call("POST", "/reset")
    if as_json:
        json_result({"running": True, **answer})
    else:
        result("the sandbox is empty")
    return ExitCode.DONE


@sandbox.command()
@click.argument("kind", type=click.Choice([kind.value for kind in FaultKind]), metavar="KIND")
@click.argument("operation", default=EVERY_OPERATION)
@click.option("--after", type=int, default=0, show_default=True, help="How many matching calls pass first.")
@click.option("--times", type=int, default=1, show_default=True, help="How many of those that follow are hit.")
@click.option("--principal", metavar="ARN", default="", help="Hit the calls of this user or session only.")
@json_option
def fault(  # noqa: PLR0913 - one for each option
    kind: str, operation: str, *, after: int, times: int, principal: str, as_json: bool
) -> int:
    """Let calls of OPERATION (such as PutRolePolicy; default: every one) go wrong.

    KIND says how: throttle, denied, quota and error-before have no effect; error-after and lost have it, and
    answer with an error or not at all; hang-before and hang-after hold the call until the faults are cleared.
    """
    try:
        staged = StagedFault(FaultKind(kind), operation, principal, after, times)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    folder = runtime_folder()
    answer = AdminClient(_running(folder), folder).call("POST", "/faults", staged.description())
    if as_json:
        json_result(answer)
    else:
        result(_fault_line(staged.facts()))
        note("see what became of it: gatepass sandbox faults; forget it: gatepass sandbox faults --clear")
    return ExitCode.DONE


@sandbox.command()
@click.option("--clear", is_flag=True, help="Forget them all; calls that hang end without an answer.")
@json_option
def faults(*, clear: bool, as_json: bool) -> int:
    """List the faults that were staged, and what became of them."""
    folder = runtime_folder()
    answer = AdminClient(_running(folder), folder).call("DELETE" if clear else "GET", "/faults")
    found = answer["faults"]
    if as_json:
        json_result(answer)
    elif isinstance(found, list) and found:
        for each in found:
            result(_fault_line(each))
    else:
        result("no fault is staged")
    return ExitCode.DONE


@sandbox.command()
@click.option("--account", metavar="ACCOUNT", help="Also print the root keys of this account (12 digits).")
@json_option
def env(*, account: str | None, as_json: bool) -> int:
    """Print what points the AWS tools at the sandbox: eval "$(gatepass sandbox env)"."""
    if account is not None and not re.fullmatch(r"\d{12}", account, re.ASCII):
        raise click.BadParameter("an account ID has exactly 12 digits", param_hint="--account")
    folder = runtime_folder()
    facts = _running(folder)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _USUAL_REGION
    # The first version of the AWS CLI reads the Region from the second name only.
    variables = {"AWS_ENDPOINT_URL": facts.endpoint, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if account is not None:
        keys = AdminClient(facts, folder).call("POST", f"/accounts/{account}")
        variables["AWS_ACCESS_KEY_ID"] = str(keys["AccessKeyId"])
        variables["AWS_SECRET_ACCESS_KEY"] = str(keys["SecretAccessKey"])
    if as_json:
        json_result(variables)
        return ExitCode.DONE
    for name, value in variables.items():
        result(f"export {name}={shlex.quote(value)}")
    if account is not None:
        result(f"unset {' '.join(_IN_THE_WAY)}")
    return ExitCode.DONE


def _fault_line(facts: Mapping[str, object]) -> str:
    calls = "every call" if facts["operation"] == EVERY_OPERATION else f"calls of {facts['operation']}"
    whose = f" by {facts['principal']}" if facts["principal"] else ""
    left = f"hit {facts['hit']} of {facts['times']}"
    passed = f", {facts['passed']} of {facts['after']} passed first" if facts["after"] else ""
    held = f", holds {facts['held']} now" if facts["held"] else ""
    return f"{facts['kind']}: {calls}{whose}: {left}{passed}{held}"


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise GatepassError(
            "the sandbox is not installed",
            why=f"Python finds no {' and no '.join(missing)}",
            next_step="pip install 'gatepass[sandbox]'",
        )


def _running(folder: RuntimeFolder) -> Facts:
    facts = folder.facts()
    if facts is not None:
        return facts
    if folder.is_held():
        raise _starting(folder)
    raise Conflict("no sandbox is running", next_step="gatepass sandbox start")


def _starting(folder: RuntimeFolder) -> Conflict:
    return Conflict(
        "the sandbox does not answer yet",
        why="it is being started, or it hangs",
        next_step=f"try again; if it stays so, see {folder.log_file}",
    )
