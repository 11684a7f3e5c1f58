"""The objects of a set-up in HCP Terraform: made, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from gatepass.adapters.hcp_organization import HcpOrganization, mark_relation
from gatepass.adapters.json_api import Ask
from gatepass.adapters.json_api_documents import Resource, new_document, quoted
from gatepass.adapters.platform_marks import demand_ours, description, missing_place, ours, seal_of, secrets_of
from gatepass.domain.errors import AccessRefused, Conflict, InvalidInput, NotThere
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
from gatepass.domain.workspace_setup import DOORS_VARIABLE, WorkspaceSetup

# The root module enters with these: HCP Terraform has no field of its own for an external ID.
ROLE_VARIABLE, EXTERNAL_ID_VARIABLE = "platform_role_arn", "platform_external_id"


class HcpObjects:
    """What makes, changes and deletes them; each is marked as ours in the call that makes it."""

    def __init__(self, organization: HcpOrganization) -> None:
        """Work in that organisation."""
        self._organization, self._api = organization, organization.api

    def make(self, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make what is not there; what an attempt without an answer made already is brought to what is wanted."""
        match wanted:
            case Environment():
                return self._make_project(wanted)
            case Workspace():
                return self._make_workspace(wanted, standing)
            case OwnAccess():
                workspace = _workspace_of(standing, "the platform's own access")
                made = [self._make_variable(workspace, *each) for each in _entry(wanted).items()]
                return Found(made[-1], is_ours=True, what=wanted)
            case Doors():
                workspace = _workspace_of(standing, f"the variable {DOORS_VARIABLE}")
                return Found(self._make_variable(workspace, DOORS_VARIABLE, _doors(wanted)), is_ours=True, what=wanted)
            case Link():
                return Found("", is_ours=True, what=wanted)
            case Schedule():
                raise no_schedule(wanted)
            case _:
                assert_never(wanted)

    def change(self, setup: WorkspaceSetup, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Bring what is ours to what is wanted."""
        demand_ours(found.id, is_ours=found.is_ours)
        match wanted:
            case Environment() | Link():
                return
            case Workspace():
                attributes = self._settings(wanted)
                body = new_document("workspaces", attributes, None, found.id)
                deed = f"change the workspace {wanted.name}"
                self._api.change(Ask("PATCH", f"workspaces/{quoted(found.id)}", deed, body=body))
            case OwnAccess():
                self.write_access(self.ours_workspace(setup).id, wanted)
            case Doors():
                self.write_doors(self.ours_workspace(setup).id, found.id, wanted)
            case Schedule():
                raise no_schedule(wanted)
            case _:
                assert_never(wanted)

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool) -> None:
        """Delete what is ours."""
        demand_ours(found.id, is_ours=found.is_ours)
        match found.what:
            case Environment(name):
                if self._organization.has_workspaces(found.id):
                    raise Conflict(
                        f"the project {name} still holds workspaces",
                        why="a project is deleted once nothing is in it",
                        next_step="remove those workspaces first",
                    )
                path = f"projects/{quoted(found.id)}"
                self._gone(Ask("DELETE", path, f"delete the project {name}"), path)
            case Workspace(name):
                path, deed = f"workspaces/{quoted(found.id)}", f"delete the workspace {name}"
                # The safe way refuses while anything stands in its state; the other asks nothing.
                safe = Ask("POST", f"{path}/actions/safe-delete", deed)
                self._gone(Ask("DELETE", path, deed) if leave_roles else safe, path)
            case OwnAccess():
                self._remove_variables(setup, ROLE_VARIABLE, EXTERNAL_ID_VARIABLE)
            case Doors():
                self._remove_variables(setup, DOORS_VARIABLE)
            case Link() | Schedule():
                return
            case _:
                assert_never(found.what)

    def ours_workspace(self, setup: WorkspaceSetup) -> Resource:
        """Return the setup's workspace.

        Raises:
            NotThere: there is none.
            Conflict: it is not ours.
        """
        found = ours(self._organization.workspace(setup.workspace), f"the workspace {setup.workspace}")
        if found is None:
            raise NotThere(
                f"{self._api.title} has no workspace {setup.workspace}",
                why="it was never set up, or the token may not see it",
                next_step="set it up: gatepass hcp setup FILE",
            )
        return found

    def write_doors(self, workspace: str, variable: str, doors: Doors) -> None:
        """Write the variable whole."""
        self._write(workspace, variable, DOORS_VARIABLE, _doors(doors))

    def write_access(self, workspace: str, wanted: OwnAccess) -> None:
        """Write how the platform enters: its role, and then with what.

        Raises:
            NotThere: the workspace has no such variables.
        """
        there = self._organization.variables(workspace)
        for name, attributes in _entry(wanted).items():
            if name not in there:
                raise NotThere(
                    f"the workspace {workspace} has no variable {name}",
                    why="the platform's own access was never set up there, or somebody deleted it",
                    next_step="set it up: gatepass hcp setup FILE",
                )
            if name == EXTERNAL_ID_VARIABLE or there[name].text("value") != attributes["value"]:
                self._write(workspace, there[name].id, name, attributes)

    def _make_project(self, wanted: Environment) -> Found[PlatformObject]:
        body = _marked(new_document("projects", {"name": wanted.name}))
        ask = Ask("POST", f"{self._organization.path}/projects", f"make the project {wanted.name}", body=body)
        what = f"the project {wanted.name}"
        made, _ = self._api.make(ask, lambda: ours(self._organization.project(wanted.name), what))
        return Found(made.id, is_ours=True, what=wanted)

    def _make_workspace(self, wanted: Workspace, standing: Standing) -> Found[PlatformObject]:
        what = f"the workspace {wanted.name}"
        if standing.environment is None:
            raise missing_place(what, "project")
        attributes = {"name": wanted.name, "queue-all-runs": False, "source-name": "gatepass", **self._settings(wanted)}
        body = _marked(new_document("workspaces", attributes), standing.environment.id)
        ask = Ask("POST", f"{self._organization.path}/workspaces", f"make {what}", body=body)
        made, was_there = self._api.make(ask, lambda: ours(self._organization.workspace(wanted.name), what))
        found: Found[PlatformObject] = Found(made.id, is_ours=True, what=wanted)
        if was_there:
            demand_in_project(made, standing.environment)
            body = new_document("workspaces", self._settings(wanted), None, made.id)
            self._api.change(Ask("PATCH", f"workspaces/{quoted(made.id)}", f"change {what}", body=body))
        return found

    def _make_variable(self, workspace: str, name: str, attributes: Mapping[str, object]) -> str:
        path, deed = f"workspaces/{quoted(workspace)}/vars", f"make the variable {name}"
        body = new_document("vars", {"key": name, "category": "terraform", **attributes})
        ask = Ask("POST", path, deed, body=body, secrets=_secrets(attributes))
        made, was_there = self._api.make(ask, lambda: self._organization.variables(workspace).get(name))
        if was_there and not _says(made, attributes):
            self._write(workspace, made.id, name, attributes)
        return made.id

    def _write(self, workspace: str, variable: str, name: str, attributes: Mapping[str, object]) -> None:
        body = new_document("vars", attributes, None, variable)
        path = f"workspaces/{quoted(workspace)}/vars/{quoted(variable)}"
        self._api.change(Ask("PATCH", path, f"write the variable {name}", body=body, secrets=_secrets(attributes)))

    def _remove_variables(self, setup: WorkspaceSetup, *names: str) -> None:
        try:
            workspace = self.ours_workspace(setup).id
            there = self._organization.variables(workspace)
        except NotThere:
            self._organization.demand_seen()
            return
        for name in names:
            if name in there:
                path = f"workspaces/{quoted(workspace)}/vars"
                self._gone(Ask("DELETE", f"{path}/{quoted(there[name].id)}", f"delete the variable {name}"), path, name)

    def _settings(self, wanted: Workspace) -> dict[str, object]:
        attributes: dict[str, object] = {"auto-apply": wanted.applies_by_itself}
        if wanted.terraform_version is not None:
            attributes["terraform-version"] = wanted.terraform_version
        if wanted.repository is not None:
            connection = self._organization.connection(wanted.repository.connection)
            attributes["vcs-repo"] = {
                "identifier": wanted.repository.identifier,
                connection.attribute: connection.id,
                "branch": wanted.repository.branch or "",
            }
            attributes["working-directory"] = wanted.repository.directory or None
        return attributes

    def _gone(self, ask: Ask, place: str, name: str = "") -> None:
        """Delete something; what is gone already is a success, and what may not be deleted is none.

        The platform says 404 to both, so it is looked at: the thing itself, or in a list the one of that name.
        """
        try:
            self._api.change(ask)
        except NotThere as error:
            try:
                left = self._api.get(place, ask.deed.replace("delete", "see", 1)).data
            except NotThere:
                self._organization.demand_seen()
                return
            if any(not name or each.text("key") == name for each in left):
                why = f"{error.why}; it is still there, so the token may see it and not delete it"
                next_step = "ask who administers it for that permission, or use the token of somebody who has it"
                raise AccessRefused(error.what, why=why, next_step=next_step, code="404") from None


def demand_in_project(workspace: Resource, project: Found[Environment]) -> None:
    """Let only a workspace of that project pass: a name stands once in the whole organisation.

    Raises:
        Conflict: it lies in another one.
    """
    if workspace.related("project") != project.id:
        raise Conflict(
            f"the workspace {workspace.text('name')} lies in another project than {project.what.name}",
            why="in HCP Terraform a workspace's name stands once in the whole organisation",
            next_step="name its project in the file as environment, or choose another name for the workspace",
        )


def no_schedule(wanted: Schedule) -> InvalidInput:
    """Return the error for a schedule, which HCP Terraform does not keep."""
    return InvalidInput(
        f"HCP Terraform cannot run by itself at {wanted.cron!r}",
        why="it has no cron for workspaces",
        next_step="take schedule out of the file, and let a machine of yours run gatepass hcp run FILE at that time, "
        "or give it to the fleet: gatepass fleet schedule",
    )


def _workspace_of(standing: Standing, what: str) -> str:
    if standing.workspace is None:
        raise missing_place(what, "workspace")
    demand_ours(f"the workspace {standing.workspace.what.name}", is_ours=standing.workspace.is_ours)
    return standing.workspace.id


def _doors(doors: Doors) -> dict[str, object]:
    return {"value": doors.value, "description": description(doors.seal), "hcl": True, "sensitive": True}


def _entry(wanted: OwnAccess) -> dict[str, dict[str, object]]:
    """Return the variables by which the platform enters, with their attributes; the external ID last."""
    if wanted.external_id is None:
        raise InvalidInput(
            f"the variable {EXTERNAL_ID_VARIABLE} needs an external ID",
            why="without one anybody's workspace on the platform could enter the role",
            next_step="apply the grant by which the platform enters first",
        )
    secret = {"value": wanted.external_id.reveal(), "description": description(wanted.seal)}
    return {
        ROLE_VARIABLE: {"value": str(wanted.role), "hcl": False, "sensitive": False},
        EXTERNAL_ID_VARIABLE: {**secret, "hcl": False, "sensitive": True},
    }


def _secrets(attributes: Mapping[str, object]) -> tuple[str, ...]:
    if attributes.get("sensitive") is not True:
        return ()
    value = str(attributes["value"])
    return secrets_of(Doors(value, "")) if attributes.get("hcl") is True else (value,)


def _says(variable: Resource, attributes: Mapping[str, object]) -> bool:
    """Say whether a variable that was found says what is wanted, as far as the platform tells."""
    if attributes.get("sensitive") is True:
        return bool(seal_of(variable)) and variable.text("description") == attributes["description"]
    return variable.text("value") == attributes["value"]


def _marked(document: dict[str, object], project: str = "") -> dict[str, object]:
    data = document["data"]
    relations = {"tag-bindings": mark_relation()}
    if project:
        relations["project"] = {"data": {"type": "projects", "id": project}}
    return {"data": {**data, "relationships": relations}} if isinstance(data, dict) else document
