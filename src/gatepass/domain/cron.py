"""When something runs by the clock, in cron's five fields, UTC."""

from __future__ import annotations

import re

from gatepass.domain.errors import InvalidInput

# Field, and its least and greatest number; some read Sunday as 7 too, so 0 is asked for.
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))
_LONGEST_MONTH = dict.fromkeys(range(1, 13), 31) | {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_PART = re.compile(r"(\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/([0-9]{1,2}))?", re.ASCII)


def demand_cron(text: str) -> str:
    """Return the text with one space between its fields, if it says when something runs.

    Numbers, ``*``, lists, ranges and steps are taken: what every reader of cron reads in the same way.

    Raises:
        InvalidInput: it does not, or no calendar has such a day.
    """
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise _no_cron(text, f"it has {len(fields)} fields")
    days, months = [_numbers(text, *each) for each in zip(fields, _FIELDS, strict=True)][2:4]
    if fields[4] == "*" and all(min(days) > _LONGEST_MONTH[month] for month in months):
        raise _no_cron(text, "no calendar has that day")
    return " ".join(fields)


def _numbers(text: str, field: str, kind: tuple[str, int, int]) -> set[int]:
    """Return the numbers that the field stands for."""
    name, least, greatest = kind
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _no_cron(text, f"its {name} is not made of numbers, *, commas, hyphens and steps")
        ends = (least, greatest) if match[1] == "*" else tuple(int(number) for number in match[1].split("-"))
        first, last, step = ends[0], ends[-1], int(match[2] or 1)
        if match[2] is not None and len(ends) == 1:
            raise _no_cron(text, f"its {name} has a step from a single number")
        if not least <= first <= last <= greatest or step < 1:
            raise _no_cron(text, f"its {name} goes from {least} to {greatest}")
        found |= set(range(first, last + 1, step))
    return found


def _no_cron(text: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"{text!r} is no time in cron's way",
        why=f"{why}; cron has five fields: minute, hour, day, month, weekday, in UTC",
        next_step='write for example "0 3 * * *" for every night at three',
    )
