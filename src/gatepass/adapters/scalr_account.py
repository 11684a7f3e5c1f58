"""Finding things in one account of Scalr (https://docs.scalr.io/reference)."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.adapters.asked_once import AskedOnce
from gatepass.adapters.json_api import Ask, JsonApi, Query
from gatepass.adapters.json_api_documents import Ref, Resource, new_document, quoted
from gatepass.adapters.platform_marks import Seen
from gatepass.domain.errors import Conflict, NotThere
from gatepass.domain.workspace_setup import DOORS_VARIABLE, MARK, WorkspaceSetup


class ScalrAccount:
    """One account, as its token sees it."""

    def __init__(self, api: JsonApi, account: str) -> None:
        """Ask that API for the account with this id, ``acc-...``."""
        self.api, self.account = api, account
        self._once = AskedOnce()
        self._places: dict[str, tuple[str, ...]] = {}

    def environment(self, name: str) -> Seen | None:
        """Return the environment of that name."""
        return self._named("environments", f"find the environment {name}", name, self._in_account)

    def access(self, name: str) -> Seen | None:
        """Return the provider configuration of that name."""
        seen = self._named("provider-configurations", f"find the provider configuration {name}", name, self._in_account)
        if seen is not None and not seen.resource.flag("is-shared"):
            places = seen.resource.relations.get("environments", ())
            self._places[seen.resource.id] = tuple(each.id for each in places)
        return seen

    def places_of(self, access: str) -> tuple[str, ...] | None:
        """Return the environments that may use a provider configuration, as it was last seen; None where all may."""
        return self._places.get(access)

    def workspace(self, environment: str, name: str) -> Seen | None:
        """Return the workspace of that name in the environment with that id."""
        query = (("filter[environment]", environment),)
        return self._named("workspaces", f"find the workspace {name}", name, query)

    def workspace_of(self, setup: WorkspaceSetup) -> tuple[Seen, str] | None:
        """Return the setup's workspace, and the id of the tag that makes it ours, by names alone."""
        deed = f"find the workspace {setup.workspace}"
        query = (
            *self._in_account,
            ("filter[environment][name]", setup.environment),
            ("filter[name]", setup.workspace),
            ("include", "environment,tags"),
        )
        for page in self.api.pages("workspaces", deed, query):
            for each in page.data:
                places = page.names_of(each.relations.get("environment", ()))
                if each.text("name") == setup.workspace and setup.environment in places:
                    tags = each.relations.get("tags", ())
                    marks = [tag.id for tag in tags if MARK in page.names_of((tag,))]
                    return Seen(each, bool(marks)), marks[0] if marks else ""
        return None

    def variable(self, workspace: str, key: str = DOORS_VARIABLE) -> Resource | None:
        """Return the workspace's own variable of that name; what it inherits is none of its own."""
        query = (("filter[workspace]", workspace), ("filter[key]", key))
        for each in self._all("vars", f"find the variable {key}", query):
            if each.text("key") == key and each.related("workspace") == workspace:
                return each
        return None

    def link(self, workspace: str, access: str) -> Resource | None:
        """Return what links the workspace to that provider configuration, for all that it runs."""
        path = f"workspaces/{quoted(workspace)}/provider-configuration-links"
        for each in self._all(path, "find how the workspace enters AWS", ()):
            if each.related("provider-configuration") == access and not each.text("alias"):
                return each
        return None

    def schedule(self, workspace: str) -> Resource | None:
        """Return the rule by which the workspace applies by itself."""
        for each in self._all("run-schedule-rules", "find the schedule", (("filter[workspace]", workspace),)):
            if each.related("workspace") == workspace and each.text("schedule-mode") == "apply":
                return each
        return None

    def has_workspaces(self, environment: str) -> bool:
        """Say whether the environment holds any workspace."""
        query = (("filter[environment]", environment), ("page[size]", "1"))
        return bool(self.api.get("workspaces", "see what the environment holds", query).data)

    def mark(self) -> Ref:
        """Return our tag, made where the account has none yet; asked for once."""
        return self._once.get("mark", self._mark)

    def connection(self, named: str) -> str:
        """Return the id of a connection to a version control system, by its name or id; asked for once.

        Raises:
            NotThere: the account has none of that name.
            Conflict: several have it.
        """
        if named.startswith("vcs-"):
            return named
        return self._once.get(("connection", named), lambda: self._connection(named))

    @property
    def _in_account(self) -> Query:
        return (("filter[account]", self.account),)

    def _mark(self) -> Ref:
        found = self._tag()
        if found is None:
            body = new_document("tags", {"name": MARK}, {"account": Ref("accounts", self.account)})
            found, _ = self.api.make(Ask("POST", "tags", f"make the tag {MARK}", body=body), self._tag)
        return Ref("tags", found.id)

    def _tag(self) -> Resource | None:
        tags = self._all("tags", f"find the tag {MARK}", (("filter[name]", MARK),))
        return next((each for each in tags if each.text("name") == MARK), None)

    def _connection(self, named: str) -> str:
        query = (*self._in_account, ("filter[name]", named))
        providers = self._all("vcs-providers", f"find the connection {named}", query)
        found = [each.id for each in providers if each.text("name") == named]
        if len(found) == 1:
            return found[0]
        if found:
            raise Conflict(
                f"{len(found)} connections of {self.api.title} are named {named}",
                why="which of them reaches the repository cannot be told",
                next_step="name it by its id in the file: connection: vcs-...",
            )
        raise NotThere(
            f"{self.api.title} has no connection {named}",
            why="no VCS provider has that name, or the token may not see it",
            next_step="connect the version control system on its page under VCS providers, or correct the name",
        )

    def _named(self, path: str, deed: str, name: str, query: Query) -> Seen | None:
        for page in self.api.pages(path, deed, (*query, ("filter[name]", name), ("include", "tags"))):
            for each in page.data:
                if each.text("name") == name:
                    return Seen(each, MARK in page.names_of(each.relations.get("tags", ())))
        return None

    def _all(self, path: str, deed: str, query: Query) -> Iterator[Resource]:
        for page in self.api.pages(path, deed, query):
            yield from page.data
