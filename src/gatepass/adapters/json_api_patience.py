"""How often a platform that is busy or gone is asked again, and how long is waited in between."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from gatepass.ports.machine import Clock

MOST_ATTEMPTS = 6
# Of all that is waited for one request; the platforms' own limits last a second.
LONGEST_WAIT = timedelta(seconds=90)
_FIRST, _LONGEST = timedelta(seconds=0.5), timedelta(seconds=15)
# So that several who were told the same instant do not come back together.
_SCATTER = timedelta(seconds=0.5)


class Attempts:
    """The attempts at one request."""

    def __init__(self, clock: Clock) -> None:
        """Begin to count now."""
        self._clock = clock
        self._until = clock.now() + LONGEST_WAIT
        self.made = 0

    def wait(self, retry_after: str = "") -> bool:
        """Wait until the next attempt, and say whether there is one.

        Args:
            retry_after: what the platform says in the header of that name: seconds, or a date.
        """
        self.made += 1
        if self.made >= MOST_ATTEMPTS:
            return False
        told = _told(retry_after, self._clock.now())
        pause = told + _chance(_SCATTER) if told is not None else _chance(min(_FIRST * 2**self.made, _LONGEST))
        if self._clock.now() + pause > self._until:
            return False
        self._clock.sleep(pause)
        return True


def _told(retry_after: str, now: datetime) -> timedelta | None:
    text = retry_after.strip()
    if not text:
        return None
    try:
        # Beyond the budget it is all one.
        return min(timedelta(seconds=max(min(float(text), 1e6), 0)), 2 * LONGEST_WAIT)
    except ValueError:
        pass
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return max(aware - now, timedelta())


def _chance(longest: timedelta) -> timedelta:
    return longest * (secrets.randbelow(1001) / 1000)
