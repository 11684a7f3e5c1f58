"""HCP Terraform, or Terraform Enterprise, as a platform that runs Terraform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepass.adapters.hcp_objects import EXTERNAL_ID_VARIABLE, ROLE_VARIABLE, HcpObjects, demand_in_project
from gatepass.adapters.hcp_organization import HcpOrganization
from gatepass.adapters.hcp_runs import HcpRuns
from gatepass.adapters.json_api import JsonApi
from gatepass.adapters.json_api_documents import Resource
from gatepass.adapters.platform_marks import seal_of
from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.platform_run import Output, Run
from gatepass.domain.workspace_objects import (
    Doors,
    Environment,
    Found,
    Link,
    OwnAccess,
    PlatformObject,
    Standing,
    Workspace,
)
from gatepass.domain.workspace_setup import DOORS_VARIABLE, Repository, WorkspaceSetup
from gatepass.ports.orchestrators import OurWorkspace

# It needs none: the root module itself enters with the workspace's variables.
_LINK = Found("", is_ours=True, what=Link())


class HcpPlatform:
    """One organisation of HCP Terraform; from as many threads as like."""

    def __init__(self, api: JsonApi, organization: str) -> None:
        """Ask that API for the organisation of this name."""
        self._api = api
        self._organization = HcpOrganization(api, organization)
        self._objects, self._runs = HcpObjects(self._organization), HcpRuns(api, organization)

    @property
    def title(self) -> str:
        """Which organisation, and where."""
        return f"{self._api.title}, organization {self._organization.organization}"

    def standing(self, setup: WorkspaceSetup) -> Standing:
        """Return what lies there under the setup's names."""
        project = self._organization.project(setup.environment)
        if project is None:
            return Standing(link=_LINK)
        place = Found(project.resource.id, project.is_ours, Environment(setup.environment))
        seen = self._organization.workspace(setup.workspace)
        if seen is None:
            return Standing(environment=place, link=_LINK)
        demand_in_project(seen.resource, place)
        inside, is_ours = seen.resource.id, seen.is_ours
        self._runs.note_name(inside, setup.workspace)
        variables = self._organization.variables(inside)
        doors = variables.get(DOORS_VARIABLE)
        return Standing(
            environment=place,
            own_access=_access(setup, variables, is_ours=is_ours),
            workspace=Found(inside, is_ours, self._workspace(seen.resource, setup)),
            link=_LINK,
            doors=Found(doors.id, is_ours, Doors("", seal_of(doors))) if doors is not None else None,
        )

    def make(self, setup: WorkspaceSetup, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make what is not there, and mark it as ours."""
        made = self._objects.make(wanted, standing)
        if isinstance(wanted, Workspace):
            self._runs.note_name(made.id, setup.workspace)
            self._runs.note_written(made.id)
        return made

    def change(self, setup: WorkspaceSetup, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Bring what is ours to what is wanted."""
        self._objects.change(setup, wanted, found)

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool = False) -> None:
        """Delete what is ours."""
        self._objects.remove(setup, found, leave_roles=leave_roles)

    def our_workspace(self, setup: WorkspaceSetup) -> OurWorkspace:
        """Return the workspace and its variable: two calls, for the seal stands with the variable alone."""
        workspace = self._objects.ours_workspace(setup)
        self._runs.note_name(workspace.id, setup.workspace)
        doors = self._organization.variables(workspace.id).get(DOORS_VARIABLE)
        if doors is None:
            raise NotThere(
                f"the workspace {setup.workspace} has no variable {DOORS_VARIABLE}",
                why="its set-up was not finished, or somebody deleted it",
                next_step="finish it: gatepass hcp setup FILE",
            )
        holders = {each.type for each in workspace.relations.get("locked-by", ())}
        # A run that holds the lock gives it back by itself.
        is_locked = workspace.flag("locked") and holders != {"runs"}
        return OurWorkspace(workspace.id, doors.id, seal_of(doors), is_locked)

    def write_doors(self, at: OurWorkspace, doors: Doors) -> None:
        """Write the variable whole."""
        self._objects.write_doors(at.workspace, at.doors, doors)
        self._runs.note_written(at.workspace)

    def write_own_access(self, setup: WorkspaceSetup, wanted: OwnAccess) -> None:
        """Let the platform enter with this external ID from its next run on."""
        self._objects.write_access(self._objects.ours_workspace(setup).id, wanted)

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
        wanted, kept, repository = setup.repository, found.part("vcs-repo"), None
        identifier = kept.get("identifier")
        if isinstance(identifier, str) and identifier:
            ids = (kept.get("oauth-token-id"), kept.get("github-app-installation-id"))
            connection = next((each for each in ids if isinstance(each, str) and each), "")
            if wanted is not None and self._organization.connection(wanted.connection).id == connection:
                connection = wanted.connection
            branch, is_free = kept.get("branch"), wanted is not None and wanted.branch is None
            named = branch if isinstance(branch, str) and branch and not is_free else None
            repository = Repository(connection, identifier, named, found.text("working-directory").strip("/"))
        version = found.text("terraform-version") if setup.terraform_version is not None else None
        return Workspace(found.text("name"), repository, version, found.flag("auto-apply"))


def _access(setup: WorkspaceSetup, variables: Mapping[str, Resource], *, is_ours: bool) -> Found[OwnAccess] | None:
    role, secret = variables.get(ROLE_VARIABLE), variables.get(EXTERNAL_ID_VARIABLE)
    if role is None or secret is None:
        return None
    try:
        arn = RoleArn(role.text("value"))
    except InvalidInput:
        # Somebody wrote something else there; it is brought to what is wanted as one that is missing.
        return None
    return Found(secret.id, is_ours, OwnAccess(setup.access_name, arn, None, seal_of(secret)))
