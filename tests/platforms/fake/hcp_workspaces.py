"""HCP Terraform's workspaces: /terraform/cloud-docs/api-docs/workspaces."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable

from tests.platforms.fake.exchange import Answer, Problem, Request, document, nothing
from tests.platforms.fake.hcp_kinds import KINDS, WORDS
from tests.platforms.fake.hcp_runs import HcpRuns
from tests.platforms.fake.hcp_words import not_found
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import read_draft
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.run_flow import OVER
from tests.platforms.fake.store import Attributes, Objects, Ref, Thing, instant, new_id
from tests.platforms.fake.tag_bindings import (
    EFFECTIVE,
    bound_tags,
    checked_bindings,
    read_bindings,
    shown_bindings,
    tagged,
    with_tags,
    without_tags,
)

Act = Callable[[Request, Thing], Answer]


class HcpWorkspaces:
    """The endpoints of workspaces; most are there by id, and by organisation and name."""

    def __init__(
        self, objects: Objects, shelf: Shelf, organization: Thing, runs: HcpRuns, repositories: frozenset[str]
    ) -> None:
        self._objects, self._shelf, self._organization = objects, shelf, organization
        self._runs, self._repositories = runs, repositories

    def add_routes(self, routes: Routes, base: str) -> None:
        """Add the endpoints."""
        routes.add("GET", f"{base}/organizations/{{}}/workspaces", self._list)
        routes.add("POST", f"{base}/organizations/{{}}/workspaces", self._make)
        twice: tuple[tuple[str, str, Act], ...] = (
            ("GET", "", self._show), ("PATCH", "", self._change), ("DELETE", "", self._remove),
            ("POST", "/actions/safe-delete", self._remove_safely),
        )  # fmt: skip
        for method, path, act in twice:
            routes.add(method, f"{base}/workspaces/{{}}{path}", self._by_id(act))
            routes.add(method, f"{base}/organizations/{{}}/workspaces/{{}}{path}", self._by_name(act))
        for action in ("lock", "unlock", "force-unlock"):
            routes.add("POST", f"{base}/workspaces/{{}}/actions/{action}", self._by_id(self._lock))
        for name in ("tag-bindings", "effective-tag-bindings"):
            routes.add("GET", f"{base}/workspaces/{{}}/{name}", self._by_id(self._tags))
        routes.add("PATCH", f"{base}/workspaces/{{}}/tag-bindings", self._by_id(self._tag))

    def check_organization(self, name: str) -> None:
        """Refuse every other organisation.

        Raises:
            Problem: it is another one.
        """
        if name != self._organization.id:
            raise not_found()

    def add_tags(self, thing: Thing, request: Request) -> Answer:
        """Add tags to what is bound already, or change their values."""
        tree = request.tree()
        thing.kept["tags"] = bound_tags(thing) | checked_bindings(tree.get("data") if isinstance(tree, dict) else None)
        return document({"data": shown_bindings(thing, "tag-bindings")})

    def _by_id(self, act: Act) -> Callable[[Request, str], Answer]:
        def answer(request: Request, identity: str) -> Answer:
            found = self._objects.get("workspaces", identity)
            if found is None:
                raise not_found()
            return act(request, found)

        return answer

    def _by_name(self, act: Act) -> Callable[[Request, str, str], Answer]:
        def answer(request: Request, organization: str, name: str) -> Answer:
            self.check_organization(organization)
            for each in self._objects.all("workspaces"):
                if each.attributes["name"] == name:
                    return act(request, each)
            raise not_found()

        return answer

    def _list(self, request: Request, name: str) -> Answer:
        self.check_organization(name)
        query = request.query
        known = {"search[name]", "search[wildcard-name]", "search[tags]", "search[exclude-tags]"}
        found = tagged(self._objects.all("workspaces"), query)
        searched = query.get("search[name]", "").lower()
        pattern = query.get("search[wildcard-name]", "*")
        found = [
            each
            for each in found
            if searched in each.attributes["name"].lower() and fnmatch.fnmatchcase(each.attributes["name"], pattern)
        ]
        known |= {each for each in query if each.startswith("filter[tagged]")}
        answer = self._shelf.page(KINDS["workspaces"], found, without_tags(query), known)
        return with_tags(answer, query, self._bindings)

    def _make(self, request: Request, name: str) -> Answer:
        self.check_organization(name)
        tree, bindings = read_bindings(request.tree())
        draft = read_draft(KINDS["workspaces"], tree, WORDS, self._objects, is_new=True)
        self._check(draft.attributes, None)
        project = draft.relations["project"] or self._organization.one("default-project")
        relations = draft.relations | {"organization": self._organization.ref, "project": project}
        thing = Thing("workspaces", new_id("ws"), {}, relations, {"tags": bindings or {}})
        self._write(thing, draft.attributes)
        thing.attributes |= {"created-at": instant(), "locked": False, "locked-reason": "", "resource-count": 0}
        self._objects.add(thing)
        if thing.attributes["queue-all-runs"] and thing.attributes["vcs-repo"]:
            self._runs.begin(thing, {"source": "tfe-configuration-version", "message": "Initial run"})
        return self._shelf.one(thing, {}, 201)

    def _show(self, request: Request, workspace: Thing) -> Answer:
        answer = self._shelf.one(workspace, without_tags(request.query))
        return with_tags(answer, request.query, self._bindings)

    def _change(self, request: Request, workspace: Thing) -> Answer:
        tree, bindings = read_bindings(request.tree())
        draft = read_draft(KINDS["workspaces"], tree, WORDS, self._objects, is_new=False)
        written = dict(draft.attributes)
        if isinstance(written.get("vcs-repo"), dict):
            written["vcs-repo"] = (workspace.attributes["vcs-repo"] or {}) | written["vcs-repo"]
        self._check(workspace.attributes | written, workspace)
        workspace.relations |= draft.relations
        self._write(workspace, written)
        if bindings is not None:
            workspace.kept["tags"] = bindings
        return self._shelf.one(workspace, {})

    def _remove(self, request: Request, workspace: Thing) -> Answer:
        del request
        self._check_idle(workspace)
        runs = [each for each in self._objects.all("runs") if each.one("workspace") == workspace.ref]
        phases = [self._objects.of(ref) for run in runs for name in ("plan", "apply") for ref in run.related(name)]
        parts = [self._objects.of(ref) for name in ("vars", "outputs") for ref in workspace.many(name)]
        for each in (*phases, *runs, *parts, workspace):
            self._objects.remove(each)
        return nothing()

    def _remove_safely(self, request: Request, workspace: Thing) -> Answer:
        if workspace.attributes["resource-count"]:
            raise Problem(409, "conflict", "Workspace is not safe to delete because it is managing resources.")
        return self._remove(request, workspace)

    def _check_idle(self, workspace: Thing) -> None:
        if workspace.attributes["locked"]:
            raise Problem(409, "conflict", "Workspace is locked.")
        for run in self._objects.all("runs"):
            if run.one("workspace") == workspace.ref and run.attributes["status"] not in OVER:
                raise Problem(409, "conflict", "Workspace has an active run.")

    def _lock(self, request: Request, workspace: Thing) -> Answer:
        tree = request.tree() if request.body else {}
        reason = str(tree.get("reason") or "") if isinstance(tree, dict) else ""
        match request.path.rpartition("/")[2]:
            case "lock" if not self._runs.locks.lock(workspace, reason):
                raise Problem(409, "conflict", "Workspace already locked")
            case "unlock" if not self._runs.locks.give_back(workspace):
                raise Problem(409, "conflict", "Workspace already unlocked, or locked by a run")
            case "force-unlock" if not workspace.attributes["locked"]:
                raise Problem(409, "conflict", "Workspace already unlocked")
            case "force-unlock":
                self._runs.locks.unlock(workspace)
            case _:
                pass
        self._runs.engine.nudge()
        return self._shelf.one(workspace, {})

    def _tags(self, request: Request, workspace: Thing) -> Answer:
        return document({"data": self._bindings(workspace.id, request.path.rpartition("/")[2])})

    def _bindings(self, identity: str, kind: str = EFFECTIVE) -> list[Attributes]:
        workspace = self._objects.of(Ref("workspaces", identity))
        return shown_bindings(workspace, kind, self._objects.of(workspace.related("project")[0]))

    def _tag(self, request: Request, workspace: Thing) -> Answer:
        return self.add_tags(workspace, request)

    def _write(self, workspace: Thing, written: Attributes) -> None:
        workspace.attributes |= written | {"updated-at": instant(), "latest-change-at": instant()}
        repository = workspace.attributes["vcs-repo"]
        if repository is not None:
            parts = KINDS["workspaces"].attributes["vcs-repo"].parts
            whole = {name: each.default for name, each in parts.items()} | repository
            workspace.attributes["vcs-repo"] = whole | {"display-identifier": whole["identifier"]}
        workspace.attributes["vcs-repo-identifier"] = repository["identifier"] if repository else None
        workspace.attributes["permissions"] = dict.fromkeys(_PERMISSIONS, True)
        workspace.attributes["actions"] = {"is-destroyable": True}

    def _check(self, attributes: Attributes, workspace: Thing | None) -> None:
        for other in self._objects.all("workspaces"):
            if other is not workspace and other.attributes["name"] == attributes["name"]:
                raise WORDS.wrong("name", "Name has already been taken")
        if attributes["execution-mode"] == "agent" and not attributes["agent-pool-id"]:
            raise WORDS.wrong("agent-pool-id", "Agent pool is required with the agent execution mode")
        repository = attributes["vcs-repo"]
        if repository is None:
            return
        connections = [repository.get(name) for name in ("oauth-token-id", "github-app-installation-id")]
        if not repository.get("identifier") or sum(map(bool, connections)) != 1:
            raise WORDS.wrong("vcs-repo", "vcs-repo needs an identifier and one connection, such as oauth-token-id")
        if connections[0] and self._objects.get("oauth-tokens", connections[0]) is None:
            raise WORDS.wrong("vcs-repo/oauth-token-id", "OAuth token does not exist")
        if self._repositories and repository["identifier"] not in self._repositories:
            raise WORDS.wrong("vcs-repo/identifier", f"Repository {repository['identifier']} does not exist")


_PERMISSIONS = (
    "can-update", "can-destroy", "can-queue-run", "can-queue-apply", "can-queue-destroy", "can-read-variable",
    "can-update-variable", "can-read-state-outputs", "can-lock", "can-unlock", "can-force-unlock", "can-force-delete",
    "can-read-settings", "can-manage-tags",
)  # fmt: skip
