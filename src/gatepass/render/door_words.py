"""A door's facts in few words, for tables."""

from __future__ import annotations

from datetime import datetime

from gatepass.domain.doors import DoorState, RoleDoor
from gatepass.domain.findings import Severity
from gatepass.domain.role import DIRECT_ENGINE

# IAM User Guide, "Refine permissions in AWS using last accessed information": the tracking period.
LOOKS_BACK_DAYS = 400


def day_and_time(instant: datetime) -> str:
    """Return an instant to the minute, in UTC."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def who_words(door: RoleDoor) -> tuple[str, ...]:
    """Return who can enter; whoever is named and cannot is told so."""
    texts = []
    for entrant in door.entrants:
        text = entrant.words
        if entrant.principals:
            text += ", only " + ", ".join(entrant.principals)
        if door.state.lets_in and door.state is not DoorState.NOT_READ and not entrant.gets_in:
            text += " (named, does not get in)"
        texts.append(text)
    return tuple(texts) or (f"nobody; made for {door.made_for.words}" if door.made_for else "nobody",)


def state_words(door: RoleDoor) -> str:
    """Return whether somebody gets in, and whose switch says so."""
    return f"{door.state.value} (grant {door.grant})" if door.grant is not None else door.state.value


def role_words(door: RoleDoor) -> str:
    """Return the role's name, and what keeps it where that is another engine."""
    return door.name if door.engine in (None, DIRECT_ENGINE) else f"{door.name} ({door.engine})"


def last_use_words(door: RoleDoor, at: datetime) -> str:
    """Return when the role was last used, seen from an instant."""
    if door.last_used is None:
        return "not told"
    if door.last_used.at is None:
        age = (at - door.created).days if door.created is not None else None
        if age is not None and age < LOOKS_BACK_DAYS:
            return f"never; made {_ago(age)}"
        return f"not in {LOOKS_BACK_DAYS} days"
    region = f", {door.last_used.region}" if door.last_used.region else ""
    return f"{_ago((at - door.last_used.at).days)} ({door.last_used.at:%Y-%m-%d}{region})"


def end_words(door: RoleDoor) -> str:
    """Return when the door closes by itself."""
    times = door.times
    if door.state in (DoorState.CLOSED, DoorState.SHUT):
        return "-"
    if door.state is DoorState.NOT_READ or not times.is_sure:
        return "not known"
    if times.ends is None:
        return "never"
    if door.state is DoorState.OVER:
        return f"ended {day_and_time(times.ends)}"
    begin = f"opens {day_and_time(times.begin)}, ends " if times.begin is not None else ""
    return f"{begin}{day_and_time(times.ends)}"


def session_end_words(door: RoleDoor) -> str | None:
    """Return what becomes of live sessions at the end, or None where there is no end to speak of."""
    times = door.times
    if times.ends is None or door.state in (DoorState.OVER, DoorState.NOT_READ):
        return None
    if times.sessions_end is None:
        return "sessions that begin before run on until they expire"
    if times.end is None:
        return "the door stays open, and every right ends then"
    if times.sessions_end <= times.end:
        return "live sessions end with it"
    return f"live sessions end {day_and_time(times.sessions_end)}"


def count_words(door: RoleDoor) -> str:
    """Return how many findings of each weight there are."""
    counts = [(sum(each.severity is severity for each in door.findings), severity) for severity in Severity]
    return ", ".join(f"{count} {severity.value}" for count, severity in counts if count) or "none"


def _ago(days: int) -> str:
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"
