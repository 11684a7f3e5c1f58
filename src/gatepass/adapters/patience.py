"""Waiting for a service that finishes later, or that is busy with what was asked before."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from gatepass.domain.errors import Conflict
from gatepass.ports.machine import Clock

# AWS's own sample made 1,200 assignments in an hour, so one takes seconds; beyond this something is wrong.
PATIENCE = timedelta(minutes=5)
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(seconds=10)
_BUSY = frozenset({"ConflictException", "ThrottlingException", "TooManyRequestsException"})

_Answer = TypeVar("_Answer")


class Patience:
    """What is waited for one thing: longer each time, never the same, and no longer than `PATIENCE` together."""

    def __init__(self, clock: Clock, subject: str) -> None:
        """Begin to count now."""
        self._clock = clock
        self._subject = subject
        self._until = clock.now() + PATIENCE
        self._pause = _SHORTEST

    def wait(self, why: str) -> None:
        """Wait a little.

        Raises:
            Conflict: it has been waited for long enough.
        """
        if self._clock.now() >= self._until:
            raise Conflict(
                f"Identity Center does not finish {self._subject}",
                why=f"{why}; it was waited for {int(PATIENCE.total_seconds() // 60)} minutes",
                next_step="run the command again in some minutes; it goes on from where it was",
            )
        # Half of it is chance, so that several who were refused together do not come back together.
        self._clock.sleep(self._pause * (0.5 + secrets.randbelow(1000) / 2000))
        self._pause = min(self._pause * 2, _LONGEST)

    def until_free(self, ask: Callable[[], _Answer]) -> _Answer:
        """Return the answer, asking again while AWS is still busy with what was asked before.

        Raises:
            ClientError: AWS refused it for another reason.
            Conflict: it stays busy.
        """
        while True:
            try:
                return ask()
            except ClientError as error:
                told = error.response.get("Error", {})
                if told.get("Code") not in _BUSY:
                    raise
                self.wait(f"{told.get('Code')}: {told.get('Message')}")

    def until_done(self, status: Mapping[str, Any], ask: Callable[[], Mapping[str, Any]]) -> None:
        """Ask for the status of a request until it has succeeded.

        Raises:
            Conflict: it failed, or does not finish.
        """
        while status["Status"] != "SUCCEEDED":
            if status["Status"] == "FAILED":
                raise Conflict(
                    f"Identity Center could not do {self._subject}",
                    why=str(status.get("FailureReason", "it tells no reason")),
                    next_step="mend what it names, then run the command again; it goes on from where it was",
                )
            self.wait("it is still in progress")
            status = ask()
