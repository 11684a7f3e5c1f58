"""Runs on a platform that speaks JSON:API: begun once for each reason, watched, confirmed and dropped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from gatepass.adapters.json_api import Ask, JsonApi
from gatepass.adapters.json_api_documents import Ref, Resource, new_document, quoted
from gatepass.adapters.run_words import read_run
from gatepass.domain.errors import Conflict
from gatepass.domain.platform_run import Run, RunStage

# Of these phases nothing was said.
_SILENT = frozenset({"pending", "queued", "unreachable"})


class JsonApiRuns(ABC):
    """The runs of one account or organisation.

    Attributes:
        has_plain_actions: whether an action takes JSON of no form rather than a document's media type.
    """

    has_plain_actions = False

    def __init__(self, api: JsonApi) -> None:
        """Ask that API."""
        self.api = api
        self._unrun: set[str] = set()

    def note_written(self, workspace: str) -> None:
        """Remember that no run holds what was just written there, so that the next one is not looked for first."""
        self._unrun.add(workspace)

    def start(self, workspace: str, reason: str, *, dry: bool, destroy: bool) -> Run:
        """Begin a run, or return the one that has this reason."""
        found = None if workspace in self._unrun else self._with_reason(workspace, reason)
        self._unrun.discard(workspace)
        if found is None:
            attributes = {"message": reason, "is-destroy": destroy, "auto-apply": not dry, **self.only_plans(dry=dry)}
            body = new_document("runs", attributes, {"workspace": Ref("workspaces", workspace)})
            ask = Ask("POST", "runs", f"begin a run of the workspace {workspace}", body=body)
            found, _ = self.api.make(ask, lambda: self._with_reason(workspace, reason))
        return self._shown(found)

    def run(self, run: str) -> Run:
        """Return how far it is."""
        (found,) = self.api.get(f"runs/{quoted(run)}", f"see how far the run {run} is").data
        return self._shown(found)

    def latest(self, workspace: str) -> Run | None:
        """Return the run that began last."""
        newest = self.newest(workspace)
        return self._shown(max(newest, key=lambda each: each.text("created-at"))) if newest else None

    def confirm(self, run: Run) -> None:
        """Let a run apply that waits."""
        self._act(run, "apply", "confirm", lambda now: now.stage is not RunStage.NEEDS_CONFIRMATION)

    def discard(self, run: Run) -> None:
        """Drop a run that waits, or stop it."""
        now = self.run(run.id)
        if now.is_over:
            return
        actions = [("discard", "drop"), ("cancel", "stop")]
        if now.stage is not RunStage.NEEDS_CONFIRMATION:
            actions.reverse()
        try:
            self._act(now, *actions[0], is_done=_is_over)
        except Conflict:
            # It went on meanwhile: to its end, or to where the other action is the right one.
            if not self.run(run.id).is_over:
                self._act(now, *actions[1], is_done=_is_over)

    def phases(self, run: Run, deed: str) -> list[Resource]:
        """Return the run, and before it its plan and its apply, as far as they said anything."""
        page = self.api.get(f"runs/{quoted(run.id)}", deed, (("include", "plan,apply"),))
        refs = [ref for found in page.data for name in ("plan", "apply") for ref in found.relations.get(name, ())]
        included = [page.included[ref] for ref in refs if ref in page.included]
        return [each for each in included if each.text("status") not in _SILENT] + list(page.data)

    @abstractmethod
    def newest(self, workspace: str) -> tuple[Resource, ...]:
        """Return the workspace's last runs, with those that only plan."""

    @abstractmethod
    def only_plans(self, *, dry: bool) -> Mapping[str, bool]:
        """Return the attribute that says whether a run only plans."""

    @abstractmethod
    def page_of(self, run: Resource) -> str:
        """Return where a person sees it in a browser; empty where it is not known."""

    def _act(self, run: Run, action: str, verb: str, is_done: Callable[[Run], bool]) -> None:
        path = f"runs/{quoted(run.id)}/actions/{action}"
        ask = Ask(
            "POST", path, f"{verb} the run {run.id}", body={"comment": "by gatepass"}, is_plain=self.has_plain_actions
        )
        self.api.act(ask, lambda: is_done(self.run(run.id)))

    def _with_reason(self, workspace: str, reason: str) -> Resource | None:
        return next((each for each in self.newest(workspace) if each.text("message") == reason), None)

    def _shown(self, found: Resource) -> Run:
        return read_run(found, self.page_of(found), is_dry=any(found.flag(name) for name in self.only_plans(dry=True)))


def _is_over(run: Run) -> bool:
    return run.is_over
