"""Dates and times as policies write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# https://www.w3.org/TR/NOTE-datetime, where AWS's documentation points; a time without a zone is in UTC.
_W3C = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[Tt](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d{1,9})?)?"
    r"(?P<zone>[Zz]|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_EPOCH_SECONDS = re.compile(r"\d{1,18}(?:\.\d{1,9})?", re.ASCII)


def instant(text: str) -> Decimal | None:
    """Return the seconds since 1970 that a date stands for, or ``None`` when it is not a date.

    Four digits are a year; any other number counts seconds since 1970.
    """
    match = _W3C.fullmatch(text)
    if match is None:
        return Decimal(text) if _EPOCH_SECONDS.fullmatch(text) else None
    try:
        moment = datetime(
            int(match["year"]),
            int(match["month"] or 1),
            int(match["day"] or 1),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // (_EPOCH.resolution * 1_000_000)
    return Decimal(seconds) + Decimal(match["fraction"] or 0) - _offset_seconds(match["zone"] or "Z")


def _offset_seconds(zone: str) -> int:
    if zone in ("Z", "z"):
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
