"""Runs of Terraform in memory, whose outcome a test decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatepass.domain.platform_run import Output, Run, RunStage
from gatepass.domain.workspace_objects import OwnAccess


@dataclass(frozen=True, slots=True)
class Running:
    """What a run works with, as it stood when its plan began.

    Attributes:
        workspace: the platform's id of it.
        doors: the value of the variable; empty without one.
        own_access: how the platform enters; None without one.
        is_dry: whether it must change nothing.
        is_destroy: whether it deletes what stands.
    """

    workspace: str
    doors: str = field(repr=False)
    own_access: OwnAccess | None
    is_dry: bool
    is_destroy: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went.

    Attributes:
        went_well: False ends it as failed.
        log: what Terraform said.
        outputs: what stands afterwards, if it went well and is not dry.
        has_changes: whether the plan found any; a run without needs no apply.
    """

    went_well: bool = True
    log: str = ""
    outputs: tuple[Output, ...] = ()
    has_changes: bool = True


RunsTerraform = Callable[[Running], Outcome]


@dataclass
class MemoryRun:
    """One run, which goes on by one stage whenever somebody looks."""

    id: str
    workspace: str
    reason: str
    is_dry: bool
    is_destroy: bool
    stage: RunStage = RunStage.WAITING
    log: str = ""
    plans_with: Running | None = None
    has_changes: bool | None = None
    outputs: tuple[Output, ...] | None = None

    def shown(self) -> Run:
        """Return it as the port tells it."""
        word = self.stage.value.replace(" ", "_")
        url = f"https://platform.example/runs/{self.id}"
        return Run(self.id, self.stage, word, self.reason, url, self.has_changes)

    def go_on(self, running: Running, runs_terraform: RunsTerraform, *, needs_confirmation: bool) -> None:
        """Go on by one stage: plan with what stands now, apply with what was planned."""
        match self.stage:
            case RunStage.WAITING:
                self.stage, self.plans_with = RunStage.PLANNING, running
            case RunStage.PLANNING if self.is_dry:
                self._end(runs_terraform)
            case RunStage.PLANNING:
                self.stage = RunStage.NEEDS_CONFIRMATION if needs_confirmation else RunStage.APPLYING
            case RunStage.APPLYING:
                self._end(runs_terraform)
            case _:
                pass

    def _end(self, runs_terraform: RunsTerraform) -> None:
        assert self.plans_with is not None  # noqa: S101 - it planned before
        outcome = runs_terraform(self.plans_with)
        self.log, self.has_changes = outcome.log, outcome.has_changes
        if not outcome.went_well:
            self.stage = RunStage.FAILED
        elif self.is_dry or not outcome.has_changes:
            self.stage = RunStage.PLANNED_ONLY
        else:
            self.stage = RunStage.APPLIED
        if outcome.went_well and not self.is_dry:
            self.outputs = outcome.outputs


def turn(
    runs: Mapping[str, MemoryRun],
    workspace: str,
    running: Callable[[MemoryRun], Running],
    runs_terraform: RunsTerraform,
    *,
    needs_confirmation: bool,
) -> MemoryRun | None:
    """Let the one run of the workspace go on whose turn it is: runs of a workspace go one after the other.

    Returns:
        That run, or None when all are over.
    """
    for run in runs.values():
        if run.workspace == workspace and not run.shown().is_over:
            run.go_on(running(run), runs_terraform, needs_confirmation=needs_confirmation)
            return run
    return None
