"""Tell the customer by every channel of its own; a channel that fails hinders neither the verb nor another channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatepass.domain.errors import GatepassError
from gatepass.domain.notice import Notice
from gatepass.ports.notices import Notifier


@dataclass(frozen=True, slots=True)
class Untold:
    """A channel that did not take a notice, and why."""

    channel: str
    what: str
    why: str
    next_step: str

    @property
    def note(self) -> str:
        """The same in one line for people."""
        why = f" ({self.why})" if self.why else ""
        return f"not told by {self.channel}: {self.what}{why}; next: {self.next_step}"


def tell(notifiers: Iterable[Notifier], notice: Notice) -> tuple[Untold, ...]:
    """Send the notice by every channel, and return those that failed.

    It never raises for a channel: what the notice is about has happened, and stays as it is.
    """
    untold = []
    for notifier in notifiers:
        try:
            notifier.send(notice)
        except GatepassError as error:
            untold.append(Untold(notifier.channel, error.what, error.why, error.next_step))
    return tuple(untold)
