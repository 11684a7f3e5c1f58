"""The segment of a shell's prompt that says whose account this is, and for how long.

It is drawn before each command line, so nothing is imported for it.
"""

from __future__ import annotations

# How each shell is told that characters take no room on the line.
_WRAPPED = {"bash": ("\\[", "\\]"), "zsh": ("%{", "%}")}
SHELLS = ("plain", "bash", "zsh", "fish", "powershell", "starship")
_LEAVING_SOON = 5 * 60
_SIDE, _GREEN, _ORANGE, _RED, _END = "1;35", "32", "38;5;208", "1;31", "0"
# Whatever a shell could take for more than text is left out: values come from the environment and from files.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@=+,/")
_LONGEST = 100


def customer_segment(  # noqa: PLR0913, PLR0917 - each is shown, or says how
    way: str, role: str, region: str, ends_at: float | None, now: float, shell: str, *, colour: bool
) -> str:
    """Return the segment inside a customer's account.

    Args:
        way: what the register calls it, such as ``acme-prod/support``; empty for a role that no register knows.
        role: the role's ARN.
        region: where AWS's tools work; empty when nobody chose.
        ends_at: when the session ends, in seconds since 1970; None when that cannot be read.
        now: the same clock, now.
        shell: for whose prompt.
        colour: whether to add colours to the words.
    """
    account = (role.split(":") + [""] * 5)[4]
    left = 0.0 if ends_at is None else ends_at - now
    shown = [_painted("customer", _SIDE, shell, colour=colour)]
    shown += filter(None, map(_plain, (way.strip("/") or role.rpartition("/")[2], account, region)))
    tint = _RED if left <= 0 else _ORANGE if left <= _LEAVING_SOON else _GREEN
    return " ".join([*shown, _painted(_time_left(left), tint, shell, colour=colour)])


def _time_left(seconds: float) -> str:
    if seconds <= 0:
        return "EXPIRED"
    minutes = int(seconds) // 60
    return f"{minutes // 60}h{minutes % 60:02}m" if minutes >= 60 else f"{minutes}m" if minutes else "<1m"


def _painted(word: str, tint: str, shell: str, *, colour: bool) -> str:
    if not colour or shell == "plain":
        return word
    before, after = _WRAPPED.get(shell, ("", ""))
    return f"{before}\x1b[{tint}m{after}{word}{before}\x1b[{_END}m{after}"


def _plain(text: str) -> str:
    return "".join(character for character in text[:_LONGEST] if character in _PLAIN)
