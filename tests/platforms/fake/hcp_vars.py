"""Variables of HCP Terraform's workspaces: /terraform/cloud-docs/api-docs/workspace-variables."""

from __future__ import annotations

import secrets

from tests.platforms.fake.exchange import Answer, Problem, Request, document, nothing
from tests.platforms.fake.hcp_kinds import KINDS, WORDS
from tests.platforms.fake.hcp_words import not_found
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import Draft, read_draft
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.store import Objects, Ref, Thing, instant, new_id


class HcpVariables:
    """The endpoints of variables."""

    def __init__(self, objects: Objects, shelf: Shelf) -> None:
        self._objects, self._shelf = objects, shelf

    def add_routes(self, routes: Routes, base: str) -> None:
        """Add the endpoints."""
        routes.add("GET", f"{base}/workspaces/{{}}/vars", self._list)
        routes.add("POST", f"{base}/workspaces/{{}}/vars", self._make)
        routes.add("PATCH", f"{base}/workspaces/{{}}/vars/{{}}", self._change)
        routes.add("DELETE", f"{base}/workspaces/{{}}/vars/{{}}", self._remove)

    def _list(self, request: Request, workspace: str) -> Answer:
        self._check_there(workspace)
        for name in request.query:
            raise WORDS.wrong_parameter(name, f"{name} is not a parameter of this endpoint.")
        return document({"data": [self._shelf.shown(each) for each in self._of(workspace)]})

    def _make(self, request: Request, workspace: str) -> Answer:
        self._check_there(workspace)
        draft = read_draft(KINDS["vars"], request.tree(), WORDS, self._objects, is_new=True)
        self._check_free(workspace, draft.attributes["key"], draft.attributes["category"], None)
        relations: dict[str, Ref | list[Ref] | None] = {"configurable": Ref("workspaces", workspace)}
        thing = Thing("vars", new_id("var"), {"created-at": instant()}, relations)
        self._write(thing, draft)
        self._objects.add(thing)
        self._relate(workspace)
        return self._shelf.one(thing, {}, 201)

    def _change(self, request: Request, workspace: str, identity: str) -> Answer:
        thing = self._found(workspace, identity)
        tree = request.tree()
        data = tree.get("data") if isinstance(tree, dict) else None
        if not isinstance(data, dict) or data.get("id") != identity:
            raise Problem(422, "invalid document", "data.id must be the variable's.", pointer="/data/id")
        draft = read_draft(KINDS["vars"], tree, WORDS, self._objects, is_new=False)
        if thing.attributes["sensitive"]:
            if draft.attributes.get("sensitive") is False:
                raise WORDS.wrong("sensitive", "Sensitive variables cannot be made visible")
            if draft.attributes.get("key", thing.attributes["key"]) != thing.attributes["key"]:
                raise WORDS.wrong("key", "Key of a sensitive variable cannot be changed")
        wanted = thing.attributes | draft.attributes
        self._check_free(workspace, wanted["key"], wanted["category"], thing)
        self._write(thing, draft)
        return self._shelf.one(thing, {})

    def _remove(self, request: Request, workspace: str, identity: str) -> Answer:
        del request
        self._objects.remove(self._found(workspace, identity))
        return nothing()

    def _write(self, thing: Thing, draft: Draft) -> None:
        thing.attributes |= draft.attributes | {"version-id": secrets.token_hex(18)}
        if thing.attributes["value"] is not None:
            thing.kept["value"] = thing.attributes["value"]
        thing.attributes["value"] = None if thing.attributes["sensitive"] else thing.kept["value"]

    def _of(self, workspace: str) -> list[Thing]:
        return [each for each in self._objects.all("vars") if each.one("configurable") == Ref("workspaces", workspace)]

    def _relate(self, workspace: str) -> None:
        self._objects.of(Ref("workspaces", workspace)).relations["vars"] = [each.ref for each in self._of(workspace)]

    def _check_there(self, workspace: str) -> None:
        if self._objects.get("workspaces", workspace) is None:
            raise not_found()

    def _found(self, workspace: str, identity: str) -> Thing:
        self._check_there(workspace)
        found = self._objects.get("vars", identity)
        if found is None or found not in self._of(workspace):
            raise not_found()
        return found

    def _check_free(self, workspace: str, key: str, category: str, thing: Thing | None) -> None:
        for other in self._of(workspace):
            if other is not thing and (other.attributes["key"], other.attributes["category"]) == (key, category):
                raise WORDS.wrong("key", "Key has already been taken")
