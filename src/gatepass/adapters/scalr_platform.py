"""Scalr as a platform that runs Terraform."""

from __future__ import annotations

from collections.abc import Sequence

from gatepass.adapters.json_api import JsonApi
from gatepass.adapters.json_api_documents import Resource, quoted
from gatepass.adapters.platform_marks import Seen, demand_ours, not_ours, ours, seal_of
from gatepass.adapters.remembered_workspaces import Remembered, RememberedWorkspaces
from gatepass.adapters.scalr_account import ScalrAccount
from gatepass.adapters.scalr_objects import ScalrObjects
from gatepass.adapters.scalr_runs import ScalrRuns
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.platform_run import Output, Run
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
from gatepass.domain.workspace_setup import DOORS_VARIABLE, Repository, WorkspaceSetup
from gatepass.ports.orchestrators import OurWorkspace


class ScalrPlatform:
    """One account of Scalr; from as many threads as like."""

    def __init__(self, api: JsonApi, account: str, remembered: RememberedWorkspaces) -> None:
        """Ask that API for the account with this id, ``acc-...``."""
        self._api, self._remembered = api, remembered
        self._account = ScalrAccount(api, account)
        self._objects, self._runs = ScalrObjects(self._account), ScalrRuns(api)

    @property
    def title(self) -> str:
        """Which account, and where."""
        return f"{self._api.title}, account {self._account.account}"

    def standing(self, setup: WorkspaceSetup) -> Standing:
        """Return what lies there under the setup's names."""
        environment = self._account.environment(setup.environment)
        access = self._account.access(setup.access_name) if setup.access_name else None
        found_access = _access(access) if access is not None else None
        if environment is None:
            return Standing(own_access=found_access)
        place = Found(environment.resource.id, environment.is_ours, Environment(setup.environment))
        workspace = self._account.workspace(place.id, setup.workspace)
        if workspace is None:
            return Standing(environment=place, own_access=found_access)
        inside, is_ours = workspace.resource.id, workspace.is_ours
        link = self._account.link(inside, found_access.id) if found_access is not None else None
        doors, schedule = self._account.variable(inside), self._account.schedule(inside)
        return Standing(
            environment=place,
            own_access=found_access,
            workspace=Found(inside, is_ours, self._workspace(workspace.resource, setup)),
            link=Found(link.id, is_ours, Link()) if link is not None else None,
            doors=Found(doors.id, is_ours, Doors("", seal_of(doors))) if doors is not None else None,
            schedule=Found(schedule.id, is_ours, Schedule(schedule.text("schedule"))) if schedule is not None else None,
        )

    def make(self, setup: WorkspaceSetup, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make what is not there, and mark it as ours."""
        del setup  # every object says itself where it lies
        if standing.workspace is not None and isinstance(wanted, Link | Doors | Schedule):
            demand_ours(f"the workspace {standing.workspace.what.name}", is_ours=standing.workspace.is_ours)
        made = self._objects.make(wanted, standing)
        if isinstance(wanted, Workspace):
            self._runs.note_written(made.id)
        return made

    def change(self, setup: WorkspaceSetup, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Bring what is ours to what is wanted."""
        del setup  # its id is enough
        self._objects.change(wanted, found)

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool = False) -> None:
        """Delete what is ours."""
        self._objects.remove(setup, found, leave_roles=leave_roles)
        if isinstance(found.what, Workspace | Doors):
            self._remembered.forget(setup)

    def our_workspace(self, setup: WorkspaceSetup) -> OurWorkspace:
        """Return the workspace and its variable: as remembered and proved in one call, or as looked up by name."""
        known = self._remembered.get(setup)
        return (self._proved(setup, known) if known is not None else None) or self._looked_up(setup)

    def write_doors(self, at: OurWorkspace, doors: Doors) -> None:
        """Write the variable whole."""
        self._objects.write_doors(at.doors, doors)
        self._runs.note_written(at.workspace)

    def write_own_access(self, setup: WorkspaceSetup, wanted: OwnAccess) -> None:
        """Let the platform enter with this external ID from its next run on."""
        what = f"the provider configuration {wanted.name}"
        found = ours(self._account.access(wanted.name), what)
        if found is None:
            raise NotThere(
                f"{self._api.title} has no provider configuration {wanted.name}",
                why="it was never made, or somebody deleted or renamed it",
                next_step=f"make it: gatepass scalr setup for {setup.workspace}",
            )
        self._objects.write_access(found.id, wanted)

    def start_run(self, workspace: str, reason: str, *, dry: bool = False, destroy: bool = False) -> Run:
        """Begin a run, or return the one that has this reason."""
        return self._runs.start(workspace, reason, dry=dry, destroy=destroy)

    def run(self, run: str) -> Run:
        """Return how far it is."""
        return self._runs.run(run)

    def latest_run(self, workspace: str) -> Run | None:
        """Return the run that began last."""
        return self._runs.latest(workspace)

    def confirm(self, run: Run) -> None:
        """Let a run apply that waits."""
        self._runs.confirm(run)

    def discard(self, run: Run) -> None:
        """Drop a run that waits, or stop it."""
        self._runs.discard(run)

    def log(self, run: Run) -> str:
        """Return the last lines of what Terraform said."""
        return self._runs.log(run)

    def outputs(self, workspace: str) -> Sequence[Output]:
        """Return the outputs of the state."""
        return self._runs.outputs(workspace)

    def _workspace(self, found: Resource, setup: WorkspaceSetup) -> Workspace:
        """Return the workspace as it stands, in the file's own words where they mean the same."""
        wanted, repository = setup.repository, None
        identifier = found.part("vcs-repo").get("identifier")
        if isinstance(identifier, str) and identifier:
            connection, branch = found.related("vcs-provider"), found.part("vcs-repo").get("branch")
            if wanted is not None and self._account.connection(wanted.connection) == connection:
                connection = wanted.connection
            is_free = wanted is not None and wanted.branch is None
            directory = found.text("working-directory").strip("/")
            named = branch if isinstance(branch, str) and branch and not is_free else None
            repository = Repository(connection, identifier, named, directory)
        version = found.text("terraform-version") if setup.terraform_version is not None else None
        return Workspace(found.text("name"), repository, version, found.flag("auto-apply"))

    def _proved(self, setup: WorkspaceSetup, known: Remembered) -> OurWorkspace | None:
        """Return what is remembered where it is still true; None where it has to be looked up."""
        deed = f"find the variable {DOORS_VARIABLE} of {setup.workspace}"
        try:
            page = self._api.get(f"vars/{quoted(known.doors)}", deed, (("include", "workspace"),))
        except NotThere:
            return None
        for variable in page.data:
            places = [page.included[ref] for ref in variable.relations.get("workspace", ()) if ref in page.included]
            for place in places:
                marks = {tag.id for tag in place.relations.get("tags", ())}
                is_same = place.id == known.workspace and place.text("name") == setup.workspace
                if variable.text("key") == DOORS_VARIABLE and is_same and known.mark in marks:
                    return OurWorkspace(place.id, variable.id, seal_of(variable), _is_locked(place))
        return None

    def _looked_up(self, setup: WorkspaceSetup) -> OurWorkspace:
        found = self._account.workspace_of(setup)
        if found is None:
            raise NotThere(
                f"{self._api.title} has no workspace {setup.workspace} in the environment {setup.environment}",
                why="it was never set up, or the token may not see it",
                next_step="set it up: gatepass scalr setup FILE",
            )
        seen, mark = found
        if not seen.is_ours:
            raise not_ours(f"the workspace {setup.workspace}")
        variable = self._account.variable(seen.resource.id)
        if variable is None:
            raise NotThere(
                f"the workspace {setup.workspace} has no variable {DOORS_VARIABLE}",
                why="its set-up was not finished, or somebody deleted it",
                next_step="finish it: gatepass scalr setup FILE",
            )
        self._remembered.put(setup, Remembered(seen.resource.id, variable.id, mark))
        return OurWorkspace(seen.resource.id, variable.id, seal_of(variable), _is_locked(seen.resource))


def _is_locked(workspace: Resource) -> bool:
    """Say whether a person holds the lock; a run gives it back by itself."""
    return workspace.flag("locked") and not workspace.related("locked-by-run")


def _access(seen: Seen) -> Found[OwnAccess]:
    found, name = seen.resource, seen.resource.text("name")
    try:
        role = RoleArn(found.text("aws-role-arn"))
    except InvalidInput:
        raise Conflict(
            f"the provider configuration {name} enters AWS by no role",
            why="it is of another kind than role delegation, so somebody else made it or changed it",
            next_step="rename it or delete it on its page, and run it again",
        ) from None
    try:
        external_id = ExternalId(found.text("aws-external-id"))
    except InvalidInput:
        # None, or one that AWS would not take.
        external_id = None
    return Found(found.id, seen.is_ours, OwnAccess(name, role, external_id))
