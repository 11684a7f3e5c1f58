"""The event log: what CloudTrail would have recorded."""

from __future__ import annotations

from collections import deque

MOST_EVENTS = 20_000

Event = dict[str, object]


class EventLog:
    """The latest events, oldest first, each in the form of a CloudTrail record.

    As in CloudTrail, an external ID stands in the parameters of AssumeRole, and no key or token stands anywhere.
    """

    def __init__(self, events: list[Event] | None = None) -> None:
        self._events: deque[Event] = deque(events or (), maxlen=MOST_EVENTS)

    def add(self, event: Event) -> None:
        """Add the latest event."""
        self._events.append(event)

    def all(self) -> list[Event]:
        """Return every event, oldest first."""
        return list(self._events)
