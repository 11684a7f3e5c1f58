"""Finding things in one organisation of HCP Terraform (https://developer.hashicorp.com/terraform/cloud-docs/api-docs)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.adapters.asked_once import AskedOnce
from gatepass.adapters.json_api import JsonApi, Query
from gatepass.adapters.json_api_documents import Document, Resource, quoted
from gatepass.adapters.platform_marks import Seen
from gatepass.domain.errors import Conflict, InvalidInput, NotThere
from gatepass.domain.workspace_setup import MARK

# Not in its API reference; HashiCorp's own provider asks so, and does without where a host does not know it.
_TAGS_TOO: Query = (("include", "effective_tag_bindings"),)
_TAGS, _INHERITED = "effective-tag-bindings", "inherited-from"


@dataclass(frozen=True, slots=True)
class Connection:
    """How a workspace reaches a version control system.

    Attributes:
        attribute: the attribute of ``vcs-repo`` that names it.
        id: the id that it names.
    """

    attribute: str
    id: str


class HcpOrganization:
    """One organisation, as its token sees it."""

    def __init__(self, api: JsonApi, organization: str) -> None:
        """Ask that API for the organisation of this name."""
        self.api, self.organization = api, organization
        self._once = AskedOnce()
        self._tells_no_tags: set[str] = set()

    def project(self, name: str) -> Seen | None:
        """Return the project of that name."""
        query = (("filter[names]", name),)
        page, tells_tags = self._with_tags("projects", f"{self.path}/projects", f"find the project {name}", query)
        for each in page.data:
            if each.text("name") == name:
                return Seen(each, self._is_marked("projects", each, page if tells_tags else None))
        return None

    def workspace(self, name: str) -> Seen | None:
        """Return the workspace of that name, in whichever project it lies."""
        path, deed = f"{self.path}/workspaces/{quoted(name)}", f"find the workspace {name}"
        try:
            page, tells_tags = self._with_tags("workspaces", path, deed, ())
        except NotThere:
            return None
        for each in page.data:
            if each.text("name") == name:
                return Seen(each, self._is_marked("workspaces", each, page if tells_tags else None))
        return None

    def variables(self, workspace: str) -> Mapping[str, Resource]:
        """Return the workspace's own variables for Terraform, by name."""
        found = self.api.get(f"workspaces/{quoted(workspace)}/vars", f"see the variables of {workspace}").data
        return {each.text("key"): each for each in found if each.text("category") == "terraform"}

    def has_workspaces(self, project: str) -> bool:
        """Say whether the project holds any workspace."""
        query = (("filter[project][id]", project), ("page[size]", "1"))
        return bool(self.api.get(f"{self.path}/workspaces", "see what the project holds", query).data)

    def connection(self, named: str) -> Connection:
        """Return a connection to a version control system, by its name or id; asked for once.

        Raises:
            NotThere: the organisation has none of that name.
            Conflict: several have it.
        """
        if named.startswith("ot-"):
            return Connection("oauth-token-id", named)
        if named.startswith("ghain-"):
            return Connection("github-app-installation-id", named)
        return self._once.get(("connection", named), lambda: self._connection(named))

    def demand_seen(self) -> None:
        """Let only a token pass that may see the organisation: to any other one nothing at all seems to be there.

        Raises:
            NotThere: it may not, or there is no such organisation.
        """
        self.api.get(self.path, f"see the organization {self.organization}")

    @property
    def path(self) -> str:
        """Where the organisation lies."""
        return f"organizations/{quoted(self.organization)}"

    def _with_tags(self, kind: str, path: str, deed: str, query: Query) -> tuple[Document, bool]:
        """Return what lies there, and whether its tags came too."""
        if kind not in self._tells_no_tags:
            try:
                return self.api.get(path, deed, (*query, *_TAGS_TOO)), True
            except InvalidInput:
                # Terraform Enterprise of before 2025.
                self._tells_no_tags.add(kind)
        return self.api.get(path, deed, query), False

    def _is_marked(self, kind: str, found: Resource, page: Document | None) -> bool:
        """Say whether our tag is among those of an object; what it inherits from its project is not its own."""
        if page is not None:
            tags = [page.included[ref] for ref in found.relations.get(_TAGS, ()) if ref in page.included]
        else:
            try:
                path = f"{kind}/{quoted(found.id)}/tag-bindings"
                tags = list(self.api.get(path, f"see the tags of {found.text('name')}").data)
            except NotThere:
                # It has such tags since the end of 2024.
                return False
        return any(each.text("key") == MARK and not each.links.get(_INHERITED) for each in tags)

    def _connection(self, named: str) -> Connection:
        query = (("include", "oauth_tokens"),)
        clients = [
            client
            for page in self.api.pages(f"{self.path}/oauth-clients", f"find the connection {named}", query)
            for client in page.data
        ]
        called = [each for each in clients if named in {each.id, each.text("name")}]
        called = called or [each for each in clients if each.text("service-provider-display-name") == named]
        tokens = [ref.id for client in called for ref in client.relations.get("oauth-tokens", ())]
        if len(tokens) == 1:
            return Connection("oauth-token-id", tokens[0])
        if tokens:
            raise Conflict(
                f"{len(tokens)} connections of {self.api.title} are named {named}",
                why="which of them reaches the repository cannot be told",
                next_step="name it by the id of its token in the file: connection: ot-...",
            )
        raise NotThere(
            f"{self.api.title} has no connection {named}",
            why="no OAuth client has that name or id and a token, or the token may not see it",
            next_step="connect it on the organisation's page under Version Control, or name it by its id, ot-...",
        )


def mark_relation() -> dict[str, object]:
    """Return the relation that binds our tag to what is made with it."""
    return {"data": [{"type": "tag-bindings", "attributes": {"key": MARK, "value": "true"}}]}
