"""Begin a run of a workspace that was set up, or go on with one of ours that is under way."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.domain.errors import Conflict
from gatepass.domain.platform_run import Run
from gatepass.ports.orchestrators import OurWorkspace
from gatepass.usecases.door_records import door_records
from gatepass.usecases.move_door import MovingDesk, finish_move, interrupted_moves
from gatepass.usecases.watch_run import REASON

_WORD_BITS = 80
_VERB = "run"


def run_workspace(desk: MovingDesk, began: Callable[[Run], None] = lambda _: None) -> Run:
    """Return a run that brought everything into AWS that was to be there when it began.

    Doors that were begun or moved and are not in AWS yet are brought there first: their records say so, and the same
    run is found again after an interruption. Otherwise a run of ours that is under way is waited for, or a new one
    begins.

    Args:
        desk: the workspace; its ``watch`` waits.
        began: is told which run it is before it is waited for.

    Raises:
        NotThere: the workspace was not set up.
        Conflict: it is not ours or locked, or the run was stopped or waits for a person's word.
        RunFailed: Terraform failed.
        GatepassError: the platform or the store said no, or did not answer; the same command goes on.
    """
    ended = None
    for token, grants in interrupted_moves(door_records(desk.declaration, desk.store)).items():
        ended = finish_move(token, grants, desk).run
    if ended is not None:
        return ended
    run = begin_run(desk.platform.our_workspace(desk.setup), desk)
    began(run)
    return run if run.is_over else desk.watch(run)


def begin_run(at: OurWorkspace, desk: MovingDesk, *, dry: bool = False) -> Run:
    """Return a run of ours that is under way, or a new one; nobody waits for it.

    Raises:
        Conflict: the workspace is locked.
        GatepassError: the platform said no, or did not answer.
    """
    demand_unlocked(at, desk)
    kind = "look" if dry else _VERB
    latest = desk.platform.latest_run(at.workspace)
    if latest is not None and not latest.is_over and latest.reason.startswith(f"{REASON}{kind}-"):
        return latest
    reason = f"{REASON}{kind}-{desk.randomness.word(_WORD_BITS)}"
    return desk.platform.start_run(at.workspace, reason, dry=dry)


def demand_unlocked(at: OurWorkspace, desk: MovingDesk) -> None:
    """Let only a workspace pass in which runs may begin.

    Raises:
        Conflict: it is locked.
    """
    if at.is_locked:
        raise Conflict(
            f"the workspace {desk.setup.workspace} is locked",
            why="somebody keeps runs from beginning there",
            next_step=f"ask who locked it: {desk.platform.title} shows the name; unlock it, then do it again",
        )
