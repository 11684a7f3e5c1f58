"""Commands that keep a workspace on Scalr or HCP Terraform: the same for both."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.cli.options import confirmed, json_option, silent_yes_option, yes_option
from gatepass.cli.output import ExitCode, json_result, note, result
from gatepass.cli.recording import about
from gatepass.cli.workspace_doors import close_command, open_command, outputs_command
from gatepass.cli.workspace_options import loaded, workspace_argument
from gatepass.cli.workspace_progress import progress
from gatepass.cli.workspace_rotation import rotate_command
from gatepass.cli.workspace_text import (
    change_facts,
    change_line,
    role_facts,
    run_facts,
    run_line,
    status_facts,
    status_lines,
)
from gatepass.cli.workspace_watch import watcher
from gatepass.domain.errors import GatepassError
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_objects import Found, PlatformObject
from gatepass.domain.workspace_plan import WorkspaceChange, object_words
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.door_records import door_records
from gatepass.usecases.move_door import MovingDesk, interrupted_moves
from gatepass.usecases.remove_workspace import RemovalPlan, Roles, plan_removal, remove_workspace, step_words
from gatepass.usecases.run_workspace import begin_run, run_workspace
from gatepass.usecases.set_up_workspace import (
    SetUpDesk,
    WorkspacePlan,
    demand_possible,
    plan_workspace,
    set_up_workspace,
)
from gatepass.usecases.workspace_outputs import workspace_roles
from gatepass.usecases.workspace_status import workspace_status
from gatepass.wiring import machine, workspaces

_ABOUT = """Keep a customer's grants in a workspace of {title}, which FILE describes.

    {title} runs Terraform by itself; Gatepass sets the workspace up and moves its doors. FILE is by default
    workspace.yml, and gatepass init workspace writes a first one.
    """


def _group(platform: Platform) -> click.Group:
    group = click.Group(platform.value, help=_ABOUT.format(title=platform.title))
    for make in (_setup, _status, _run, outputs_command, rotate_command, open_command, close_command, _remove):
        group.add_command(make(platform))
    return group


def _setup(platform: Platform) -> click.Command:
    @click.command("setup", short_help="Make what the workspace needs, and let it run.")
    @workspace_argument
    @click.option("--run/--no-run", "runs", default=True, show_default=True, help="Let the workspace run afterwards.")
    @yes_option
    @json_option
    def setup(file: Path, *, runs: bool, yes: bool, as_json: bool) -> int:
        """Make what FILE's workspace needs on the platform, after showing it and asking, and let it run.

        What stands as it should is left, so it can be typed again at any moment. What is not ours is never changed.
        """
        wanted = loaded(file, platform)
        desk = workspaces.setting_up(wanted)
        plan = plan_workspace(desk)
        if not as_json:
            _show_plan(plan, desk.platform.title)
        demand_possible(plan)
        if plan.pending and not confirmed("Make these changes?", yes=yes):
            note("nothing was changed")
            return ExitCode.DONE
        made = _made(plan, desk, quiet=as_json)
        run = _first_run(wanted, has_changed=bool(made), quiet=as_json) if runs else None
        roles = role_facts(workspace_roles(wanted, desk.platform)) if run is not None else {}
        if as_json:
            facts = {"where": desk.platform.title, "changes": change_facts(plan.changes, wanted)}
            json_result({**facts, "made": change_facts(made, wanted), "run": run_facts(run), "roles": roles})
            return ExitCode.DONE
        _show_after_setup(file, wanted, run, roles, made=bool(made), runs=runs)
        return ExitCode.DONE

    return setup


def _status(platform: Platform) -> click.Command:
    @click.command("status", short_help="Show what there is of it.")
    @workspace_argument
    @json_option
    def status(file: Path, *, as_json: bool) -> int:
        """Show what there is of FILE's workspace: objects, doors, last run. Exit 3 when something is not well."""
        wanted = loaded(file, platform)
        asked = workspaces.platform_of(wanted)
        found = workspace_status(wanted, asked, workspaces.store_of(wanted.declaration), machine.clock())
        if as_json:
            json_result(status_facts(found, asked.title))
        else:
            for line in status_lines(found, asked.title):
                result(line)
        return ExitCode.DONE if found.is_well else ExitCode.FOUND_SOMETHING

    return status


def _run(platform: Platform) -> click.Command:
    @click.command("run", short_help="Let it run now.")
    @workspace_argument
    @click.option("--wait", "waits", is_flag=True, help="Stay until it is over; a run that fails shows its log.")
    @click.option("--dry", is_flag=True, help="Only plan.")
    @silent_yes_option
    @json_option
    def run(file: Path, *, waits: bool, dry: bool, as_json: bool) -> int:
        """Let FILE's workspace run now. Doors that were begun or moved and are not in AWS yet are brought there."""
        wanted = loaded(file, platform)
        with progress(silent=as_json) as shown:
            moves = workspaces.moving(wanted, watcher(wanted, shown))
            if not dry:
                about(customer=str(wanted.declaration.account))
            ran = _ran(moves, waits=waits, dry=dry)
        if as_json:
            json_result({"run": run_facts(ran)})
            return ExitCode.DONE
        result(run_line(ran))
        if not ran.is_over:
            note(f"nobody waits for it; look: gatepass {platform.value} status {file}")
        return ExitCode.DONE

    return run


def _remove(platform: Platform) -> click.Command:
    @click.command("remove", short_help="Take it off the platform.")
    @workspace_argument
    @click.option("--destroy", is_flag=True, help="Delete the roles first, by a last run.")
    @click.option("--leave-roles", is_flag=True, help="Leave the roles as they stand; nothing keeps them from then on.")
    @yes_option
    @json_option
    def remove(file: Path, *, destroy: bool, leave_roles: bool, yes: bool, as_json: bool) -> int:
        """Take FILE's workspace off the platform, after showing what goes and asking; what is not ours stays."""
        if destroy and leave_roles:
            raise click.UsageError("--destroy and --leave-roles are two things; give one of them")
        wanted = loaded(file, platform)
        with progress(silent=as_json) as shown:
            moves = workspaces.moving(wanted, watcher(wanted, shown))
            plan = plan_removal(moves, destroy=destroy, leave_roles=leave_roles)
        if not as_json:
            _show_removal(plan, moves.platform.title)
        if not plan.is_empty and plan.roles is not Roles.IN_THE_WAY and not confirmed("Remove all this?", yes=yes):
            note("nothing was changed")
            return ExitCode.DONE
        done = _removed(plan, wanted, quiet=as_json)
        if as_json:
            json_result({"where": moves.platform.title, "roles": plan.roles.value, "done": done})
        elif plan.is_empty:
            note("there is nothing of it")
        return ExitCode.DONE

    return remove


def _show_plan(plan: WorkspacePlan, title: str) -> None:
    result(f"{title}")
    for change in plan.changes:
        result(f"  {change_line(change, plan.setup)}")
    for door, origin in plan.doors.origins.items():
        result(f"  door {door}: {origin.value}")


def _made(plan: WorkspacePlan, desk: SetUpDesk, *, quiet: bool) -> list[WorkspaceChange]:
    """Make the changes one by one, telling each; a refusal in the middle says what stands."""
    made: list[WorkspaceChange] = []
    if not plan.pending:
        return made
    about(customer=str(plan.setup.declaration.account))
    try:
        for change in set_up_workspace(plan, desk):
            made.append(change)
            if not quiet:
                note(f"done {len(made)}/{len(plan.pending)}: {change_line(change, plan.setup)}")
    except GatepassError as error:
        error.next_step += "; then run the same command again, it finishes the rest" if made else ""
        raise
    return made


def _first_run(setup: WorkspaceSetup, *, has_changed: bool, quiet: bool) -> Run | None:
    """Let the workspace run if something was changed, or waits for a run since before."""
    records = door_records(setup.declaration, workspaces.store_of(setup.declaration))
    if not has_changed and not interrupted_moves(records):
        return None
    about(customer=str(setup.declaration.account))
    with progress(silent=quiet) as shown:
        return run_workspace(workspaces.moving(setup, watcher(setup, shown)))


def _show_after_setup(  # noqa: PLR0913 - all that was done
    file: Path, setup: WorkspaceSetup, run: Run | None, roles: dict[str, str], *, made: bool, runs: bool
) -> None:
    verb = f"gatepass {setup.platform.value}"
    if run is not None:
        result(run_line(run))
    for grant, arn in roles.items():
        result(f"role {grant}: {arn}")
    if roles:
        note(f"hand a door over: {verb} outputs {file} --pass GRANT -o GRANT.pass.json")
    elif made and not runs:
        note(f"nothing is in AWS yet: {verb} run {file} --wait")
    elif not made:
        note("everything is as it should be")


def _ran(moves: MovingDesk, *, waits: bool, dry: bool) -> Run:
    if waits and not dry:
        return run_workspace(moves)
    at = moves.platform.our_workspace(moves.setup)
    run = begin_run(at, moves, dry=dry)
    return moves.watch(run) if waits and not run.is_over else run


def _show_removal(plan: RemovalPlan, title: str) -> None:
    result(title)
    for found in plan.removed:
        result(f"  - {_words(found, plan)}")
    for found, why in plan.left:
        result(f"  = {_words(found, plan)}: {why}")
    for grant in plan.forgotten:
        result(f"  - what the store keeps of the door {grant}")
    result(f"roles: {plan.roles.value}")


def _words(found: Found[PlatformObject], plan: RemovalPlan) -> str:
    return object_words(found.what, plan.setup)


def _removed(plan: RemovalPlan, setup: WorkspaceSetup, *, quiet: bool) -> list[str]:
    if not plan.is_empty:
        about(customer=str(setup.declaration.account))
    done: list[str] = []
    with progress(silent=quiet) as shown:
        for step in remove_workspace(plan, workspaces.moving(setup, watcher(setup, shown))):
            done.append(step_words(step, setup))
            shown.say(f"done: {done[-1]}")
    return done


scalr, hcp = _group(Platform.SCALR), _group(Platform.HCP)
