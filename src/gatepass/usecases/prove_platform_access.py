"""Prove by a dry run that a platform enters the account with the external ID that it was just told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gatepass.domain.errors import Conflict
from gatepass.domain.platform_run import Run
from gatepass.usecases.move_door import MovingDesk
from gatepass.usecases.watch_run import REASON, RunFailed

# Sometimes AWS takes longer to go by a new trust: further tries, each after a longer pause.
_PAUSES = (timedelta(seconds=15), timedelta(seconds=45))
# After so many runs of one rotation that failed, something else is wrong than what one more could mend.
_MOST_TRIES = 50
# What Terraform and the platforms say when AWS lets nobody in.
_REFUSED = ("accessdenied", "not authorized to perform: sts:assumerole", "cannot assume iam role")


def prove_platform_access(token: str, workspace: str, moves: MovingDesk) -> Run:
    """Return the dry run that went well; one of this rotation that went well before counts.

    Args:
        token: of the rotation.
        workspace: the platform's id of it.
        moves: where it runs.

    Raises:
        RunFailed: none went well; both external IDs are still accepted.
        Conflict: the workspace is locked, or somebody stopped it.
    """
    number = 1
    for pause in (*_PAUSES, None):
        tried = _dry_run(token, number, workspace, moves)
        if isinstance(tried, Run):
            return tried
        error, number = tried.error, tried.number + 1
        if pause is None or not any(word in error.why.lower() for word in _REFUSED):
            break
        moves.clock.sleep(pause)
    raise RunFailed(
        f"{moves.setup.platform.title} could not prove its new access: {error.what}",
        why=f"both external IDs are accepted still. It said last:\n{error.why}",
        next_step=error.next_step,
    )


@dataclass(frozen=True, slots=True)
class _Failed:
    """A dry run that failed, and which try it was."""

    error: RunFailed
    number: int


def _dry_run(token: str, first: int, workspace: str, moves: MovingDesk) -> Run | _Failed:
    """Return the dry run that went well: one from before, one under way, a new one; or how it failed."""
    for number in range(first, first + _MOST_TRIES):
        begun = moves.platform.start_run(workspace, f"{REASON}{token}, dry run {number}", dry=True)
        if begun.went_well:
            return begun
        if begun.is_over:
            continue
        try:
            return moves.watch(begun)
        except RunFailed as error:
            return _Failed(error, number)
    raise Conflict(
        f"{_MOST_TRIES} dry runs of {token} failed in the workspace {workspace}",
        why="each of them ended without proving that the platform enters",
        next_step=f"look at the last ones on {moves.platform.title}, and mend what they say",
    )
