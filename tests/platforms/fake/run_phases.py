"""A run's workspace, plan and apply, and the status of each phase."""

from __future__ import annotations

from tests.platforms.fake.run_flow import OVER
from tests.platforms.fake.store import Ref, Thing


def workspace_of(run: Thing) -> Ref:
    """Return the workspace it runs in."""
    found = run.one("workspace")
    assert found is not None
    return found


def phase_of(run: Thing, phase: str) -> Ref:
    """Return its plan or its apply."""
    found = run.one(phase)
    assert found is not None
    return found


def phase_status(run: Thing, phase: str) -> str:
    """Return the plan's or apply's own status, told from the run's."""
    status = run.attributes["status"]
    own = {"plan_queued": ("queued", "pending"), "planning": ("running", "pending"),
           "apply_queued": ("finished", "queued"), "applying": ("finished", "running"),
           "applied": ("finished", "finished")}  # fmt: skip
    if status in own:
        return own[status][phase == "apply"]
    reached = run.kept.get("phase")
    if status in {"errored", "canceled"}:
        if reached is None or (reached == "plan" and phase == "apply"):
            return "unreachable"
        return status if reached == phase else "finished"
    if reached is None:
        return "unreachable" if status == "discarded" else "pending"
    if phase == "plan":
        return "finished"
    return "unreachable" if status in OVER else "pending"
