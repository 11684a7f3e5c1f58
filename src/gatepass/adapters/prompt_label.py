"""What a prompt is made of: the session in the environment, or the label that ``sudo`` left for this terminal.

It is looked at before each command line, so it is read with next to no imports, and nobody is asked.
"""

from __future__ import annotations

import os

from gatepass.adapters.terminal import this_terminal
from gatepass.adapters.warm_answers import mark, own_files, read_own, short_name

# customer/grant, role's ARN, end of the session in seconds since 1970
Place = tuple[str, str, float | None]


def place_here() -> Place | None:
    """Return in which customer's account one is; None in one's own."""
    environment = os.environ
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    if key_id and key_id == environment.get("GATEPASS_ACCESS_KEY_ID"):
        way = f"{environment.get('GATEPASS_CUSTOMER', '')}/{environment.get('GATEPASS_GRANT', '')}"
        ends_at = seconds_of(environment.get("AWS_SESSION_EXPIRATION", ""))
        return way, environment.get("GATEPASS_ROLE", ""), ends_at
    # Where a shell follows into sessions, its environment alone tells: its other tools see nothing else.
    if "GATEPASS_STACK" in environment:
        return None
    lines = (read_own(label_path(os.path.dirname(own_files()[0]))) or "").split("\n")
    if len(lines) != 6 or lines[0] != _own_word() or lines[1] != _loaded_mark():
        return None
    return lines[2], lines[3], float(lines[4]) if lines[4].isdigit() else None


def label_path(state_folder: str) -> str:
    """Return where the label of this terminal lies."""
    return f"{state_folder}/terminals/{short_name(this_terminal())}.label"


def label_text(way: str, role: str, ends_at: float) -> str:
    """Return what the label of this terminal says while the session is the current one."""
    return "\n".join([_own_word(), _loaded_mark(), way, role, str(int(ends_at)), ""])


def seconds_of(instant: str) -> float | None:
    """Return an instant such as 2026-11-22T08:00:00Z in seconds since 1970, or None of anything else."""
    date, _, time = instant.removesuffix("Z").removesuffix("+00:00").partition("T")
    try:
        year, month, day = map(int, date.split("-"))
        hour, minute, second = map(int, time.split(":"))
    except ValueError:
        return None
    # Days since 1970-03-01 in years that begin in March, so that the leap day is the last.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 719_469
    return ((days * 24.0 + hour) * 60 + minute) * 60 + second


def _own_word() -> str:
    """Return which credentials of the person's own the environment names, if any: others are another's place."""
    environment = os.environ
    key_id, profile = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_PROFILE")
    return key_id or (f"profile {profile}" if profile else "")


def _loaded_mark() -> str:
    """Return what changes with the loaded credentials, where these are the ones in use."""
    return "" if _own_word() else mark(own_files()[0])
