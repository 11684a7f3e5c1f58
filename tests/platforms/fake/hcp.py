"""HCP Terraform's API, at ``/api/v2``: https://developer.hashicorp.com/terraform/cloud-docs/api-docs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from tests.platforms.fake.exchange import JSON_API, PLAIN_JSON, Answer, Problem, Request, document, nothing
from tests.platforms.fake.hcp_kinds import KINDS, WORDS
from tests.platforms.fake.hcp_runs import HcpRuns
from tests.platforms.fake.hcp_vars import HcpVariables
from tests.platforms.fake.hcp_words import not_found
from tests.platforms.fake.hcp_workspaces import HcpWorkspaces
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import Kind, read_draft
from tests.platforms.fake.place import Place
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.store import Attributes, Objects, Thing, instant, new_id
from tests.platforms.fake.tag_bindings import EFFECTIVE, read_bindings, shown_bindings, tagged, with_tags, without_tags

BASE = "/api/v2"
_DISCOVERY = {
    "modules.v1": "/api/registry/v1/modules/",
    "providers.v1": "/api/registry/v1/providers/",
    "state.v2": "/api/v2/",
    "tfe.v2": "/api/v2/",
    "tfe.v2.1": "/api/v2/",
    "tfe.v2.2": "/api/v2/",
}


class Hcp:
    """HCP Terraform's endpoints."""

    def __init__(self, objects: Objects, place: Place) -> None:
        self.base = BASE
        self._objects, self._address = objects, place.address
        self.shelf = Shelf(objects, KINDS, WORDS, _links)
        told = {"name": place.owner, "external-id": new_id("org"), "email": "ann@example.com", "created-at": instant()}
        self.organization = objects.add(Thing("organizations", place.owner, told))
        self._default = self._add_project({"name": "Default Project"})
        self.organization.relations["default-project"] = self._default.ref
        self.connection = self._add_connection()
        self._user = objects.add(Thing("users", new_id("user"), {"username": "ann", "email": "ann@example.com"}))
        self.runs = HcpRuns(objects, self.shelf, place.address, self._user.ref)
        self.workspaces = HcpWorkspaces(objects, self.shelf, self.organization, self.runs, place.repositories)
        self._variables = HcpVariables(objects, self.shelf)
        self._routes = self._table()

    def begin(self, runs: Runs) -> None:
        """Take what drives the runs."""
        self.runs.engine = runs

    def answer(self, request: Request) -> Answer:
        """Answer a request whose token is right.

        Raises:
            Problem: it is refused.
        """
        if request.body and request.headers.get("content-type", "") not in _taken(request.path):
            raise Problem(415, "invalid content type", f"content type must be {JSON_API}")
        try:
            answer = self._routes.answer(request)
        except Problem as problem:
            if problem.status in {404, 405} and not problem.detail:
                raise not_found() from None
            raise
        return _linked(answer, request, self._address)

    def _table(self) -> Routes:
        routes = Routes("")
        routes.add("GET", "/.well-known/terraform.json", self._discover)
        routes.add("GET", f"{BASE}/ping", self._ping)
        routes.add("GET", f"{BASE}/account/details", self._show_user)
        routes.add("GET", f"{BASE}/organizations/{{}}", self._show_organization)
        routes.add("GET", f"{BASE}/organizations/{{}}/projects", self._list_projects)
        routes.add("POST", f"{BASE}/organizations/{{}}/projects", self._make_project)
        routes.add("GET", f"{BASE}/projects/{{}}", self._show_project)
        routes.add("PATCH", f"{BASE}/projects/{{}}", self._change_project)
        routes.add("DELETE", f"{BASE}/projects/{{}}", self._remove_project)
        for name in ("tag-bindings", "effective-tag-bindings"):
            routes.add("GET", f"{BASE}/projects/{{}}/{name}", self._project_tags)
        routes.add("PATCH", f"{BASE}/projects/{{}}/tag-bindings", self._tag_project)
        routes.add("GET", f"{BASE}/organizations/{{}}/oauth-clients", self._list_clients)
        routes.add("GET", f"{BASE}/oauth-clients/{{}}", self._show_client)
        routes.add("GET", f"{BASE}/oauth-clients/{{}}/oauth-tokens", self._list_tokens)
        routes.add("GET", f"{BASE}/oauth-tokens/{{}}", self._show_token)
        self.workspaces.add_routes(routes, BASE)
        self._variables.add_routes(routes, BASE)
        self.runs.add_routes(routes, BASE)
        return routes

    @staticmethod
    def _discover(request: Request) -> Answer:
        del request
        return Answer(200, json.dumps(_DISCOVERY).encode(), PLAIN_JSON)

    @staticmethod
    def _ping(request: Request) -> Answer:
        del request
        return Answer(204, headers=(("TFP-API-Version", "2.6"), ("TFP-AppName", "HCP Terraform")))

    def _show_user(self, request: Request) -> Answer:
        return self.shelf.one(self._user, request.query)

    def _show_organization(self, request: Request, name: str) -> Answer:
        self.workspaces.check_organization(name)
        return self.shelf.one(self.organization, request.query)

    def _list_projects(self, request: Request, name: str) -> Answer:
        self.workspaces.check_organization(name)
        known = {"q", "filter[names]", *(each for each in request.query if each.startswith("filter[tagged]"))}
        found: Iterable[Thing] = tagged(self._objects.all("projects"), request.query)
        names = [each.lower() for each in request.query.get("filter[names]", "").split(",") if each]
        if names:
            found = [each for each in found if each.attributes["name"].lower() in names]
        elif request.query.get("q"):
            found = [each for each in found if request.query["q"].lower() in each.attributes["name"].lower()]
        answer = self.shelf.page(KINDS["projects"], found, without_tags(request.query), known)
        return with_tags(answer, request.query, self._project_bindings)

    def _make_project(self, request: Request, name: str) -> Answer:
        self.workspaces.check_organization(name)
        tree, bindings = read_bindings(request.tree())
        draft = read_draft(KINDS["projects"], tree, WORDS, self._objects, is_new=True)
        self._check_project_name(draft.attributes["name"], None)
        project = self._add_project(draft.attributes)
        project.kept["tags"] = bindings or {}
        return self.shelf.one(project, {}, 201)

    def _show_project(self, request: Request, identity: str) -> Answer:
        answer = self.shelf.one(self._found(KINDS["projects"], identity), without_tags(request.query))
        return with_tags(answer, request.query, self._project_bindings)

    def _change_project(self, request: Request, identity: str) -> Answer:
        project = self._found(KINDS["projects"], identity)
        tree, bindings = read_bindings(request.tree())
        draft = read_draft(KINDS["projects"], tree, WORDS, self._objects, is_new=False)
        self._check_project_name(str(draft.attributes.get("name", project.attributes["name"])), project)
        project.attributes |= draft.attributes
        if bindings is not None:
            project.kept["tags"] = bindings
        return self.shelf.one(project, {})

    def _remove_project(self, request: Request, identity: str) -> Answer:
        del request
        project = self._found(KINDS["projects"], identity)
        if any(each.one("project") == project.ref for each in self._objects.all("workspaces")):
            raise Problem(403, "forbidden", "Project cannot be deleted while it contains workspaces.")
        self._objects.remove(project)
        return nothing()

    def _project_bindings(self, identity: str) -> list[Attributes]:
        return shown_bindings(self._found(KINDS["projects"], identity), EFFECTIVE)

    def _project_tags(self, request: Request, identity: str) -> Answer:
        kind = request.path.rpartition("/")[2]
        return document({"data": shown_bindings(self._found(KINDS["projects"], identity), kind)})

    def _tag_project(self, request: Request, identity: str) -> Answer:
        return self.workspaces.add_tags(self._found(KINDS["projects"], identity), request)

    def _list_clients(self, request: Request, name: str) -> Answer:
        self.workspaces.check_organization(name)
        kind = KINDS["oauth-clients"]
        return self.shelf.page(kind, self._objects.all(kind.type), request.query, {"show_affected_workspaces"})

    def _show_client(self, request: Request, identity: str) -> Answer:
        return self.shelf.one(self._found(KINDS["oauth-clients"], identity), request.query)

    def _list_tokens(self, request: Request, identity: str) -> Answer:
        client = self._found(KINDS["oauth-clients"], identity)
        tokens = [self._objects.of(each) for each in client.many("oauth-tokens")]
        return self.shelf.page(KINDS["oauth-tokens"], tokens, request.query)

    def _show_token(self, request: Request, identity: str) -> Answer:
        return self.shelf.one(self._found(KINDS["oauth-tokens"], identity), request.query)

    def _found(self, kind: Kind, identity: str) -> Thing:
        thing = self._objects.get(kind.type, identity)
        if thing is None:
            raise not_found()
        return thing

    def _check_project_name(self, name: str, project: Thing | None) -> None:
        for other in self._objects.all("projects"):
            if other is not project and other.attributes["name"].lower() == name.lower():
                raise WORDS.wrong("name", "Name has already been taken")

    def _add_project(self, attributes: Attributes) -> Thing:
        told = {"permissions": {"can-update": True, "can-destroy": True, "can-create-workspace": True}}
        by_itself = {name: known.default for name, known in KINDS["projects"].attributes.items()}
        relations = {"organization": self.organization.ref}
        return self._objects.add(Thing("projects", new_id("prj"), by_itself | attributes | told, {**relations}))

    def _add_connection(self) -> Thing:
        told = {"name": "github", "service-provider": "github", "service-provider-display-name": "GitHub",
                "http-url": "https://github.com", "api-url": "https://api.github.com", "created-at": instant(),
                "organization-scoped": True}  # fmt: skip
        client = self._objects.add(Thing("oauth-clients", new_id("oc"), told, {"organization": self.organization.ref}))
        told = {"created-at": instant(), "service-provider-user": "ann", "has-ssh-key": False}
        token = self._objects.add(Thing("oauth-tokens", new_id("ot"), told, {"oauth-client": client.ref}))
        client.relations["oauth-tokens"] = [token.ref]
        return token


def _taken(path: str) -> tuple[str, ...]:
    # The samples send an action's comment, which is plain JSON, under either name.
    return (JSON_API, PLAIN_JSON) if "/actions/" in path else (JSON_API,)


def _links(thing: Thing) -> Attributes:
    owner = thing.related("organization")
    match thing.type:
        case "workspaces":
            return {"self": f"{BASE}/organizations/{owner[0].id}/workspaces/{thing.attributes['name']}"}
        case "vars":
            return {"self": f"{BASE}/workspaces/{thing.related('configurable')[0].id}/vars/{thing.id}"}
        case _:
            return {"self": f"{BASE}/{thing.type}/{thing.id}"}


def _linked(answer: Answer, request: Request, address: str) -> Answer:
    """Add the links between the pages of a list."""
    tree = json.loads(answer.body) if answer.body and answer.content_type == JSON_API else {}
    pagination = tree.get("meta", {}).get("pagination") if isinstance(tree, dict) else None
    if not pagination:
        return answer

    def link(number: int | None) -> str | None:
        query = {**request.query, "page[number]": str(number), "page[size]": str(pagination["page-size"])}
        return f"{address}{request.path}?{urlencode(query)}" if number else None

    numbers = {"self": pagination["current-page"], "first": 1, "prev": pagination["prev-page"],
               "next": pagination["next-page"], "last": pagination["total-pages"]}  # fmt: skip
    return document(tree | {"links": {name: link(number) for name, number in numbers.items()}}, answer.status)
