"""One run of Terraform on a platform, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RunStage(Enum):
    """How far a run is, in the words that both platforms share."""

    WAITING = "waiting"
    PLANNING = "planning"
    NEEDS_CONFIRMATION = "needs confirmation"
    APPLYING = "applying"
    APPLIED = "applied"
    PLANNED_ONLY = "planned"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        id: the platform's id, ``run-...``.
        stage: how far it is.
        status: the platform's own word for it.
        reason: the message it was started with.
        url: where a person sees it in a browser; empty where it is not known.
        has_changes: whether its plan changes anything; None while that is not known.
    """

    id: str
    stage: RunStage
    status: str
    reason: str
    url: str = ""
    has_changes: bool | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.stage in _OVER

    @property
    def went_well(self) -> bool:
        """Whether all that it set out to do is done: applied, or planned where it only plans or nothing differs."""
        return self.stage in {RunStage.APPLIED, RunStage.PLANNED_ONLY}


_OVER = frozenset({RunStage.APPLIED, RunStage.PLANNED_ONLY, RunStage.FAILED, RunStage.STOPPED})


@dataclass(frozen=True, slots=True)
class Output:
    """An output of the workspace's state.

    Attributes:
        value: as it came, parsed; None for a sensitive one.
    """

    name: str
    value: object
    is_sensitive: bool
