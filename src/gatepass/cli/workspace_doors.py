"""Commands that move the doors of a workspace on Scalr or HCP Terraform, and hand them over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from gatepass.cli.options import Duration, json_option, silent_yes_option
from gatepass.cli.output import ExitCode, bullet_list, json_result, note, result
from gatepass.cli.recording import about
from gatepass.cli.workspace_options import (
    WorkspaceGrant,
    failures_recorded,
    handing,
    loaded,
    passes_option,
    tell_moved,
    workspace_argument,
)
from gatepass.cli.workspace_progress import progress
from gatepass.cli.workspace_text import role_facts, run_facts
from gatepass.cli.workspace_watch import watcher
from gatepass.domain.identifiers import GrantName
from gatepass.domain.notice import Happening
from gatepass.domain.trust import instant_text
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.close_door import OUTLIVES
from gatepass.usecases.close_workspace_door import ClosedDoor, close_workspace_door
from gatepass.usecases.hand_over_door import pass_of_door
from gatepass.usecases.open_workspace_door import OpenedDoor, open_workspace_door
from gatepass.usecases.workspace_outputs import workspace_roles
from gatepass.wiring import workspaces


def outputs_command(platform: Platform) -> click.Command:
    """Return the command that shows the roles, and writes a pass."""

    @click.command("outputs", short_help="Show the roles; write a pass.")
    @workspace_argument
    @click.option("--pass", "grant", metavar="GRANT", type=WorkspaceGrant(), help="Write the pass of this grant.")
    @click.option(
        "-o", "--output", type=click.Path(path_type=Path),
        help="With --pass: the new file, signed, with the second factor sealed.",
    )  # fmt: skip
    @json_option
    def outputs(file: Path, *, grant: GrantName | None, output: Path | None, as_json: bool) -> int:
        """Show the role of each grant, as the last run gave it out; AWS is not asked.

        --pass GRANT -o FILE writes a pass that is safe to e-mail; the provider takes it with: gatepass admit FILE
        """
        if (grant is None) is not (output is None):
            raise click.UsageError("a pass needs both: --pass GRANT and -o FILE")
        wanted = loaded(file, platform)
        if grant is not None and output is not None:
            return _write_pass(wanted, grant, output, as_json=as_json)
        roles = role_facts(workspace_roles(wanted, workspaces.platform_of(wanted)))
        if as_json:
            json_result({"roles": roles})
            return ExitCode.DONE
        for name, arn in roles.items():
            result(f"role {name}: {arn}")
        note("they are safe to send; with the second factor, sealed:")
        note(f"  gatepass {platform.value} outputs {file} --pass GRANT -o GRANT.pass.json")
        return ExitCode.DONE

    return outputs


def open_command(platform: Platform) -> click.Command:
    """Return the command that opens a door."""

    @click.command("open", short_help="Open a door, with a new second factor.")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.argument("grant", type=WorkspaceGrant())
    @click.option("--for", "duration", type=Duration(), hidden=True)
    @passes_option
    @silent_yes_option
    @json_option
    def opens(file: Path, grant: GrantName, *, duration: timedelta | None, passes: str, as_json: bool) -> int:
        """Open the door of GRANT by a run of FILE's workspace, with a new second factor, and leave its pass."""
        wanted = loaded(file, platform)
        with progress(silent=as_json) as shown:
            desk = handing(wanted, passes, None, watcher(wanted, shown))
            with failures_recorded(wanted, grant):
                opened = open_workspace_door(grant, desk, until=duration)
        if opened.changed:
            about(customer=str(wanted.declaration.account), grant=str(grant), after=opened.digest_after)
        _show_opened(opened, as_json=as_json)
        if opened.changed:
            tell_moved(wanted, Happening.OPENED, grant, opened.role, opened.window_ends)
        return ExitCode.DONE

    return opens


def close_command(platform: Platform) -> click.Command:
    """Return the command that closes a door."""

    @click.command("close", short_help="Close a door.")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.argument("grant", type=WorkspaceGrant())
    @silent_yes_option
    @json_option
    def close(file: Path, grant: GrantName, *, as_json: bool) -> int:
        """Close the door of GRANT by a run of FILE's workspace: nobody enters, and no session acts.

        It takes as long as a run. At once, with AWS credentials and without the platform: gatepass close GRANT
        """
        wanted = loaded(file, platform)
        with progress(silent=as_json) as shown:
            shown.say(f"a run closes it; at once, with AWS credentials: gatepass close {grant}")
            moves = workspaces.moving(wanted, watcher(wanted, shown))
            with failures_recorded(wanted, grant):
                closed = close_workspace_door(grant, moves)
        if closed.changed:
            about(customer=str(wanted.declaration.account), grant=str(grant), after=closed.digest_after)
        _show_closed(closed, as_json=as_json)
        if closed.changed:
            tell_moved(wanted, Happening.CLOSED, grant, None)
        return ExitCode.DONE

    return close


def _write_pass(setup: WorkspaceSetup, grant: GrantName, output: Path, *, as_json: bool) -> int:
    moves = workspaces.moving(setup, lambda run: run)
    tray = workspaces.one_file(output)
    with failures_recorded(setup, grant):
        handed = pass_of_door(grant, workspaces.handing(moves, tray, tray))
    about(customer=str(setup.declaration.account), grant=str(grant))
    if as_json:
        json_result({"file": str(output), "grant": str(grant), "role_arn": str(handed.role)})
        return ExitCode.DONE
    result(f"written: {output}")
    note(f"role ARN: {handed.role}")
    note("send it to the provider by any channel: the second factor in it is sealed to the provider's key")
    note(f"the provider admits it with: gatepass admit {output}")
    return ExitCode.DONE


def _show_opened(opened: OpenedDoor, *, as_json: bool) -> None:
    if as_json:
        json_result(
            {
                "grant": str(opened.grant),
                "role_arn": str(opened.role) if opened.role else None,
                "changed": opened.changed,
                "new_external_id": opened.has_new_id,
                "pass": opened.sent.place if opened.sent else None,
                "old_until": instant_text(opened.old_until) if opened.old_until else None,
                "window_over": opened.window_is_over,
                "run": run_facts(opened.run),
            }
        )
        return
    result(f"{'opened' if opened.changed else 'open already'}: {opened.role or opened.grant}")
    if opened.sent is not None:
        note(f"its pass: {opened.sent.place}")
    if opened.old_until is not None:
        note(f"the old second factor opens too until {instant_text(opened.old_until)}")
    if opened.window_is_over:
        note("its window in the file is over: nobody can enter until the file gives it a later end")


def _show_closed(closed: ClosedDoor, *, as_json: bool) -> None:
    if as_json:
        json_result(
            {
                "grant": str(closed.grant),
                "changed": closed.changed,
                "evidence": closed.evidence,
                "run": run_facts(closed.run),
            }
        )
        return
    result(f"{'closed' if closed.changed else 'closed already'}: {closed.grant} ({closed.evidence})")
    note("from then on no session of its role, new or live, can make an AWS call; what may outlive it:")
    note(bullet_list(OUTLIVES))
