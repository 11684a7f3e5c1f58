"""What a test lets go wrong, and which requests it hits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from threading import Lock


class Fault(Enum):
    """What goes wrong with a request."""

    TOO_MANY = "429, before anything is done"
    ERROR_BEFORE = "500, before anything is done"
    ERROR_AFTER = "500, although it is done"
    LOST = "the connection closes, although it is done"
    LOST_BEFORE = "the connection closes, and nothing is done"
    SLOW = "the answer comes late"
    TOKEN_EXPIRED = "401"
    FORBIDDEN = "403 in Scalr; HCP Terraform says 404"
    INVISIBLE = "404, as for what the token may not see"
    LOCKED = "409, as for a locked workspace"


@dataclass(slots=True)
class Staged:
    """A fault that waits for its requests.

    Attributes:
        path: a pattern that the whole path after the base fits, such as ``/vars/.*``.
        after: how many matching requests pass first.
        times: how many of those that follow are hit.
        seconds: how late an answer comes, or after how long to ask again.
    """

    fault: Fault
    method: str
    path: re.Pattern[str]
    after: int
    times: int
    seconds: float
    hit: int = 0


class Faults:
    """Every staged fault."""

    def __init__(self) -> None:
        self._lock, self._staged = Lock(), list[Staged]()

    def stage(self, staged: Staged) -> Staged:
        """Let something go wrong."""
        with self._lock:
            self._staged.append(staged)
        return staged

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._staged.clear()

    def hitting(self, method: str, path: str) -> list[Staged]:
        """Return the faults that hit this request, and count it."""
        with self._lock:
            return [each for each in self._staged if _hits(each, method, path)]


def _hits(staged: Staged, method: str, path: str) -> bool:
    if staged.method not in {"*", method} or not staged.path.fullmatch(path):
        return False
    if staged.after:
        staged.after -= 1
        return False
    if staged.hit == staged.times:
        return False
    staged.hit += 1
    return True
