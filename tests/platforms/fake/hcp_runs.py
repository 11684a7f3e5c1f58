"""HCP Terraform's runs, logs and outputs: /terraform/cloud-docs/api-docs/run, plans, applies, state-version-outputs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from tests.platforms.fake.exchange import PLAIN_TEXT, Answer, Problem, Request, document, nothing
from tests.platforms.fake.execution import Applied, Mode, Variable
from tests.platforms.fake.hcp_kinds import KINDS, WORDS
from tests.platforms.fake.hcp_words import not_found
from tests.platforms.fake.jsonapi import Shelf
from tests.platforms.fake.kinds import read_draft
from tests.platforms.fake.locks import Locks
from tests.platforms.fake.routes import Routes
from tests.platforms.fake.run_flow import OVER, WAITS_FOR_A_PERSON, Flow, new_run_kept
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.store import Attributes, Objects, Ref, Thing, instant, new_id

_DISCARDABLE = frozenset({*WAITS_FOR_A_PERSON, "planned_and_saved", "cost_estimated", "policy_override"})
_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
_OPERATIONS = frozenset({"plan_only", "plan_and_apply", "save_plan", "refresh_only", "destroy", "empty_apply"})
# A log is framed as HashiCorp's client go-tfe reads it: start of text, and end of text once it is whole.
_START, _END = b"\x02", b"\x03"


class HcpRuns:
    """The endpoints of runs."""

    engine: Runs

    def __init__(self, objects: Objects, shelf: Shelf, address: str, user: Ref) -> None:
        self.locks = Locks(user, "locked-by", "locked-by", "locked-reason")
        self._objects, self._shelf, self._address = objects, shelf, address

    def add_routes(self, routes: Routes, base: str) -> None:
        """Add the endpoints."""
        routes.add("POST", f"{base}/runs", self._make)
        routes.add("GET", f"{base}/runs/{{}}", self._show)
        for action in ("apply", "cancel", "discard"):
            routes.add("POST", f"{base}/runs/{{}}/actions/{action}", self._act)
        routes.add("GET", f"{base}/workspaces/{{}}/runs", self._list)
        for name in ("plans", "applies"):
            routes.add("GET", f"{base}/{name}/{{}}", self._show_phase)
        routes.add("GET", "/v1/object/{}", self._log)
        routes.add("GET", f"{base}/workspaces/{{}}/current-state-version-outputs", self._outputs)
        routes.add("GET", f"{base}/state-version-outputs/{{}}", self._output)

    def flow(self) -> Flow:
        """Return what is HCP Terraform's own in the life of a run."""
        return Flow(
            before_plan=("fetching", "fetching_completed", "queuing", "plan_queued"),
            locks=self.locks,
            variables=self._variables,
            is_structured=lambda workspace: bool(workspace.attributes["structured-run-output-enabled"]),
            entered=lambda _workspace, _run: {},
            settled=self._settled,
        )

    def fire(self, at: datetime) -> list[Thing]:
        """Begin nothing: there are no schedules but those of auto-destroy and assessments."""
        del at
        return []

    def begin(self, workspace: Thing, asked: Attributes) -> Thing:
        """Queue a run."""
        mode = Mode.DESTROY if asked.get("is-destroy") else Mode.REFRESH if asked.get("refresh-only") else Mode.APPLY
        phases = {name: self._add_phase(name) for name in ("plan", "apply")}
        auto = asked.get("auto-apply")
        attributes = {**{name: known.default for name, known in KINDS["runs"].attributes.items()}, **asked}
        attributes |= {
            "auto-apply": workspace.attributes["auto-apply"] if auto is None else auto,
            "created-at": instant(),
        }
        relations = {"workspace": workspace.ref, "plan": phases["plan"].ref, "apply": phases["apply"].ref}
        kept = new_run_kept(is_dry=bool(asked.get("plan-only")), mode=mode)
        run = self._objects.add(Thing("runs", new_id("run"), attributes, {**relations}, kept))
        workspace.relations["latest-run"] = run.ref
        if not run.kept["is_dry"]:
            workspace.relations["current-run"] = run.ref
        self.engine.queue(run)
        return run

    def _make(self, request: Request) -> Answer:
        draft = read_draft(KINDS["runs"], request.tree(), WORDS, self._objects, is_new=True)
        ref = draft.relations["workspace"]
        assert isinstance(ref, Ref)
        workspace = self._objects.of(ref)
        if draft.attributes["is-destroy"] and draft.attributes["refresh-only"]:
            raise WORDS.wrong("refresh-only", "is-destroy and refresh-only are mutually exclusive")
        if draft.attributes["is-destroy"] and not workspace.attributes["allow-destroy-plan"]:
            raise WORDS.wrong("is-destroy", "Destroy plans are not allowed in this workspace")
        if not workspace.attributes["vcs-repo"]:
            raise Problem(422, "invalid relation", "Configuration version is missing",
                          pointer="/data/relationships/configuration-version")  # fmt: skip
        run = self.begin(workspace, draft.attributes | {"source": "tfe-api"})
        return self._shelf.one(self._dressed(run), {}, 201)

    def _show(self, request: Request, identity: str) -> Answer:
        return self._shelf.one(self._dressed(self._found("runs", identity)), request.query)

    def _list(self, request: Request, workspace: str) -> Answer:
        ref = self._found("workspaces", workspace).ref
        query = request.query
        wanted = query.get("filter[operation]", ",".join(_OPERATIONS - {"plan_only"})).split(",")
        if not _OPERATIONS.issuperset(wanted):
            raise WORDS.wrong_parameter("filter[operation]", f"{wanted} is not among {sorted(_OPERATIONS)}")
        runs = [each for each in self._objects.all("runs")[::-1] if each.one("workspace") == ref]
        runs = [self._dressed(each) for each in runs if _operation(each) in wanted]
        text = query.get("search[basic]", "").lower()
        runs = [each for each in runs if text in f"{each.id} {each.attributes['message']}".lower()]
        rest = {name: value for name, value in query.items() if name not in {"filter[operation]", "search[basic]"}}
        return self._shelf.page(KINDS["runs"], runs, rest)

    def _act(self, request: Request, identity: str) -> Answer:
        run = self._found("runs", identity)
        tree = request.tree() if request.body else {}
        if not isinstance(tree, dict) or tree.keys() - {"comment"}:
            raise Problem(422, "invalid document", "an action takes a comment and nothing else")
        action = request.path.rpartition("/")[2]
        acts = {"apply": self.engine.confirm, "cancel": self.engine.cancel, "discard": self.engine.discard}
        if not acts[action](run):
            raise Problem(
                409, "transition not allowed", f"{action} is not allowed while the run is {run.attributes['status']}"
            )
        return nothing(202)

    def _show_phase(self, request: Request, identity: str) -> Answer:
        return self._shelf.one(self._found(request.path.split("/")[3], identity), request.query)

    def _log(self, request: Request, secret: str) -> Answer:
        for phase in (*self._objects.all("plans"), *self._objects.all("applies")):
            if phase.kept["secret"] == secret:
                is_whole = phase.attributes["status"] in {"finished", "errored", "canceled", "unreachable"}
                text = _START + phase.kept.get("log", "").encode() + (_END if is_whole else b"")
                begin = int(request.query.get("offset", "0"))
                return Answer(200, text[begin : begin + int(request.query.get("limit", len(text)))], PLAIN_TEXT)
        raise not_found()

    def _outputs(self, request: Request, workspace: str) -> Answer:
        for name in request.query.keys() - {"page[number]", "page[size]"}:
            raise WORDS.wrong_parameter(name, f"{name} is not a parameter of this endpoint.")
        found = self._found("workspaces", workspace)
        if not found.kept.get("has_state"):
            raise not_found()
        shown = [self._shelf.shown(self._objects.of(each)) for each in found.many("outputs")]
        return document({"data": shown})

    def _output(self, request: Request, identity: str) -> Answer:
        output = self._found("state-version-outputs", identity)
        self._shelf.one(output, request.query)
        shown = self._shelf.shown(output)
        shown["attributes"]["value"] = output.kept["value"]
        return document({"data": shown})

    def _settled(self, workspace: Thing, run: Thing, applied: Applied) -> None:
        del run
        for ref in workspace.many("outputs"):
            self._objects.remove(self._objects.of(ref))
        outputs = [
            self._objects.add(
                Thing("state-version-outputs", new_id("wsout"),
                      {"name": name, "sensitive": each.is_sensitive, "type": _TYPES.get(type(each.value), "null"),
                       "value": None if each.is_sensitive else each.value, "detailed-type": each.type},
                      kept={"value": each.value})
            )
            for name, each in applied.outputs.items()
        ]  # fmt: skip
        workspace.kept["has_state"] = True
        workspace.relations["outputs"] = [each.ref for each in outputs]
        workspace.attributes |= {"resource-count": applied.resources, "latest-change-at": instant()}

    def _variables(self, workspace: Thing) -> tuple[Variable, ...]:
        found = [self._objects.of(each) for each in workspace.many("vars")]
        return tuple(
            Variable(
                each.attributes["key"], each.kept["value"],
                is_shell=each.attributes["category"] == "env", is_hcl=each.attributes["hcl"],
            )
            for each in found
        )  # fmt: skip

    def _add_phase(self, name: str) -> Thing:
        secret = secrets.token_urlsafe(32)
        told = {"status": "pending", "log-read-url": f"{self._address}/v1/object/{secret}",
                "execution-details": {"mode": "remote"}}  # fmt: skip
        return self._objects.add(
            Thing(KINDS["plans" if name == "plan" else "applies"].type, new_id(name), told, kept={"secret": secret})
        )

    @staticmethod
    def _dressed(run: Thing) -> Thing:
        """Add what is told from the run's status."""
        status = run.attributes["status"]
        is_waiting = not run.kept.get("is_deciding")
        run.attributes |= {
            "actions": {
                "is-cancelable": status not in OVER and status not in _DISCARDABLE,
                "is-confirmable": status in WAITS_FOR_A_PERSON and is_waiting,
                "is-discardable": status in _DISCARDABLE and is_waiting,
                "is-force-cancelable": False,
            },
            "permissions": dict.fromkeys(("can-apply", "can-cancel", "can-discard", "can-comment"), True),
            "group": "final" if status in OVER else "discardable" if status in _DISCARDABLE else "non_final",
        }
        return run

    def _found(self, kind: str, identity: str) -> Thing:
        thing = self._objects.get(kind, identity)
        if thing is None:
            raise not_found()
        return thing


def _operation(run: Thing) -> str:
    told: Mapping[str, object] = run.attributes
    if told["plan-only"]:
        return "plan_only"
    return "destroy" if told["is-destroy"] else "refresh_only" if told["refresh-only"] else "plan_and_apply"
