"""What the two platforms differ in, and what a test tells their runs to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.fake.execution import Applied, Mode, Variable
from tests.platforms.fake.locks import Locks
from tests.platforms.fake.store import Thing

OVER = frozenset(
    {"applied", "planned_and_finished", "errored", "canceled", "discarded", "policy_soft_failed"},
)
WAITS_FOR_A_PERSON = frozenset({"planned", "policy_checked"})
PLATFORM_WIDE = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """What differs between the platforms.

    Attributes:
        before_plan: the stages between pending and planning.
        is_structured: whether a run's log is Terraform's JSON lines.
        entered: returns the credentials that the platform adds to a run.
        settled: takes what an apply left, while the objects are held.
    """

    before_plan: tuple[str, ...]
    locks: Locks
    variables: Callable[[Thing], tuple[Variable, ...]]
    is_structured: Callable[[Thing], bool]
    entered: Callable[[Thing, Thing], Mapping[str, str]]
    settled: Callable[[Thing, Thing, Applied], None]


@dataclass(slots=True)
class Switches:
    """What a test tells the runs to do.

    Attributes:
        failing: how many runs to let fail in plan or apply, by the workspace's id or for all.
        soft_failing: the workspaces whose policies fail softly, by id.
        held: the stages at which runs stay until they are let go.
    """

    failing: dict[tuple[str, str], int] = field(default_factory=dict)
    soft_failing: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)


def new_run_kept(*, is_dry: bool, mode: Mode) -> dict[str, Any]:
    """Return what a run remembers of how it was asked for."""
    return {"is_dry": is_dry, "mode": mode}
