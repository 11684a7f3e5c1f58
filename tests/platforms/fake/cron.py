"""When a cron expression of five fields is due, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


def is_cron(text: str) -> bool:
    """Say whether it is an expression of five fields."""
    fields = text.split()
    try:
        return len(fields) == len(_BOUNDS) and all(map(_values, fields, _BOUNDS))
    except ValueError:
        return False


def is_due(text: str, at: datetime) -> bool:
    """Say whether it names this minute."""
    at = at.astimezone(UTC)
    minute, hour, day, month, weekday = map(_values, text.split(), _BOUNDS)
    is_weekday = at.isoweekday() in weekday or (at.isoweekday() == 7 and 0 in weekday)
    fields = text.split()
    # As cron has it: with both days named, either of them will do.
    is_day = at.day in day or is_weekday if "*" not in {fields[2], fields[4]} else at.day in day and is_weekday
    return at.minute in minute and at.hour in hour and at.month in month and is_day


def _values(field: str, bounds: tuple[int, int]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        read = _PART.fullmatch(part)
        if read is None:
            raise ValueError(part)
        low = int(read[1]) if read[1] else bounds[0]
        high = int(read[2]) if read[2] else bounds[1] if not read[1] or read[3] else low
        step = int(read[3]) if read[3] else 1
        if not bounds[0] <= low <= high <= bounds[1] or not step:
            raise ValueError(part)
        found.update(range(low, high + 1, step))
    return found
