"""A platform that runs Terraform, in memory: a twin of its port for tests of use-cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from gatepass.adapters.memory_faults import Calls, Fault
from gatepass.adapters.memory_runs import MemoryRun, Outcome, Running, RunsTerraform, turn
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.platform_run import Output, Run, RunStage
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Schedule,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.ports.orchestrators import OurWorkspace

Key = tuple[str, ...]
Kind = TypeVar("Kind", bound=PlatformObject)

_PREFIXES: dict[type[PlatformObject], str] = {
    Environment: "env",
    OwnAccess: "pcfg",
    Workspace: "ws",
    Link: "link",
    Doors: "var",
    Schedule: "rule",
}


@dataclass
class MemoryOrchestrator:
    """A platform with as many workspaces as the tests make.

    Attributes:
        runs_terraform: what a run does: it is given the doors' value and the platform's access, and says how it went.
        needs_confirmation: whether a run waits for a person's word although it was begun to apply by itself.
        locked: ids of workspaces in which no run may begin.
        calls: the name of every call that was made, in order; it fails them where a test says so.
        objects: what lies there, by kind, environment and workspace; doors with their value.
        runs: every run, by id, in the order in which they began.
        in_state: what the last applied run of each workspace gave out, by the workspace's id.
    """

    runs_terraform: RunsTerraform = lambda _: Outcome()
    title: str = "a platform in the memory of this process"
    needs_confirmation: bool = False
    locked: set[str] = field(default_factory=set)
    calls: Calls = field(default_factory=Calls)
    objects: dict[Key, Found[PlatformObject]] = field(default_factory=dict, repr=False)
    runs: dict[str, MemoryRun] = field(default_factory=dict)
    in_state: dict[str, tuple[Output, ...]] = field(default_factory=dict)
    _linked: dict[Key, Key] = field(default_factory=dict)
    _made: int = 0

    def fail(self, fault: Fault) -> None:
        """Let a later call fail, once."""
        self.calls.fail(fault)

    def place(self, setup: WorkspaceSetup, what: PlatformObject, *, is_ours: bool = False) -> Found[PlatformObject]:
        """Put an object there as somebody else would, with no call."""
        return self._keep(setup, what, is_ours=is_ours)

    def begin_by_somebody(self, workspace: str, reason: str) -> Run:
        """Begin a run as a person or a schedule would, with no call."""
        return self._begin(workspace, reason, dry=False, destroy=False)

    def doors_value(self, setup: WorkspaceSetup) -> str | None:
        """Return what the variable says, which the platform tells nobody; None when there is none."""
        found = self.objects.get(_key(setup, Doors))
        return found.what.value if found is not None and isinstance(found.what, Doors) else None

    def standing(self, setup: WorkspaceSetup) -> Standing:
        """Return what lies there, the doors without their value; HCP Terraform keeps external IDs to itself too."""
        with self.calls.call("standing"):
            doors, access = self._found(setup, Doors), self._found(setup, OwnAccess)
            if access is not None and setup.platform is Platform.HCP:
                access = Found(access.id, access.is_ours, replace(access.what, external_id=None))
            return Standing(
                environment=self._found(setup, Environment),
                own_access=access,
                workspace=self._found(setup, Workspace),
                link=self._found(setup, Link),
                doors=Found(doors.id, doors.is_ours, Doors("", doors.what.seal)) if doors is not None else None,
                schedule=self._found(setup, Schedule),
            )

    def make(self, setup: WorkspaceSetup, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make it, and mark it as ours; what it belongs to must be there."""
        with self.calls.call("make"):
            if not isinstance(wanted, Environment) and standing.environment is None:
                raise NotThere("there is no environment to make it in")
            if isinstance(wanted, Link | Doors | Schedule) and standing.workspace is None:
                raise NotThere("there is no workspace to make it in")
            if isinstance(wanted, Link) and standing.own_access is None:
                raise NotThere("there is no access to link")
            if _key(setup, type(wanted)) in self.objects:
                raise Conflict("that name is taken")
            return self._keep(setup, wanted, is_ours=True)

    def change(self, setup: WorkspaceSetup, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Change what is ours."""
        with self.calls.call("change"):
            standing = self.objects.get(_key(setup, type(wanted)))
            if standing is None or standing.id != found.id:
                raise NotThere(f"{found.id} is not there")
            _demand_ours(standing)
            self.objects[_key(setup, type(wanted))] = replace(standing, what=_as_kept(setup, wanted))

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool = False) -> None:
        """Delete what is ours, with what lies in it."""
        with self.calls.call("remove"):
            key = _key(setup, type(found.what))
            standing = self.objects.get(key)
            if standing is None:
                return
            _demand_ours(standing)
            if isinstance(standing.what, Workspace) and self.in_state.get(standing.id) and not leave_roles:
                raise Conflict(f"{standing.id} still keeps roles")
            inside = _inside(key, self.objects)
            if isinstance(standing.what, Environment) and inside:
                raise Conflict(f"{standing.id} still holds workspaces")
            if isinstance(standing.what, OwnAccess) and key in self._in_use():
                raise Conflict(f"{standing.id} is still linked")
            for gone in (key, *inside):
                del self.objects[gone]

    def our_workspace(self, setup: WorkspaceSetup) -> OurWorkspace:
        """Return the ids of what lies there."""
        with self.calls.call("our_workspace"):
            workspace, doors = self._found(setup, Workspace), self._found(setup, Doors)
            if workspace is None or doors is None:
                raise NotThere(f"there is no workspace {setup.workspace} with its variable")
            _demand_ours(workspace)
            return OurWorkspace(workspace.id, doors.id, doors.what.seal, workspace.id in self.locked)

    def write_doors(self, at: OurWorkspace, doors: Doors) -> None:
        """Write the variable."""
        with self.calls.call("write_doors"):
            for key, found in self.objects.items():
                if found.id == at.doors:
                    self.objects[key] = Found(found.id, found.is_ours, doors)
                    return
            raise NotThere(f"{at.doors} is not there")

    def write_own_access(self, setup: WorkspaceSetup, wanted: OwnAccess) -> None:
        """Write how the platform itself enters."""
        with self.calls.call("write_own_access"):
            found = self._found(setup, OwnAccess)
            if found is None:
                raise NotThere(f"there is no access {wanted.name}")
            _demand_ours(found)
            self.objects[_key(setup, OwnAccess)] = Found(found.id, found.is_ours, _as_kept(setup, wanted))

    def start_run(self, workspace: str, reason: str, *, dry: bool = False, destroy: bool = False) -> Run:
        """Begin a run, or return the one that has this very reason."""
        with self.calls.call("start_run"):
            for run in self.runs.values():
                if run.workspace == workspace and run.reason == reason:
                    return run.shown()
            if workspace in self.locked:
                raise Conflict(f"the workspace {workspace} is locked")
            return self._begin(workspace, reason, dry=dry, destroy=destroy)

    def run(self, run: str) -> Run:
        """Let the run go on by one stage, and return how far it is."""
        with self.calls.call("run"):
            found = self._the_run(run)
            self._go_on(found.workspace)
            return found.shown()

    def latest_run(self, workspace: str) -> Run | None:
        """Return the run that began last; it does not go on by that."""
        with self.calls.call("latest_run"):
            found = [run for run in self.runs.values() if run.workspace == workspace]
            return found[-1].shown() if found else None

    def confirm(self, run: Run) -> None:
        """Let a run apply that waits."""
        with self.calls.call("confirm"):
            waiting = self._the_run(run.id)
            if waiting.stage is not RunStage.NEEDS_CONFIRMATION:
                raise Conflict(f"{run.id} does not wait")
            waiting.stage = RunStage.APPLYING

    def discard(self, run: Run) -> None:
        """Drop or stop a run."""
        with self.calls.call("discard"):
            dropped = self._the_run(run.id)
            if not dropped.shown().is_over:
                dropped.stage = RunStage.STOPPED

    def log(self, run: Run) -> str:
        """Return what the run said."""
        with self.calls.call("log"):
            return self._the_run(run.id).log

    def outputs(self, workspace: str) -> Sequence[Output]:
        """Return what the last applied run gave out; no value of a sensitive one."""
        with self.calls.call("outputs"):
            found = self.in_state.get(workspace, ())
            return tuple(replace(one, value=None) if one.is_sensitive else one for one in found)

    def _found(self, setup: WorkspaceSetup, kind: type[Kind]) -> Found[Kind] | None:
        return cast("Found[Kind] | None", self.objects.get(_key(setup, kind)))

    def _keep(self, setup: WorkspaceSetup, what: PlatformObject, *, is_ours: bool) -> Found[PlatformObject]:
        self._made += 1
        found = Found(f"{_PREFIXES[type(what)]}-{self._made}", is_ours, _as_kept(setup, what))
        self.objects[_key(setup, type(what))] = found
        if isinstance(what, Link):
            self._linked[setup.environment, setup.workspace] = _key(setup, OwnAccess)
        return found

    def _in_use(self) -> set[Key]:
        return {access for place, access in self._linked.items() if ("Link", *place) in self.objects}

    def _begin(self, workspace: str, reason: str, *, dry: bool, destroy: bool) -> Run:
        run = MemoryRun(f"run-{len(self.runs) + 1}", workspace, reason, is_dry=dry, is_destroy=destroy)
        self.runs[run.id] = run
        return run.shown()

    def _the_run(self, run: str) -> MemoryRun:
        if run not in self.runs:
            raise NotThere(f"there is no run {run}")
        return self.runs[run]

    def _go_on(self, workspace: str) -> None:
        waits = self.needs_confirmation
        gone_on = turn(self.runs, workspace, self._running, self.runs_terraform, needs_confirmation=waits)
        if gone_on is not None and gone_on.outputs is not None:
            self.in_state[workspace] = gone_on.outputs

    def _running(self, run: MemoryRun) -> Running:
        """Return what the run would work with if its plan began now."""
        place = next(key[1:] for key, found in self.objects.items() if found.id == run.workspace)
        doors = self.objects.get(("Doors", *place))
        linked = self._linked.get(place) if ("Link", *place) in self.objects else None
        access = self.objects.get(linked or ("OwnAccess", *place))
        return Running(
            run.workspace,
            doors.what.value if doors is not None and isinstance(doors.what, Doors) else "",
            access.what if access is not None and isinstance(access.what, OwnAccess) else None,
            run.is_dry,
            run.is_destroy,
        )


def _key(setup: WorkspaceSetup, kind: type[object]) -> Key:
    """Return under which names an object of that kind lies: Scalr's access belongs to the account."""
    if kind is Environment:
        return (kind.__name__, setup.environment)
    if kind is OwnAccess and setup.platform is Platform.SCALR:
        return (kind.__name__, setup.access_name)
    return (kind.__name__, setup.environment, setup.workspace)


def _inside(key: Key, objects: Mapping[Key, object]) -> list[Key]:
    """Return what lies in an environment or a workspace."""
    match key:
        case ("Environment", environment):
            return [other for other in objects if len(other) == 3 and other[1] == environment]
        case ("Workspace", *place):
            return [other for other in objects if other != key and list(other[1:]) == place]
        case _:
            return []


def _as_kept(setup: WorkspaceSetup, what: PlatformObject) -> PlatformObject:
    """Return the object as it is kept: Scalr keeps no seal of its access, for it tells the external ID."""
    if isinstance(what, OwnAccess) and setup.platform is Platform.SCALR:
        return replace(what, seal="")
    return what


def _demand_ours(found: Found[PlatformObject]) -> None:
    if not found.is_ours:
        raise Conflict(f"{found.id} is not ours")
