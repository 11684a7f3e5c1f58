"""The run that brings a move into AWS: begun once for each intention, and again only after one that failed."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.domain.errors import Conflict
from gatepass.domain.platform_run import Run
from gatepass.ports.orchestrators import Orchestrator, OurWorkspace
from gatepass.usecases.watch_run import REASON

# So many letters of the seal tell one state of the variable from another in a run's message.
_SEAL_LETTERS = 8
# After so many failures something else is wrong than what a further run could mend.
_MOST_TRIES = 50


def run_move(
    at: OurWorkspace, token: str, first_try: int, platform: Orchestrator, watch: Callable[[Run], Run]
) -> tuple[Run, int]:
    """Return the run that applied the variable as it stands, and which try it was.

    A run of the same message that is under way is watched, one that ended well is taken as it is, and one that had
    failed before is followed by another.

    Args:
        at: the workspace, with the seal of what its variable says.
        token: of the move.
        first_try: which try to begin with.
        platform: where it runs.
        watch: waits until it is over, and returns it if it ended well.

    Raises:
        RunFailed: the run failed.
        Conflict: the workspace is locked, or the run was stopped.
        GatepassError: the platform said no, or did not answer; the same token finds the run again.
    """
    for number in range(first_try, first_try + _MOST_TRIES):
        begun = platform.start_run(at.workspace, move_reason(token, at.seal, number))
        if begun.went_well:
            return begun, number
        if not begun.is_over:
            return watch(begun), number
    raise Conflict(
        f"the run of {token} failed {_MOST_TRIES} times in the workspace {at.workspace}",
        why="each of them ended without applying what the doors should be",
        next_step=f"look at its last runs on {platform.title}, and mend what they say",
    )


def move_reason(token: str, seal: str, number: int) -> str:
    """Return a run's message; another one for every move, every state of the variable and every try."""
    again = f", try {number}" if number > 1 else ""
    return f"{REASON}{token} at {seal[:_SEAL_LETTERS]}{again}"
