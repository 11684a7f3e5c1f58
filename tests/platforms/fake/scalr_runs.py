"""Scalr's runs: made, acted on, scheduled; with their logs, and the outputs they leave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.platforms.fake.aws import AwsPlace
from tests.platforms.fake.colours import without_colours
from tests.platforms.fake.cron import is_due
from tests.platforms.fake.exchange import PLAIN_TEXT, Answer, Problem, Request, document, nothing
from tests.platforms.fake.execution import Applied, Mode, Variable
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import read_draft
from tests.platforms.fake.locks import Locks
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.run_flow import Flow, new_run_kept
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.scalr_kinds import KINDS, WORDS
from tests.platforms.fake.store import Attributes, Objects, Ref, Thing, instant, new_id

_NO_CONFIGURATION = (
    "No configuration versions available to create the run from. "
    "Upload at least one or link the workspace to a VCS provider."
)


class ScalrRuns:
    """The endpoints of runs."""

    engine: Runs

    def __init__(self, objects: Objects, shelf: Shelf, aws: AwsPlace | None, user: Ref) -> None:
        self.locks = Locks(user, "locked-by", "locked-by-run", "lock-reason")
        self._objects, self._shelf, self._aws = objects, shelf, aws

    def add_routes(self, routes: Routes) -> None:
        """Add the endpoints."""
        routes.add("GET", "/runs", self._list)
        routes.add("POST", "/runs", self._make)
        for action in ("apply", "cancel", "discard"):
            routes.add("POST", f"/runs/{{}}/actions/{action}", self._act)
        for name in ("plans", "applies"):
            routes.add("GET", f"/{name}/{{}}/output", self._log)
        for action in ("lock", "unlock"):
            routes.add("POST", f"/workspaces/{{}}/actions/{action}", self._lock)
        routes.add("GET", "/workspaces/{}/outputs", self._outputs)

    def flow(self) -> Flow:
        """Return what is Scalr's own in the life of a run."""
        return Flow(
            before_plan=("plan_queued",),
            locks=self.locks,
            variables=self._variables,
            is_structured=lambda _workspace: False,
            entered=self._entered,
            settled=_settled,
        )

    def begin_workspace(self, workspace: Thing) -> None:
        """Queue the run of a new workspace whose setting asks for one."""
        is_asked = workspace.attributes["auto-queue-runs"] in {"always", "on_create_only"}
        if workspace.attributes["vcs-repo"] and is_asked:
            self.begin(workspace, {"source": "vcs"})

    def begin(self, workspace: Thing, asked: Attributes) -> Thing:
        """Queue a run."""
        mode = Mode.DESTROY if asked.get("is-destroy") else Mode.REFRESH if asked.get("refresh-only") else Mode.APPLY
        phases = {name: self._objects.add(Thing(f"{name}s" if name == "plan" else "applies", new_id(name), {"status": "pending"}))
                  for name in ("plan", "apply")}  # fmt: skip
        auto = asked.get("auto-apply")
        attributes = {**{name: known.default for name, known in KINDS["runs"].attributes.items()}, **asked}
        attributes |= {
            "auto-apply": workspace.attributes["auto-apply"] if auto is None else auto,
            "created-at": instant(),
        }
        run = Thing("runs", new_id("run"), attributes, {
            "workspace": workspace.ref, "environment": workspace.one("environment"),
            "plan": phases["plan"].ref, "apply": phases["apply"].ref,
        }, new_run_kept(is_dry=bool(asked.get("is-dry")), mode=mode))  # fmt: skip
        self._objects.add(run)
        if not run.kept["is_dry"]:
            workspace.relations |= {"current-run": run.ref, "latest-run": run.ref}
        self.engine.queue(run)
        return run

    def fire(self, at: datetime) -> list[Thing]:
        """Queue what the rules say for this minute."""
        due = [each for each in self._objects.all("run-schedule-rules") if is_due(each.attributes["schedule"], at)]
        asked = {"apply": {}, "destroy": {"is-destroy": True}, "refresh": {"refresh-only": True}}
        return [
            self.begin(
                self._objects.of(rule.related("workspace")[0]),
                {"message": "Scheduled run", "source": "schedule", **asked[rule.attributes["schedule-mode"]]},
            )
            for rule in due
        ]

    def _list(self, request: Request) -> Answer:
        newest_first = self._objects.all("runs")[::-1]
        return self._shelf.page(KINDS["runs"], newest_first, request.query)

    def _make(self, request: Request) -> Answer:
        draft = read_draft(KINDS["runs"], request.tree(), WORDS, self._objects, is_new=True)
        (ref,) = [draft.relations["workspace"]]
        assert ref is not None
        assert not isinstance(ref, list)
        workspace = self._objects.of(ref)
        if draft.attributes["is-destroy"] and draft.attributes["refresh-only"]:
            raise WORDS.wrong("refresh-only", "is-destroy and refresh-only exclude each other.")
        if not workspace.attributes["vcs-repo"]:
            raise WORDS.wrong_relation("configuration-version", _NO_CONFIGURATION)
        run = self.begin(workspace, draft.attributes | {"source": "api"})
        return self._shelf.one(run, {}, 201)

    def _act(self, request: Request, identity: str) -> Answer:
        run = self._found("runs", identity)
        _check_comment(request)
        action = request.path.rpartition("/")[2]
        acts = {"apply": self.engine.confirm, "cancel": self.engine.cancel, "discard": self.engine.discard}
        if not acts[action](run):
            raise Problem(409, "Conflict", f"The run is {run.attributes['status']}; {action} is not possible now.")
        return nothing(202)

    def _log(self, request: Request, identity: str) -> Answer:
        for name in request.query.keys() - {"clean", "format"}:
            raise WORDS.wrong_parameter(name, f"{name} is not a parameter of this endpoint.")
        phase = self._found(request.path.split("/")[-3], identity)
        log = phase.kept.get("log", "")
        if request.query.get("clean") == "true":
            log = without_colours(log)
        return Answer(200, log.encode(), PLAIN_TEXT)

    def _lock(self, request: Request, identity: str) -> Answer:
        workspace = self._found("workspaces", identity)
        tree = request.tree() if request.body else {}
        reason = tree.get("reason") if isinstance(tree, dict) else None
        if request.path.endswith("/lock"):
            if not self.locks.lock(workspace, reason):
                raise Problem(409, "Conflict", "workspace already locked")
        elif not self.locks.give_back(workspace):
            raise Problem(409, "Conflict", "workspace already unlocked, or locked by a run")
        self.engine.nudge()
        return self._shelf.one(workspace, {})

    def _outputs(self, request: Request, identity: str) -> Answer:
        workspace = self._found("workspaces", identity)
        for name in request.query:
            raise WORDS.wrong_parameter(name, f"{name} is not a parameter of this endpoint.")
        shown = [
            {"name": name, "value": None if each.is_sensitive else _text(each.value), "sensitive": each.is_sensitive}
            for name, each in workspace.kept.get("outputs", {}).items()
        ]
        return document({"data": shown})

    def _found(self, kind: str, identity: str) -> Thing:
        thing = self._objects.get(kind, identity)
        if thing is None:
            raise Problem(404, f"{KINDS[kind].title} with ID '{identity}' not found or user unauthorized.")
        return thing

    def _variables(self, workspace: Thing) -> tuple[Variable, ...]:
        """Return the variables of a run: the account's, the environment's, the workspace's, the nearest last."""
        environment = workspace.one("environment")
        own = [each for each in self._objects.all("vars") if each.one("workspace") == workspace.ref]
        shared = [each for each in self._objects.all("vars") if not each.one("workspace")]
        wide = [each for each in shared if not each.one("environment")]
        near = [each for each in shared if each.one("environment") == environment]
        found = {
            (each.attributes["category"] == "terraform", each.attributes["key"]): each for each in (*wide, *near, *own)
        }
        return tuple(
            Variable(key, each.kept["value"], is_shell=not is_terraform, is_hcl=each.attributes["hcl"])
            for (is_terraform, key), each in found.items()
        )

    def _entered(self, workspace: Thing, run: Thing) -> Mapping[str, str]:
        """Return a session of the role that the workspace's provider configuration delegates."""
        links = [
            each for each in self._objects.all("provider-configuration-links") if each.one("workspace") == workspace.ref
        ]
        linked = [self._objects.of(each.related("provider-configuration")[0]) for each in links]
        environment = self._objects.of(workspace.related("environment")[0])
        default = [self._objects.of(each) for each in environment.many("default-provider-configurations")]
        found = [each.attributes for each in (*linked, *default) if each.attributes["provider-name"] == "aws"]
        if not found:
            return {}
        chosen = found[0]
        if chosen["aws-credentials-type"] == "access_keys":
            return {"AWS_ACCESS_KEY_ID": chosen["aws-access-key"], "AWS_SECRET_ACCESS_KEY": chosen["aws-secret-key"]}
        if self._aws is None or chosen["aws-credentials-type"] != "role_delegation":
            return {}
        return self._aws.entered(chosen["aws-role-arn"], chosen["aws-external-id"], f"scalr-{run.id}")


def _settled(workspace: Thing, run: Thing, applied: Applied) -> None:
    del run
    workspace.kept["outputs"] = dict(applied.outputs)
    workspace.attributes["has-resources"] = applied.resources > 0


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a value as Scalr's client reads it: always a text."""
    return value if isinstance(value, str) else json.dumps(value)


def _check_comment(request: Request) -> None:
    tree = request.tree() if request.body else {}
    if not isinstance(tree, dict) or tree.keys() - {"comment", "apply-at"}:
        raise Problem(422, "Invalid Document", "An action takes a comment and nothing else.")
