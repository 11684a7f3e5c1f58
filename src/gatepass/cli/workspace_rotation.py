"""The command that rotates the doors of workspaces, or how a platform itself enters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatepass.cli.fleet_rotation_kinds import admit_order, provider_options
from gatepass.cli.options import Duration, json_option, silent_yes_option
from gatepass.cli.output import ExitCode, error_facts, json_result, note, report, result
from gatepass.cli.recording import about
from gatepass.cli.workspace_options import (
    USUAL_FILE,
    WorkspaceGrant,
    failures_recorded,
    handing,
    loaded,
    places_options,
    tell_moved,
)
from gatepass.cli.workspace_progress import Progress, progress
from gatepass.cli.workspace_text import run_facts, run_line
from gatepass.cli.workspace_watch import Stop, stopped_by_hand, watcher
from gatepass.domain.identifiers import GrantName
from gatepass.domain.notice import Happening
from gatepass.domain.trust import instant_text
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.rotate_platform_access import RotatedAccess, rotate_platform_access
from gatepass.usecases.rotate_workspace_door import RotatedDoor, Stage, rotate_workspace
from gatepass.usecases.rotate_workspaces import USUAL_IN_FLIGHT, WorkspaceResult, each_workspace
from gatepass.wiring import file_access, workspaces

if TYPE_CHECKING:
    from gatepass.usecases.take_pass import ProviderHalf

_WAITS = frozenset({Stage.HANDED_OVER, Stage.WAITING})


@dataclass(frozen=True)
class _Order:
    """What one rotation of many workspaces was told."""

    platform: Platform
    grants: tuple[GrantName, ...]
    overlap: timedelta
    passes: str
    receipts: str | None
    provider: ProviderHalf | None
    shown: Progress
    stop: Stop = field(default_factory=Stop)
    setups: dict[str, WorkspaceSetup] = field(default_factory=dict)

    def rotate(self, file: str) -> tuple[WorkspaceSetup, tuple[RotatedDoor, ...]]:
        """Rotate the doors of one workspace."""
        self.stop.demand_none()
        try:
            setup = self.setups[file] = loaded(Path(file), self.platform)
            watch = watcher(setup, self.shown, self.stop, file)
            desk = handing(setup, self.passes, self.receipts, watch, self.provider)
            return setup, rotate_workspace(self.grants, desk, self.overlap)
        finally:
            self.shown.show(file, "")


_Result = WorkspaceResult[tuple[WorkspaceSetup, tuple[RotatedDoor, ...]]]


def rotate_command(platform: Platform) -> click.Command:
    """Return the command for one platform."""

    @click.command("rotate", short_help="Replace second factors, with an overlap.")
    @click.argument("files", metavar="FILE...", type=click.Path(), nargs=-1)
    @click.option(
        "--grant", "grants", metavar="GRANT", type=WorkspaceGrant(), multiple=True,
        help="Only this one of each file; as often as needed.",
    )  # fmt: skip
    @click.option(
        "--overlap", type=Duration(), default="7d", show_default=True,
        help="How long the old second factor still opens if no receipt comes.",
    )  # fmt: skip
    @click.option(
        "--max-in-flight", type=click.IntRange(1, 64), metavar="N", default=USUAL_IN_FLIGHT, show_default=True,
        help="How many workspaces at once.",
    )  # fmt: skip
    @click.option(
        "--own-access", type=click.Path(path_type=Path), metavar="OWN_FILE",
        help="Rotate how the platform itself enters, and no door. OWN_FILE declares that grant; needs AWS credentials.",
    )  # fmt: skip
    @click.option(
        "--provider-profile", metavar="PROFILE",
        help="Play the provider's half too, as this AWS profile; only where both sides are yours.",
    )  # fmt: skip
    @places_options
    @provider_options
    @silent_yes_option
    @json_option
    def rotate(  # noqa: PLR0913 - one for each option
        files: tuple[str, ...],
        *,
        grants: tuple[GrantName, ...],
        overlap: timedelta,
        max_in_flight: int,
        own_access: Path | None,
        provider_profile: str | None,
        passes: str,
        receipts: str | None,
        as_json: bool,
        **provider: Any,  # noqa: ANN401 - the options of the other half
    ) -> int:
        """Replace the second factors of the doors that the workspaces of every FILE keep.

        Each door opens with both until the provider's receipt has come, which the next rotate finds; without one
        the old second factor ends by its date. Exit 3 while something waits for a receipt, 1 when something failed.
        """
        named = files or (USUAL_FILE,)
        if own_access is not None:
            return _rotate_own_access(named, own_access, platform, as_json=as_json)
        half = None
        if provider_profile is not None:
            place = {**admit_order(place=passes, receipts=receipts, **provider), "provider_profile": provider_profile}
            half = workspaces.provider_half(place)
        with progress(silent=as_json) as shown:
            order = _Order(platform, grants, overlap, passes, receipts, half, shown)
            found = _rotated(named, order, max_in_flight, as_json=as_json)
        if as_json:
            json_result({"workspaces": [_facts(one) for one in found]})
        elif any(told.stage in _WAITS for one in found if one.done for told in one.done[1]):
            note("the old second factors end when the provider's receipts come: type the same again then")
        _tell(found)
        return _exit_code(found)

    return rotate


def _rotated(files: Sequence[str], order: _Order, max_in_flight: int, *, as_json: bool) -> list[_Result]:
    """Rotate all of them, and tell each as it is done; one file that fails is an error as of any command."""
    found: list[_Result] = []
    with stopped_by_hand(order.stop):
        for one in each_workspace(files, order.rotate, max_in_flight):
            found.append(one)
            _record(one, order)
            if one.error is not None and len(files) == 1:
                raise one.error
            if not as_json:
                _show(one, order.shown)
    return found


def _tell(found: Sequence[_Result]) -> None:
    """Tell the customers' channels which doors got a new second factor."""
    for one in found:
        setup, doors = one.done or (None, ())
        for door in doors:
            if setup is not None and door.stage is Stage.HANDED_OVER:
                tell_moved(setup, Happening.ROTATED, door.grant, door.role)


def _record(one: _Result, order: _Order) -> None:
    """Tell the log what was done, and what was tried; a file that could not be read was nothing."""
    if one.done is None:
        if one.subject in order.setups:
            about(customer=str(order.setups[one.subject].declaration.account), outcome="failed")
        return
    setup, doors = one.done
    for door in doors:
        if door.stage in {Stage.HANDED_OVER, Stage.FINISHED, Stage.FAILED}:
            about(
                customer=str(setup.declaration.account), grant=str(door.grant), before=door.digest_before,
                after=door.digest_after, outcome="failed" if door.stage is Stage.FAILED else "done",
            )  # fmt: skip


def _show(one: _Result, shown: Progress) -> None:
    if one.error is not None:
        shown.result(f"{one.subject}: failed")
        report(one.error, as_json=False)
    for line in _door_lines(one):
        shown.result(line)
    for door in one.done[1] if one.done is not None else ():
        if door.stage is Stage.FAILED:
            shown.say(f"  why:  {door.cause}\n  next: {door.next_step}")


def _door_lines(one: _Result) -> list[str]:
    if one.done is None:
        return []
    setup, doors = one.done
    return [f"{setup.declaration.account}/{door.grant}: {_door_words(door)}" for door in doors]


def _door_words(door: RotatedDoor) -> str:
    until = f"; both open until {instant_text(door.old_until)}" if door.old_until is not None else ""
    match door.stage:
        case Stage.HANDED_OVER | Stage.WAITING:
            where = f"; pass: {door.sent.place}" if door.sent is not None else ""
            return f"{door.stage.value}{until}{where}"
        case Stage.FINISHED:
            return "finished: only the new second factor opens"
        case Stage.CLOSED:
            return "closed, and left so: opening it draws a new second factor anyway"
        case _:
            return f"failed{until}"


def _facts(one: _Result) -> dict[str, object]:
    facts: dict[str, object] = {"file": one.subject, "error": error_facts(one.error) if one.error else None}
    if one.done is None:
        return {**facts, "doors": []}
    setup, doors = one.done
    return {
        **facts,
        "account": str(setup.declaration.account),
        "workspace": setup.workspace,
        "doors": [
            {
                "grant": str(door.grant),
                "stage": door.stage.value,
                "role_arn": str(door.role) if door.role else None,
                "old_until": instant_text(door.old_until) if door.old_until else None,
                "pass": door.sent.place if door.sent else None,
                "receipt": door.receipt or None,
                "run": run_facts(door.run),
                "cause": door.cause or None,
                "next": door.next_step or None,
            }
            for door in doors
        ],
    }


def _exit_code(found: Sequence[_Result]) -> int:
    stages = {door.stage for one in found if one.done is not None for door in one.done[1]}
    if Stage.FAILED in stages or any(one.error is not None for one in found):
        return ExitCode.FAILED
    return ExitCode.FOUND_SOMETHING if stages & _WAITS else ExitCode.DONE


def _rotate_own_access(files: Sequence[str], own_file: Path, platform: Platform, *, as_json: bool) -> int:
    if len(files) != 1:
        raise click.UsageError("--own-access is for one workspace: name one FILE")
    setup = loaded(Path(files[0]), platform)
    half = workspaces.own_access_half(setup, file_access.load_customer_file(own_file).declaration)
    with progress(silent=as_json) as shown, failures_recorded(setup, half.grant):
        rotated = rotate_platform_access(half, workspaces.moving(setup, watcher(setup, shown)))
    if rotated.changed:
        about(
            customer=str(setup.declaration.account), grant=str(rotated.grant), before=rotated.digest_before,
            after=rotated.digest_after,
        )  # fmt: skip
    if as_json:
        json_result(_access_facts(rotated))
        return ExitCode.DONE
    result(f"{'rotated' if rotated.changed else 'rotated already'}: {rotated.role}")
    if rotated.run is not None:
        note(f"{platform.title} enters with the new external ID: {run_line(rotated.run)}")
    if rotated.old_until is not None:
        note(
            f"somebody rotated it by hand before; the old external ID opens too until {instant_text(rotated.old_until)}"
        )
    return ExitCode.DONE


def _access_facts(rotated: RotatedAccess) -> dict[str, object]:
    return {
        "grant": str(rotated.grant),
        "role_arn": str(rotated.role),
        "changed": rotated.changed,
        "old_until": instant_text(rotated.old_until) if rotated.old_until else None,
        "run": run_facts(rotated.run),
    }
