"""Runs of the fleet as text and as facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gatepass.domain.trust import instant_text

if TYPE_CHECKING:
    from gatepass.wiring.fleet import Progress


def count_line(progress: Progress) -> str:
    """Return how far the run has come, in one line."""
    from gatepass.fleet.work import Result

    if progress.total is None:
        return "looking for the units"
    parts = [f"{len(progress.outcomes)} of {progress.total}", f"{progress.count(Result.DONE)} done"]
    if skipped := progress.count(Result.SKIPPED):
        parts.append(f"{skipped} skipped")
    if progress.found:
        parts.append(f"{progress.found} found something")
    parts.append(f"{progress.count(Result.FAILED)} failed")
    return ", ".join(parts)


def state_of(progress: Progress) -> str:
    """Return in one word how it stands with the run."""
    if progress.problem:
        return "could not begin"
    if progress.stopped:
        return "stopped"
    return "finished" if progress.left == 0 else "under way"


def state_lines(progress: Progress) -> Iterator[str]:
    """Yield what a person wants to know of one run."""
    yield f"{progress.run}: {state_of(progress)}"
    yield f"  asked for  {instant_text(progress.started)} by {progress.order.by or 'a schedule'}"
    yield f"  units      {count_line(progress)}"
    if progress.stopped:
        yield f"  stopped    {progress.stopped}"
    if progress.problem:
        yield f"  problem    {progress.problem}"
    for cause, count in list(progress.causes.items())[:3]:
        yield f"  {count:>4} failed: {cause}"


def time_text(duration: timedelta) -> str:
    """Return a time as a person says it."""
    seconds = round(duration.total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def progress_facts(progress: Progress) -> dict[str, Any]:
    """Return the run as plain facts."""
    from gatepass.fleet.work import Result

    return {
        "run": progress.run,
        "kind": progress.order.kind,
        "state": state_of(progress),
        "started": instant_text(progress.started),
        "by": progress.order.by,
        "filter": dict(progress.order.wanted),
        "total": progress.total,
        **{result.value: progress.count(result) for result in Result},
        "found": progress.found,
        "left": progress.left,
        "stopped": progress.stopped,
        "problem": progress.problem,
        "causes": dict(progress.causes),
    }


def outcome_facts(progress: Progress) -> list[dict[str, Any]]:
    """Return what failed and what was found, unit by unit."""
    from gatepass.fleet.work import Result

    return [one.facts() for one in progress.outcomes if one.result.result is Result.FAILED or one.found]
