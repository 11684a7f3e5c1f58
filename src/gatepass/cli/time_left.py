"""How long something lasts, in words."""

from __future__ import annotations

from datetime import datetime, timedelta


def expiry_words(end: datetime, now: datetime) -> str:
    """Return how long it is until the end, or that it is over."""
    left = end - now
    if left <= timedelta():
        return "EXPIRED"
    minutes = left // timedelta(minutes=1)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
