"""Single words of the files that one side hands to the other: ids, instants and durations."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26,40}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,4})([hm])", re.ASCII)


def is_file_id(text: str) -> bool:
    """Say whether the text is an id as Gatepass draws them: at least 128 random bits."""
    return _ID.fullmatch(text) is not None


def read_instant(value: object) -> datetime | None:
    """Return the instant of text such as 2026-11-22T08:00:00Z, or None of anything else."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def read_duration(value: object) -> timedelta | None:
    """Return the duration of text such as 4h or 90m, or None of anything else."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return int(match[1]) * (timedelta(hours=1) if match[2] == "h" else timedelta(minutes=1))


def duration_text(duration: timedelta) -> str:
    """Return the duration as people type it: in hours where that is exact, else in minutes."""
    minutes = duration // timedelta(minutes=1)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
