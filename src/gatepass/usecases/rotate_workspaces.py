"""Do the same with many workspaces, some at a time; one that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, TypeVar

from gatepass.domain.errors import GatepassError

_Result = TypeVar("_Result")

# So many workspaces are worked on at once, if nobody says otherwise.
USUAL_IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class WorkspaceResult(Generic[_Result]):
    """What came of one workspace.

    Attributes:
        subject: which, as it was named, such as a file.
        done: what was done; None when it failed.
        error: why it failed; None when it did not.
    """

    subject: str
    done: _Result | None = None
    error: GatepassError | None = None


def each_workspace(
    subjects: Sequence[str], work: Callable[[str], _Result], max_in_flight: int = USUAL_IN_FLIGHT
) -> Iterator[WorkspaceResult[_Result]]:
    """Do the work for every subject and yield what came of it, as each is done.

    Args:
        subjects: names; one that is named twice is worked on once.
        work: loads and rotates one, in a thread of its own.
        max_in_flight: how many at once.

    Raises:
        Exception: what nobody foresaw, once all the others are done and told.
    """
    unforeseen: list[BaseException] = []
    with ThreadPoolExecutor(max(1, max_in_flight), thread_name_prefix="workspace") as pool:
        futures: dict[Future[_Result], str] = {pool.submit(work, each): each for each in dict.fromkeys(subjects)}
        for future in as_completed(futures):
            error = future.exception()
            if error is None:
                yield WorkspaceResult(futures[future], future.result())
            elif isinstance(error, GatepassError):
                yield WorkspaceResult(futures[future], error=error)
            else:
                unforeseen.append(error)
    if unforeseen:
        raise unforeseen[0]
