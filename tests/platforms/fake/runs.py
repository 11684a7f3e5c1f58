"""The life of a run, from pending to its end, the same on both platforms but for some words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

from tests.platforms.fake.aws import NotEntered
from tests.platforms.fake.execution import Applied, Execution, Halted, Job, RunFailed, Stopped, tell
from tests.platforms.fake.run_flow import OVER, PLATFORM_WIDE, WAITS_FOR_A_PERSON, Flow, Switches
from tests.platforms.fake.run_phases import phase_of, phase_status, workspace_of
from tests.platforms.fake.store import Objects, Thing, instant

_THREADS = 32


class Runs:
    """Drives every run: one at a time for each workspace, those that only plan beside them.

    Attributes:
        broken: what went wrong with the fake itself.
    """

    def __init__(self, objects: Objects, execution: Execution, flow: Flow, home: Path) -> None:
        self.switches = Switches()
        self.broken: list[Exception] = []
        self._objects, self._execution, self._flow, self._home = objects, execution, flow, home
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="run")
        self._is_closed = False

    def queue(self, run: Thing) -> None:
        """Take a new run."""
        with self._objects.changed:
            run.kept |= {"stop": Event(), "has_begun": False}
            self._enter(run, "pending")
        self.nudge()

    def nudge(self) -> None:
        """Begin whatever may begin now."""
        with self._objects.changed:
            for run in self._objects.all("runs"):
                if not self._is_closed and not run.kept["has_begun"] and self._may_begin(run):
                    run.kept["has_begun"] = True
                    if not run.kept["is_dry"]:
                        self._flow.locks.hold(self._objects.of(workspace_of(run)), run)
                    self._pool.submit(self._drive, run)

    def confirm(self, run: Thing) -> bool:
        """Let a run that waits for a person go on; say whether it waited."""
        with self._objects.changed:
            if run.attributes["status"] not in WAITS_FOR_A_PERSON or run.kept.get("is_deciding"):
                return False
            self._enter(run, "confirmed")
        self._pool.submit(self._drive_apply, run)
        return True

    def override(self, run: Thing) -> None:
        """Let a run go on although its policies failed softly."""
        with self._objects.changed:
            self._enter(run, "policy_checked")
        self._pool.submit(self._drive_decision, run)

    def discard(self, run: Thing) -> bool:
        """Drop a run that waits; say whether it waited."""
        with self._objects.changed:
            waits = {"pending", "policy_override", *WAITS_FOR_A_PERSON}
            if run.attributes["status"] not in waits or run.kept.get("is_deciding"):
                return False
            self._end(run, "discarded")
        self.nudge()
        return True

    def cancel(self, run: Thing) -> bool:
        """Interrupt a run; say whether there was anything to interrupt."""
        with self._objects.changed:
            status = run.attributes["status"]
            if status in OVER or (status in {"planned", "policy_override"} and not run.kept.get("is_deciding")):
                return False
            run.kept["stop"].set()
            if not run.kept["has_begun"]:
                self._end(run, "canceled")
            self._objects.changed.notify_all()
        self.nudge()
        return True

    def close(self) -> None:
        """Stop every run, and wait until nothing runs."""
        with self._objects.changed:
            self._is_closed = True
            for run in self._objects.all("runs"):
                run.kept["stop"].set()
            self._objects.changed.notify_all()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _may_begin(self, run: Thing) -> bool:
        if run.attributes["status"] != "pending":
            return False
        if run.kept["is_dry"]:
            return True
        workspace = self._objects.of(workspace_of(run))
        before = [each for each in self._objects.all("runs") if each.one("workspace") == workspace.ref]
        before = [each for each in before[: before.index(run)] if not each.kept["is_dry"]]
        return not workspace.attributes["locked"] and all(each.attributes["status"] in OVER for each in before)

    def _drive(self, run: Thing) -> None:
        self._guarded(run, self._plan)

    def _drive_apply(self, run: Thing) -> None:
        self._guarded(run, self._apply)

    def _drive_decision(self, run: Thing) -> None:
        self._guarded(run, self._decide)

    def _guarded(self, run: Thing, go: Callable[[Thing], None]) -> None:
        try:
            go(run)
        except Stopped:
            self._finish(run, "canceled")
        except RunFailed as failure:
            tell(self._job(run), str(failure), is_error=True)
            run.attributes["error-message"] = str(failure)
            self._finish(run, "errored")
        except Exception as failure:  # noqa: BLE001 - the fake is broken; a test must hear of it
            self.broken.append(failure)
            self._finish(run, "errored")

    def _plan(self, run: Thing) -> None:
        for status in self._flow.before_plan:
            self._stage(run, status)
        run.kept["phase"] = "plan"
        self._stage(run, "planning")
        workspace = self._objects.of(workspace_of(run))
        self._enter_aws(run, workspace)
        run.kept["variables"] = self._flow.variables(workspace)
        self._fail_if_told(run, "plan")
        planned = self._execution.plan(self._job(run))
        with self._objects.changed:
            run.kept["is_deciding"] = not self._will_wait(run, planned.has_changes)
            run.attributes["has-changes"] = planned.has_changes
            self._objects.of(phase_of(run, "plan")).attributes |= {
                "has-changes": planned.has_changes,
                "resource-additions": planned.additions,
                "resource-changes": planned.changes,
                "resource-destructions": planned.destructions,
            }
        self._stage(run, "planned")
        self._check_policies(run, workspace)

    def _will_wait(self, run: Thing, has_changes: bool) -> bool:  # noqa: FBT001 - what the plan says
        """Say whether the run stays planned until a person speaks; it must be confirmable from its first moment."""
        goes_on = (
            run.kept["is_dry"] or run.attributes["auto-apply"] or workspace_of(run).id in self.switches.soft_failing
        )
        return has_changes and not goes_on

    def _check_policies(self, run: Thing, workspace: Thing) -> None:
        if workspace.id in self.switches.soft_failing:
            self._stage(run, "policy_checking")
            with self._objects.changed:
                run.kept["is_deciding"] = False
                self._enter(run, "policy_override")
            return
        self._decide(run)

    def _decide(self, run: Thing) -> None:
        """Go on after the plan: to the end, to a person, or to the apply."""
        if run.kept["is_dry"] or not run.attributes["has-changes"]:
            self._finish(run, "planned_and_finished")
            return
        with self._objects.changed:
            run.kept["is_deciding"] = False
            if not run.attributes["auto-apply"]:
                self._objects.changed.notify_all()
                return
            self._enter(run, "confirmed")
        self._apply(run)

    def _apply(self, run: Thing) -> None:
        run.kept["phase"] = "apply"
        self._stage(run, "apply_queued")
        self._stage(run, "applying")
        self._fail_if_told(run, "apply")
        workspace = self._objects.of(workspace_of(run))
        self._enter_aws(run, workspace)
        try:
            applied = self._execution.apply(self._job(run))
        except Halted as end:
            self._settle(workspace, run, end.left)
            raise
        self._settle(workspace, run, applied)
        self._finish(run, "applied")

    def _settle(self, workspace: Thing, run: Thing, applied: Applied | None) -> None:
        if applied is not None:
            with self._objects.changed:
                self._flow.settled(workspace, run, applied)

    def _enter_aws(self, run: Thing, workspace: Thing) -> None:
        """Take new credentials; those of the plan may be over when a person says yes."""
        try:
            run.kept["environment"] = dict(self._flow.entered(workspace, run))
        except NotEntered as refusal:
            raise RunFailed(str(refusal)) from None

    def _fail_if_told(self, run: Thing, phase: str) -> None:
        with self._objects.changed:
            for place in (workspace_of(run).id, PLATFORM_WIDE):
                left = self.switches.failing.get((place, phase), 0)
                if left:
                    self.switches.failing[(place, phase)] = left - 1
                    raise RunFailed("something went wrong on the platform's side")

    def _stage(self, run: Thing, status: str) -> None:
        """Reach a stage, and stay there as long as a test holds runs at it."""
        with self._objects.changed:
            self._stop_if_told(run)
            self._enter(run, status)
            self._objects.changed.wait_for(lambda: status not in self.switches.held or run.kept["stop"].is_set())
            self._stop_if_told(run)

    @staticmethod
    def _stop_if_told(run: Thing) -> None:
        if run.kept["stop"].is_set():
            raise Stopped

    def _finish(self, run: Thing, status: str) -> None:
        with self._objects.changed:
            self._end(run, status)
        shutil.rmtree(self._home / run.id, ignore_errors=True)
        self.nudge()

    def _end(self, run: Thing, status: str) -> None:
        run.kept["is_deciding"] = False
        self._flow.locks.let_go(self._objects.of(workspace_of(run)), run)
        self._enter(run, status)

    def _enter(self, run: Thing, status: str) -> None:
        run.attributes["status"] = status
        run.attributes["status-timestamps"] = {
            **(run.attributes.get("status-timestamps") or {}), f"{status.replace('_', '-')}-at": instant(),
        }  # fmt: skip
        for phase in ("plan", "apply"):
            self._objects.of(phase_of(run, phase)).attributes["status"] = phase_status(run, phase)
        self._objects.changed.notify_all()

    def _job(self, run: Thing) -> Job:
        workspace = self._objects.of(workspace_of(run))
        phase = self._objects.of(phase_of(run, run.kept.get("phase", "plan")))
        folder = self._home / run.id
        with suppress(FileExistsError):
            folder.mkdir()

        def said(text: str) -> None:
            with self._objects.changed:
                phase.kept["log"] = phase.kept.get("log", "") + text

        return Job(
            run.id, workspace.id, run.kept["mode"], (workspace.attributes["vcs-repo"] or {}).get("identifier") or "",
            workspace.attributes["working-directory"] or "", run.kept.get("variables", ()),
            run.kept.get("environment", {}), self._flow.is_structured(workspace), said, run.kept["stop"],
            self._home / f"{workspace.id}.tfstate", folder,
        )  # fmt: skip
