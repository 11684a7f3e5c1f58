"""Scalr's API, at ``/api/iacp/v3``: https://docs.scalr.io/reference."""

from __future__ import annotations

from functools import partial

from tests.platforms.fake.exchange import JSON_API, PLAIN_JSON, Answer, Problem, Request, nothing
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import Draft, Kind, read_draft, ref_of
from tests.platforms.fake.place import Place
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.scalr_kinds import KINDS, WORDS
from tests.platforms.fake.scalr_rules import ScalrRules
from tests.platforms.fake.scalr_runs import ScalrRuns
from tests.platforms.fake.store import Objects, Thing, instant, new_id

BASE = "/api/iacp/v3"
_TAGGED = ("environments", "workspaces", "provider-configurations")
_READ = ("accounts", "vcs-providers", "runs", "plans", "applies")
_WRITTEN = ("tags", "environments", "provider-configurations", "workspaces", "vars", "run-schedule-rules")


class Scalr:
    """Scalr's endpoints."""

    def __init__(self, objects: Objects, place: Place) -> None:
        self.base = BASE
        self._objects = objects
        self.shelf = Shelf(objects, KINDS, WORDS)
        self._rules = ScalrRules(objects, place.repositories, place.aws)
        user = objects.add(
            Thing("users", new_id("user"), {"username": "ann", "email": "ann@example.com", "status": "Active"})
        )
        self.runs = ScalrRuns(objects, self.shelf, place.aws, user.ref)
        self._routes = self._table()
        self.account = objects.add(Thing("accounts", place.owner, {"name": "acme", "created-at": instant()}))
        told = {
            "name": "github",
            "vcs-type": "github",
            "auth-type": "oauth2",
            "url": "https://github.com",
            "is-shared": True,
        }
        self.connection = objects.add(
            Thing("vcs-providers", new_id("vcs"), told, {"account": self.account.ref, "environments": []})
        )

    def begin(self, runs: Runs) -> None:
        """Take what drives the runs."""
        self.runs.engine = runs

    def answer(self, request: Request) -> Answer:
        """Answer a request whose token is right.

        Raises:
            Problem: it is refused.
        """
        _negotiate(request)
        return self._routes.answer(request)

    def _table(self) -> Routes:
        routes = Routes(BASE)
        for name in (*_READ, *_WRITTEN, "provider-configuration-links"):
            routes.add("GET", f"/{name}/{{}}", partial(self._read, KINDS[name]))
        for name in ("accounts", "vcs-providers", *_WRITTEN):
            routes.add("GET", f"/{name}", partial(self._list, KINDS[name]))
        for name in _WRITTEN:
            routes.add("POST", f"/{name}", partial(self._make, KINDS[name]))
        for name in (*_WRITTEN, "provider-configuration-links"):
            routes.add("PATCH", f"/{name}/{{}}", partial(self._change, KINDS[name]))
            routes.add("DELETE", f"/{name}/{{}}", partial(self._remove, KINDS[name]))
        for name in _TAGGED:
            for method in ("GET", "POST", "PATCH", "DELETE"):
                routes.add(method, f"/{name}/{{}}/relationships/tags", partial(self._tag, KINDS[name]))
        routes.add("GET", "/workspaces/{}/provider-configuration-links", self._links)
        routes.add("POST", "/workspaces/{}/provider-configuration-links", self._link)
        self.runs.add_routes(routes)
        return routes

    def _read(self, kind: Kind, request: Request, identity: str) -> Answer:
        return self.shelf.one(found(self._objects, kind, identity), request.query)

    def _list(self, kind: Kind, request: Request) -> Answer:
        return self.shelf.page(kind, self._objects.all(kind.type), request.query)

    def _make(self, kind: Kind, request: Request) -> Answer:
        draft = read_draft(kind, request.tree(), WORDS, self._objects, is_new=True)
        if "account" in kind.relations and not draft.relations["account"]:
            draft.relations["account"] = self.account.ref
        _complete(kind, draft, None)
        self._rules.check_new(kind, draft)
        thing = self._objects.add(Thing(kind.type, new_id(kind.prefix), {}, dict(draft.relations)))
        self._write(thing, draft)
        thing.attributes["created-at"] = instant()
        if kind.type == "workspaces":
            self.runs.begin_workspace(thing)
        return self.shelf.one(thing, {"include": request.query.get("include", "")}, 201)

    def _change(self, kind: Kind, request: Request, identity: str) -> Answer:
        thing = found(self._objects, kind, identity)
        draft = read_draft(kind, request.tree(), WORDS, self._objects, is_new=False)
        _complete(kind, draft, thing)
        self._rules.check_change(kind, thing, draft)
        thing.relations |= draft.relations
        self._write(thing, draft)
        if kind.type == "workspaces":
            self.runs.engine.nudge()
        return self.shelf.one(thing, {})

    def _write(self, thing: Thing, draft: Draft) -> None:
        thing.attributes |= draft.attributes | {"updated-at": instant(), "updated-by-email": "ann@example.com"}
        self._rules.settle(thing)

    def _remove(self, kind: Kind, request: Request, identity: str) -> Answer:
        del request
        thing = found(self._objects, kind, identity)
        for each in self._rules.removed_with(thing):
            self._objects.remove(each)
        return nothing()

    def _tag(self, kind: Kind, request: Request, identity: str) -> Answer:
        thing = found(self._objects, kind, identity)
        if request.method == "GET":
            tags = [self._objects.of(each) for each in thing.many("tags")]
            return self.shelf.page(KINDS["tags"], tags, request.query)
        tree = request.tree()
        given = tree.get("data") if isinstance(tree, dict) else None
        if not isinstance(given, list):
            raise WORDS.wrong_relation("tags", "data must be a list.")
        named = [ref_of("tags", "tags", each, WORDS, self._objects) for each in given]
        there = [] if request.method == "PATCH" else [each for each in thing.many("tags") if each not in named]
        thing.relations["tags"] = there if request.method == "DELETE" else there + named
        return nothing()

    def _links(self, request: Request, identity: str) -> Answer:
        workspace = found(self._objects, KINDS["workspaces"], identity)
        kind = KINDS["provider-configuration-links"]
        links = [each for each in self._objects.all(kind.type) if each.one("workspace") == workspace.ref]
        return self.shelf.page(kind, links, request.query)

    def _link(self, request: Request, identity: str) -> Answer:
        workspace = found(self._objects, KINDS["workspaces"], identity)
        kind = KINDS["provider-configuration-links"]
        draft = read_draft(kind, request.tree(), WORDS, self._objects, is_new=True)
        self._rules.check_link(workspace, draft)
        relations = draft.relations | {"workspace": workspace.ref, "environment": None}
        thing = self._objects.add(Thing(kind.type, new_id(kind.prefix), draft.attributes, relations))
        return self.shelf.one(thing, {}, 201)


def _complete(kind: Kind, draft: Draft, thing: Thing | None) -> None:
    """Fill in the parts of an object that were not written: what stands there, or what stands by itself."""
    for name, known in kind.attributes.items():
        written = draft.attributes.get(name)
        if known.parts and isinstance(written, dict):
            by_itself = {part: each.default for part, each in known.parts.items()}
            standing = thing.attributes[name] if thing is not None else None
            draft.attributes[name] = by_itself | (standing or {}) | written


def found(objects: Objects, kind: Kind, identity: str) -> Thing:
    """Return an object.

    Raises:
        Problem: it is not there.
    """
    thing = objects.get(kind.type, identity)
    if thing is None:
        raise Problem(404, f"{kind.title} with ID '{identity}' not found or user unauthorized.")
    return thing


def _negotiate(request: Request) -> None:
    """Refuse other media types than those of JSON:API: https://jsonapi.org/format/1.0/#content-negotiation-servers."""
    accepted = request.headers.get("accept", "*/*")
    if request.method == "GET" and request.path.endswith("/output"):
        return
    if not any(each in accepted for each in (JSON_API, "*/*", "application/*")):
        raise Problem(406, "Not Acceptable", f"Only {JSON_API} is answered.")
    if request.body:
        wanted = PLAIN_JSON if "/actions/" in request.path else JSON_API
        if request.headers.get("content-type", "") != wanted:
            raise Problem(415, "Unsupported Media Type", f"The body must be {wanted}.")
