"""The objects of a set-up in Scalr: made, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never, cast

from gatepass.adapters.json_api import Ask
from gatepass.adapters.json_api_documents import Ref, Resource, new_document, quoted
from gatepass.adapters.platform_marks import Seen, demand_ours, description, missing_place, ours, secrets_of
from gatepass.adapters.scalr_account import ScalrAccount
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
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

_ACCOUNT_TYPES = {"aws": "regular", "aws-us-gov": "gov-cloud", "aws-cn": "cn-cloud"}
Look = Callable[[], Seen | None]


class ScalrObjects:
    """What makes, changes and deletes them; each is marked as ours in the call that makes it."""

    def __init__(self, account: ScalrAccount) -> None:
        """Work in that account."""
        self._account, self._api = account, account.api

    def make(self, wanted: PlatformObject, standing: Standing) -> Found[PlatformObject]:
        """Make what is not there; what an attempt without an answer made already is brought to what is wanted."""
        match wanted:
            case Environment():
                ask, look = self._new_environment(wanted)
            case OwnAccess():
                ask, look = self._new_access(wanted, standing)
            case Workspace():
                ask, look = self._new_workspace(wanted, standing)
            case Link():
                ask, look = self._new_link(standing)
            case Doors():
                ask, look = self._new_doors(wanted, standing)
            case Schedule():
                ask, look = self._new_schedule(wanted, standing)
            case _:
                assert_never(wanted)
        what = ask.deed.partition(" ")[2]
        made, was_there = self._api.make(ask, lambda: ours(look(), what))
        found = Found(made.id, is_ours=True, what=wanted)
        if was_there:
            self.change(wanted, found)
        return found

    def change(self, wanted: PlatformObject, found: Found[PlatformObject]) -> None:
        """Bring what is ours to what is wanted."""
        demand_ours(found.id, is_ours=found.is_ours)
        match wanted:
            case Environment() | Link():
                # They have nothing but their name.
                return
            case OwnAccess():
                self.write_access(found.id, wanted)
            case Workspace():
                attributes, relations = self._settings(wanted)
                body = new_document("workspaces", attributes, relations, found.id)
                deed = f"change the workspace {wanted.name}"
                self._api.change(Ask("PATCH", f"workspaces/{quoted(found.id)}", deed, body=body))
            case Doors():
                self.write_doors(found.id, wanted)
            case Schedule():
                body = new_document("run-schedule-rules", {"schedule": wanted.cron}, None, found.id)
                path = f"run-schedule-rules/{quoted(found.id)}"
                self._api.change(Ask("PATCH", path, f"change the schedule to {wanted.cron}", body=body))
            case _:
                assert_never(wanted)

    def remove(self, setup: WorkspaceSetup, found: Found[PlatformObject], *, leave_roles: bool) -> None:
        """Delete what is ours."""
        demand_ours(found.id, is_ours=found.is_ours)
        match found.what:
            case Environment(name):
                if self._account.has_workspaces(found.id):
                    raise Conflict(
                        f"the environment {name} still holds workspaces",
                        why="an environment is deleted once nothing is in it",
                        next_step="remove those workspaces first",
                    )
                self._delete("environments", found.id, f"delete the environment {name}")
            case OwnAccess(name):
                self._delete("provider-configurations", found.id, f"delete the provider configuration {name}")
            case Workspace(name):
                self._delete_workspace(found.id, name, leave_roles=leave_roles)
            case Link():
                deed = f"take its access from the workspace {setup.workspace}"
                self._delete("provider-configuration-links", found.id, deed)
            case Doors():
                self._delete("vars", found.id, f"delete the variable {DOORS_VARIABLE}")
            case Schedule():
                self._delete("run-schedule-rules", found.id, f"delete the schedule of {setup.workspace}")
            case _:
                assert_never(found.what)

    def write_doors(self, variable: str, doors: Doors) -> None:
        """Write the variable whole."""
        body = new_document("vars", _doors(doors), None, variable)
        deed = f"write the variable {DOORS_VARIABLE}"
        self._api.change(Ask("PATCH", f"vars/{quoted(variable)}", deed, body=body, secrets=secrets_of(doors)))

    def write_access(self, configuration: str, wanted: OwnAccess) -> None:
        """Write how the platform enters."""
        attributes, secrets = _entry(wanted)
        body = new_document("provider-configurations", attributes, None, configuration)
        path = f"provider-configurations/{quoted(configuration)}"
        deed = f"change the provider configuration {wanted.name}"
        self._api.change(Ask("PATCH", path, deed, body=body, secrets=secrets))

    def _new_environment(self, wanted: Environment) -> tuple[Ask, Look]:
        ask = self._post(
            "environments",
            f"environment {wanted.name}",
            new_document("environments", {"name": wanted.name}, self._owned()),
        )
        return ask, lambda: self._account.environment(wanted.name)

    def _new_access(self, wanted: OwnAccess, standing: Standing) -> tuple[Ask, Look]:
        attributes, secrets = _entry(wanted)
        attributes |= {
            "name": wanted.name,
            "provider-name": "aws",
            "aws-credentials-type": "role_delegation",
            "aws-trusted-entity-type": "aws_account",
        }
        # Only there may workspaces be linked to it.
        places = [Ref("environments", _id(standing.environment, wanted.name, "environment"))]
        body = new_document("provider-configurations", attributes, {**self._owned(), "environments": places})
        ask = self._post("provider-configurations", f"provider configuration {wanted.name}", body, secrets)
        return ask, lambda: self._account.access(wanted.name)

    def _new_workspace(self, wanted: Workspace, standing: Standing) -> tuple[Ask, Look]:
        environment = _id(standing.environment, wanted.name, "environment")
        attributes, relations = self._settings(wanted)
        attributes |= {"name": wanted.name, "execution-mode": "remote", "iac-platform": "terraform"}
        # The first configuration lies there before the variable does, and could not run.
        attributes["auto-queue-runs"] = "skip_first"
        relations |= {"environment": Ref("environments", environment), "tags": [self._account.mark()]}
        ask = self._post("workspaces", f"workspace {wanted.name}", new_document("workspaces", attributes, relations))
        return ask, lambda: self._account.workspace(environment, wanted.name)

    def _new_link(self, standing: Standing) -> tuple[Ask, Look]:
        workspace = _id(standing.workspace, "the access of the workspace", "workspace")
        access = _id(standing.own_access, "the access of the workspace", "provider configuration")
        if standing.environment is not None and standing.own_access is not None:
            self._let_use(standing.own_access, standing.environment)
        relations = {"provider-configuration": Ref("provider-configurations", access)}
        body = new_document("provider-configuration-links", {}, relations)
        path = f"workspaces/{quoted(workspace)}/provider-configuration-links"
        return self._post(path, "link of the workspace to its provider configuration", body), lambda: _in_ours(
            self._account.link(workspace, access)
        )

    def _new_doors(self, wanted: Doors, standing: Standing) -> tuple[Ask, Look]:
        workspace = _id(standing.workspace, f"the variable {DOORS_VARIABLE}", "workspace")
        attributes = {"key": DOORS_VARIABLE, "category": "terraform", **_doors(wanted)}
        body = new_document("vars", attributes, {"workspace": Ref("workspaces", workspace)})
        ask = self._post("vars", f"variable {DOORS_VARIABLE}", body, secrets_of(wanted))
        return ask, lambda: _in_ours(self._account.variable(workspace))

    def _new_schedule(self, wanted: Schedule, standing: Standing) -> tuple[Ask, Look]:
        workspace = _id(standing.workspace, "the schedule", "workspace")
        attributes = {"schedule": wanted.cron, "schedule-mode": "apply"}
        body = new_document("run-schedule-rules", attributes, {"workspace": Ref("workspaces", workspace)})
        ask = self._post("run-schedule-rules", f"schedule {wanted.cron}", body)
        return ask, lambda: _in_ours(self._account.schedule(workspace))

    def _let_use(self, access: Found[OwnAccess], environment: Found[Environment]) -> None:
        """Let the environment use a provider configuration that was made for another one."""
        there = self._account.places_of(access.id)
        if there is None or environment.id in there:
            return
        name = access.what.name
        if not access.is_ours:
            raise Conflict(
                f"the provider configuration {name} may not be used in the environment {environment.what.name}",
                why="it is not ours, so it is not changed",
                next_step="share it with that environment on its page, and run it again",
            )
        places = [Ref("environments", each) for each in (*there, environment.id)]
        body = new_document("provider-configurations", {}, {"environments": places}, access.id)
        path = f"provider-configurations/{quoted(access.id)}"
        deed = f"let the environment {environment.what.name} use the provider configuration {name}"
        self._api.change(Ask("PATCH", path, deed, body=body))

    def _settings(self, wanted: Workspace) -> tuple[dict[str, object], dict[str, Ref | list[Ref]]]:
        attributes: dict[str, object] = {"auto-apply": wanted.applies_by_itself}
        if wanted.terraform_version is not None:
            attributes["terraform-version"] = wanted.terraform_version
        repository = wanted.repository
        if repository is None:
            return attributes, {}
        attributes["vcs-repo"] = {"identifier": repository.identifier} | (
            {"branch": repository.branch} if repository.branch is not None else {}
        )
        attributes["working-directory"] = repository.directory or None
        return attributes, {"vcs-provider": Ref("vcs-providers", self._account.connection(repository.connection))}

    def _owned(self) -> dict[str, Ref | list[Ref]]:
        return {"account": Ref("accounts", self._account.account), "tags": [self._account.mark()]}

    @staticmethod
    def _post(path: str, what: str, body: dict[str, object], secrets: tuple[str, ...] = ()) -> Ask:
        return Ask("POST", path, f"make the {what}", body=body, secrets=secrets)

    def _delete_workspace(self, workspace: str, name: str, *, leave_roles: bool) -> None:
        path = f"workspaces/{quoted(workspace)}"
        try:
            found = self._api.get(path, f"find the workspace {name}").data
        except NotThere:
            return
        if any(each.flag("has-resources") for each in found) and not leave_roles:
            raise Conflict(
                f"the workspace {name} still keeps roles",
                why="its state has resources that stand in AWS, and nothing would keep them any more",
                next_step="let it delete them first; or leave them on purpose",
            )
        if any(each.flag("deletion-protection-enabled") for each in found) and leave_roles:
            body = new_document("workspaces", {"deletion-protection-enabled": False}, None, workspace)
            self._api.change(Ask("PATCH", path, f"let the workspace {name} be deleted", body=body))
        self._delete("workspaces", workspace, f"delete the workspace {name}")

    def _delete(self, kind: str, identity: str, deed: str) -> None:
        try:
            self._api.change(Ask("DELETE", f"{kind}/{quoted(identity)}", deed))
        except NotThere:
            # Deleting what is gone is a success.
            return
        except InvalidInput as error:
            raise Conflict(error.what, why=error.why, next_step="remove what still uses it first") from None


def _doors(doors: Doors) -> dict[str, object]:
    return {"value": doors.value, "description": description(doors.seal), "hcl": True, "sensitive": True}


def _entry(wanted: OwnAccess) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return how the platform enters, and what of it is secret."""
    if wanted.external_id is None:
        raise InvalidInput(
            f"the provider configuration {wanted.name} needs an external ID",
            why="without one anybody's workspace on the platform could enter the role",
            next_step="apply the grant by which the platform enters first",
        )
    entry: dict[str, object] = {
        "aws-account-type": _ACCOUNT_TYPES[str(wanted.role.partition)],
        "aws-role-arn": str(wanted.role),
        "aws-external-id": wanted.external_id.reveal(),
    }
    return entry, (wanted.external_id.reveal(),)


def _id(found: object, what: str, place: str) -> str:
    if not isinstance(found, Found):
        raise missing_place(what, place)
    return cast("Found[PlatformObject]", found).id


def _in_ours(found: Resource | None) -> Seen | None:
    """Return what can carry no tag, in a workspace that is ours."""
    return Seen(found, is_ours=True) if found is not None else None
