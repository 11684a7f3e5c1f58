"""Take a workspace off its platform: first what it keeps in AWS, then its parts, last what the store remembers.

The clock goes first, so that no run begins by itself meanwhile; then, if it was asked for, a run that deletes the
roles; the workspace goes only when no role stands in its state, or when somebody said to leave them. The records of
doors are marked closed once the roles are gone, and forgotten last: stopped anywhere, they are there as long as a
door is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import GrantName
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_door import DoorRecord, Step, door_secret_name, salt_secret_name
from gatepass.domain.workspace_objects import Found, PlatformObject, Standing
from gatepass.domain.workspace_plan import object_words
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.door_records import door_records, keep_door
from gatepass.usecases.move_door import MovingDesk, move_token
from gatepass.usecases.watch_run import REASON
from gatepass.usecases.workspace_outputs import has_roles

_VERB = "remove"


class Roles(Enum):
    """What becomes of the roles that stand in the workspace's state."""

    NONE = "none stand"
    DESTROY = "a run deletes them"
    LEAVE = "they are left, and nothing keeps them from then on"
    IN_THE_WAY = "they stand, and nobody said what becomes of them"


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What removing would do.

    Attributes:
        removed: what is deleted, in this order.
        left: what stays, and why.
        forgotten: the doors whose records are forgotten.
    """

    setup: WorkspaceSetup
    standing: Standing
    roles: Roles
    removed: tuple[Found[PlatformObject], ...]
    left: tuple[tuple[Found[PlatformObject], str], ...]
    forgotten: tuple[GrantName, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.removed and not self.forgotten and self.roles is not Roles.DESTROY


@dataclass(frozen=True, slots=True)
class Removed:
    """An object that is gone."""

    found: Found[PlatformObject]


@dataclass(frozen=True, slots=True)
class Left:
    """An object that stays, and why."""

    found: Found[PlatformObject]
    why: str


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The run that deleted the roles."""

    run: Run


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A door of which the store remembers nothing any more."""

    grant: GrantName


RemovalStep = Removed | Left | Destroyed | Forgotten


def plan_removal(desk: MovingDesk, *, destroy: bool = False, leave_roles: bool = False) -> RemovalPlan:
    """Return what removing would do; nothing is changed.

    Args:
        desk: the workspace.
        destroy: whether a run deletes the roles first.
        leave_roles: whether the workspace goes although its roles stand.

    Raises:
        Conflict: the workspace is not ours, or a run of it is under way.
        GatepassError: the platform or the store said no, or did not answer.
    """
    setup, platform = desk.setup, desk.platform
    standing = platform.standing(setup)
    _demand_ours(standing, setup)
    roles = _roles(standing, desk, destroy=destroy, leave_roles=leave_roles)
    removed, left = _sorted_out(standing, setup)
    records = door_records(setup.declaration, desk.store)
    forgotten = _forgettable(records, standing) if roles in {Roles.NONE, Roles.DESTROY} else ()
    return RemovalPlan(setup, standing, roles, removed, left, forgotten)


def remove_workspace(plan: RemovalPlan, desk: MovingDesk) -> Iterator[RemovalStep]:
    """Do what the plan says, yielding each step once it is done.

    Raises:
        Conflict: roles stand and nobody said what becomes of them, or a run that deletes them did not end well.
        RunFailed: Terraform could not delete the roles; the workspace stands.
        GatepassError: the platform or the store said no, or did not answer; what was yielded is done, and the same
            command goes on.
    """
    _demand_decided(plan)
    for found in plan.removed[:1] if _is_schedule_first(plan) else ():
        yield _remove(found, plan, desk)
    if plan.roles is Roles.DESTROY and plan.standing.workspace is not None:
        yield Destroyed(_destroy(plan.standing.workspace.id, desk))
    _close_records(plan, desk)
    for found in plan.removed[1:] if _is_schedule_first(plan) else plan.removed:
        yield _remove(found, plan, desk)
    for found, why in plan.left:
        yield Left(found, why)
    for grant in plan.forgotten:
        desk.store.delete(door_secret_name(desk.declaration.account, grant))
        yield Forgotten(grant)
    if plan.roles is not Roles.LEAVE and not desk.store.names(salt_secret_name(desk.declaration.account)):
        desk.store.delete(salt_secret_name(desk.declaration.account))


def _demand_ours(standing: Standing, setup: WorkspaceSetup) -> None:
    found = standing.workspace
    if found is not None and not found.is_ours:
        raise Conflict(
            f"the workspace {setup.workspace} ({found.id}) is not ours",
            why="it carries no tag gatepass, and what others made is never removed",
            next_step=f"remove it on {setup.platform.title} itself, if it is yours to remove",
        )


def _roles(standing: Standing, desk: MovingDesk, *, destroy: bool, leave_roles: bool) -> Roles:
    """Return what becomes of the roles; a run that is under way could make some.

    A run that failed half-way made roles and gave nothing out: without outputs there are surely none only where no run
    ever began, or where the last one was ours that deleted them.
    """
    if standing.workspace is None:
        return Roles.NONE
    latest = desk.platform.latest_run(standing.workspace.id)
    if latest is not None and not latest.is_over and not _is_ours(latest):
        raise Conflict(
            f"the run {latest.id} of the workspace {desk.setup.workspace} is under way",
            why=f"{desk.platform.title} says: {latest.status}; it could make what would be removed",
            next_step=f"let it finish, or stop it{f' at {latest.url}' if latest.url else ''}, then do it again",
        )
    is_empty = latest is None or (_is_ours(latest) and latest.went_well)
    if is_empty and not has_roles(desk.platform.outputs(standing.workspace.id)):
        return Roles.NONE
    if destroy:
        return Roles.DESTROY
    return Roles.LEAVE if leave_roles else Roles.IN_THE_WAY


def _is_ours(run: Run) -> bool:
    return run.reason.startswith(f"{REASON}{_VERB}-")


def _sorted_out(
    standing: Standing, setup: WorkspaceSetup
) -> tuple[tuple[Found[PlatformObject], ...], tuple[tuple[Found[PlatformObject], str], ...]]:
    """Return what is removed in order, and what is left with the reason.

    Without its link the platform cannot enter any more, so from then on no run changes anything.
    """
    link = standing.link if setup.platform is Platform.SCALR else None
    inside = (standing.schedule, link, standing.doors, standing.workspace)
    around = (standing.own_access, standing.environment)
    removed: list[Found[PlatformObject]] = [found for found in inside if found is not None and found.is_ours]
    left: list[tuple[Found[PlatformObject], str]] = []
    for found in around:
        if found is None:
            continue
        if found.is_ours:
            removed.append(found)
        else:
            left.append((found, "it is not ours"))
    if setup.platform is Platform.HCP and standing.own_access is not None and standing.own_access in removed:
        # There it is variables of the workspace, and they go before it.
        removed.remove(standing.own_access)
        removed.insert(removed.index(standing.workspace) if standing.workspace in removed else 0, standing.own_access)
    return tuple(removed), tuple(left)


def _forgettable(records: dict[GrantName, DoorRecord], standing: Standing) -> tuple[GrantName, ...]:
    """Return the doors that are forgotten at the end.

    With the workspace gone already nobody can tell whether its roles are: only closed records are forgotten then.
    """
    is_known = standing.workspace is not None
    return tuple(name for name, record in records.items() if is_known or not record.ids)


def _demand_decided(plan: RemovalPlan) -> None:
    if plan.roles is Roles.IN_THE_WAY:
        raise Conflict(
            f"roles stand in the state of the workspace {plan.setup.workspace}",
            why="without it nothing would keep them, or close their doors",
            next_step="delete them by a last run: --destroy; or leave them as they are: --leave-roles",
        )


def _is_schedule_first(plan: RemovalPlan) -> bool:
    return bool(plan.removed) and plan.removed[0] == plan.standing.schedule


def _destroy(workspace: str, desk: MovingDesk) -> Run:
    """Return the run that deleted the roles; one that was begun before is waited for."""
    latest = desk.platform.latest_run(workspace)
    if latest is not None and not latest.is_over and _is_ours(latest):
        run = latest
    else:
        run = desk.platform.start_run(workspace, f"{REASON}{move_token(_VERB, desk.randomness)}", destroy=True)
    ended = run if run.is_over else desk.watch(run)
    if not ended.went_well or has_roles(desk.platform.outputs(workspace)):
        raise Conflict(
            f"roles stand in the state of {desk.setup.workspace} after the run {ended.id}",
            why=f"it ended {ended.status}; the workspace was left as it is",
            next_step="look at that run, then do it again",
        )
    return ended


def _close_records(plan: RemovalPlan, desk: MovingDesk) -> None:
    """Write down that no door is left, so that a run which is stopped from here on can forget them later."""
    token = ""
    for name, record in door_records(desk.declaration, desk.store).items():
        if name in plan.forgotten and record.ids:
            token = token or move_token(_VERB, desk.randomness)
            keep_door(desk.declaration.account, name, DoorRecord(token, Step.APPLIED, ()), desk.store)


def _remove(found: Found[PlatformObject], plan: RemovalPlan, desk: MovingDesk) -> RemovalStep:
    """Delete the object; what others use stays."""
    try:
        desk.platform.remove(plan.setup, found, leave_roles=plan.roles is Roles.LEAVE)
    except Conflict as error:
        if found in (plan.standing.own_access, plan.standing.environment):
            return Left(found, f"it is still in use: {error.what}")
        raise
    return Removed(found)


def step_words(step: RemovalStep, setup: WorkspaceSetup) -> str:
    """Return what was done, in words."""
    match step:
        case Removed(found):
            return f"- {object_words(found.what, setup)}"
        case Left(found, why):
            return f"= {object_words(found.what, setup)}: {why}"
        case Destroyed(run):
            return f"- the roles, by the run {run.id}"
        case Forgotten(grant):
            return f"- what the store kept of the door {grant}"
