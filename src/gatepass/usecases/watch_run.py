"""Wait until a run on a platform is over, tell how far it is, and say why it failed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from gatepass.domain.errors import Conflict, GatepassError, NotAnswered
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.platform_run import Run, RunStage
from gatepass.domain.run_log import shown_log
from gatepass.ports.machine import Clock
from gatepass.ports.orchestrators import Orchestrator

# How every message of a run of ours begins; nobody else's run is confirmed.
REASON = "gatepass "


class RunFailed(GatepassError):
    """A run ended without doing what it should."""


class RunListener(Protocol):
    """Who is told how far a run is."""

    def reached(self, run: Run) -> None:
        """Hear of a new stage."""

    def left(self, run: Run) -> None:
        """Hear that nobody waits any longer, and the run goes on."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a run is looked at, and how long in all."""

    first: timedelta = timedelta(seconds=2)
    growth: float = 1.5
    longest: timedelta = timedelta(seconds=10)
    limit: timedelta = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Watch:
    """What waiting for a run needs.

    Attributes:
        masks: returns the external IDs that must not be shown from a run's log, as they are when it failed.
        confirms: whether a run of ours that waits for a person's word is given it: the setup applies by itself.
    """

    platform: Orchestrator
    clock: Clock
    listener: RunListener
    masks: Callable[[], Collection[ExternalId]]
    confirms: bool = True
    patience: Patience = field(default_factory=Patience)


def watch_run(run: Run, watch: Watch) -> Run:
    """Return the run once it ended well.

    Ctrl-C leaves it going, and the listener is told so.

    Raises:
        RunFailed: it failed; the last lines of its log are in the error.
        Conflict: somebody stopped it, or it waits for a person's word.
        NotAnswered: it was not over in time; it goes on.
        GatepassError: the platform said no, or did not answer; the run goes on.
    """
    try:
        ended = _ended(run, watch)
    except KeyboardInterrupt:
        watch.listener.left(run)
        raise
    if ended.stage is RunStage.STOPPED:
        raise Conflict(
            f"somebody stopped the run {ended.id}",
            why=f"{watch.platform.title} says: {ended.status}; what it had not applied is not in AWS",
            next_step=f"ask who stopped it{_at(ended)}; then the same command goes on where it stopped",
        )
    if ended.stage is RunStage.FAILED:
        raise run_failed(ended, watch)
    return ended


def run_failed(run: Run, watch: Watch) -> RunFailed:
    """Return the error for a run that failed, with what Terraform said, or why that cannot be read."""
    try:
        said = shown_log(watch.platform.log(run), watch.masks())
    except GatepassError as error:
        said = f"its log cannot be read: {error.what}"
    return RunFailed(
        f"the run {run.id} failed ({run.status})",
        why=said or "its log says nothing",
        next_step=f"mend what it says{_at(run)}; then the same command goes on where it stopped",
    )


def _ended(run: Run, watch: Watch) -> Run:
    """Look again and again until nothing more happens to the run."""
    began, pause, seen = watch.clock.now(), watch.patience.first, None
    refused: Conflict | None = None
    confirmed = False
    while True:
        if run.stage is not seen:
            watch.listener.reached(run)
            seen = run.stage
        if run.is_over:
            return run
        if run.stage is RunStage.NEEDS_CONFIRMATION and refused is not None:
            raise refused
        if run.stage is RunStage.NEEDS_CONFIRMATION and not confirmed:
            refused = _confirm(run, watch)
            confirmed = True
        if watch.clock.now() - began >= watch.patience.limit:
            raise _too_long(run, watch)
        watch.clock.sleep(pause)
        pause = min(pause * watch.patience.growth, watch.patience.longest)
        run = watch.platform.run(run.id)


def _confirm(run: Run, watch: Watch) -> Conflict | None:
    """Give the run a person's word, or return the platform's objection: somebody may have been quicker."""
    if watch.confirms and run.reason.startswith(REASON):
        try:
            watch.platform.confirm(run)
        except Conflict as error:
            return error
        return None
    why = "it was begun by somebody else" if watch.confirms else "the workspace does not apply by itself"
    raise Conflict(
        f"the run {run.id} waits for a person's word",
        why=f"{why}, so it is not confirmed from here",
        next_step=f"look at its plan, and confirm or discard it{_at(run)}; then the same command goes on",
    )


def _too_long(run: Run, watch: Watch) -> NotAnswered:
    minutes = int(watch.patience.limit.total_seconds() // 60)
    waits = "another run may hold the workspace" if run.stage is RunStage.WAITING else "nothing was stopped"
    return NotAnswered(
        f"the run {run.id} is not over after {minutes} minutes",
        why=f"{watch.platform.title} says: {run.status}; {waits}",
        next_step=f"look at it{_at(run)}; the same command goes on waiting",
    )


def _at(run: Run) -> str:
    return f" at {run.url}" if run.url else ""
