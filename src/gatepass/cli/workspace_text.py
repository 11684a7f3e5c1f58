"""What a workspace needs, has and did, in words and as facts; no external ID is in any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.platform_run import Run
from gatepass.domain.trust import instant_text
from gatepass.domain.workspace_objects import Found, PlatformObject
from gatepass.domain.workspace_plan import Alter, Drop, Keep, Make, Refuse, WorkspaceChange, object_words
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.workspace_status import DoorState, DoorStatus, WorkspaceStatus


def change_line(change: WorkspaceChange, setup: WorkspaceSetup) -> str:
    """Return one change with its sign: + made, ~ changed, - removed, = left, ! in the way."""
    sign, text = sign_and_words(change, setup)
    return f"{sign} {text}"


def sign_and_words(change: WorkspaceChange, setup: WorkspaceSetup) -> tuple[str, str]:
    """Return the sign of a change, and what it is."""
    match change:
        case Make(what):
            return "+", object_words(what, setup)
        case Alter(what, _, differing):
            return "~", f"{object_words(what, setup)}: {', '.join(differing)}"
        case Drop(found):
            return "-", object_words(found.what, setup)
        case Keep(found, remark):
            return "=", f"{object_words(found.what, setup)}{f' ({remark})' if remark else ''}"
        case Refuse(what):
            return "!", what
        case _:
            assert_never(change)


def change_facts(changes: Iterable[WorkspaceChange], setup: WorkspaceSetup) -> list[dict[str, str]]:
    """Return changes as facts."""
    return [{"sign": sign, "text": text} for sign, text in (sign_and_words(each, setup) for each in changes)]


def run_facts(run: Run | None) -> dict[str, object] | None:
    """Return a run as facts."""
    if run is None:
        return None
    return {"id": run.id, "stage": run.stage.value, "status": run.status, "message": run.reason, "url": run.url}


def run_line(run: Run) -> str:
    """Return how a run stands, in one line."""
    where = f"  {run.url}" if run.url else ""
    return f"run {run.id}: {run.status}{where}"


def role_facts(roles: Mapping[GrantName, RoleArn]) -> dict[str, str]:
    """Return the role of each grant."""
    return {str(grant): str(arn) for grant, arn in roles.items()}


def status_lines(status: WorkspaceStatus, title: str) -> Iterator[str]:
    """Yield what is there of a workspace."""
    setup = status.setup
    yield title
    for kind, found in _standing(status):
        if found is None:
            yield f"  missing: the {kind}"
        else:
            yield f"  {object_words(found.what, setup)}  {found.id}{'' if found.is_ours else '  not ours'}"
    yield f"variable: {status.variable.value}"
    for door in status.doors:
        yield f"door {door.grant}: {_door(door)}"
    yield run_line(status.latest).replace("run ", "last run: ", 1) if status.latest else "last run: there was none"


def status_facts(status: WorkspaceStatus, title: str) -> dict[str, object]:
    """Return the same as facts."""
    setup = status.setup
    return {
        "where": title,
        "platform": setup.platform.value,
        "workspace": setup.workspace,
        "objects": {
            kind: {"id": found.id, "is_ours": found.is_ours, "what": object_words(found.what, setup)} if found else None
            for kind, found in _standing(status)
        },
        "variable": status.variable.value,
        "doors": [
            {
                "grant": str(door.grant),
                "state": door.state.value,
                "old_until": instant_text(door.until) if door.until else None,
                "is_ahead_of_aws": door.is_ahead,
            }
            for door in status.doors
        ],
        "last_run": run_facts(status.latest),
        "is_well": status.is_well,
    }


def _standing(status: WorkspaceStatus) -> Iterator[tuple[str, Found[PlatformObject] | None]]:
    """Yield what should be there, and what the file does not ask for only where it is."""
    setup, standing = status.setup, status.standing
    is_scalr = setup.platform is Platform.SCALR
    yield "environment" if is_scalr else "project", standing.environment
    yield "workspace", standing.workspace
    if setup.own_access is not None or standing.own_access is not None:
        yield "own access", standing.own_access
    if is_scalr and (standing.link is not None or setup.own_access is not None):
        yield "link", standing.link
    yield "variable", standing.doors
    if setup.schedule is not None or standing.schedule is not None:
        yield "schedule", standing.schedule


def _door(door: DoorStatus) -> str:
    words = door.state.value
    if door.state is DoorState.ROTATING and door.until is not None:
        words = f"rotating; the old external ID opens too until {instant_text(door.until)}"
    return f"{words}; its last move is not in AWS yet" if door.is_ahead else words
