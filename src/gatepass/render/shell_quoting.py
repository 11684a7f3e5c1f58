"""Lines of each shell that set and unset variables, with every value quoted so that the shell runs none of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from gatepass.domain.errors import InvalidInput
from gatepass.domain.shell_environment import Changes

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)
# A line is read as a line by somebody on the way, and NUL ends a value in every shell.
_UNFIT = re.compile(r"[\0\r\n]")
# PowerShell takes typographic quotation marks for the plain one.
_POWERSHELL_QUOTE = re.compile("['\u2018\u2019\u201a\u201b]")


def quoted_for_posix(value: str) -> str:
    """Return the value as one word of bash, zsh or sh: nothing but a quotation mark ends a string in such marks.

    Raises:
        InvalidInput: it holds what no line can: a line break or NUL.
    """
    return "'" + _fit(value).replace("'", "'\\''") + "'"


def quoted_for_fish(value: str) -> str:
    """Return the value as one word of fish, where a backslash speaks inside quotation marks too.

    Raises:
        InvalidInput: it holds what no line can: a line break or NUL.
    """
    return "'" + _fit(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted_for_powershell(value: str) -> str:
    """Return the value as one string of PowerShell, where a doubled quotation mark is one.

    Raises:
        InvalidInput: it holds what no line can: a line break or NUL.
    """
    return "'" + _POWERSHELL_QUOTE.sub(lambda mark: mark[0] * 2, _fit(value)) + "'"


def environment_lines(shell: str, changes: Changes) -> str:
    """Return what the shell evaluates to make the changes, or raise before any of it is written.

    Raises:
        InvalidInput: a value holds what no line can.
    """
    setting, unsetting = _LINES[shell]
    lines = []
    for name, value in changes.items():
        # Every name is one of ours; a mistake in that must not become a command.
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a variable")
        lines.append(unsetting(name) if value is None else setting(name, value))
    return "".join(line + "\n" for line in lines)


def _fit(value: str) -> str:
    if _UNFIT.search(value):
        raise InvalidInput(
            "a variable of your environment cannot be handed to the shell",
            why="it holds a line break or a NUL; among them are your own AWS_ variables, which are kept for later",
            next_step="set your AWS_ variables anew, each in one line",
        )
    return value


def _fish_unset(name: str) -> str:
    # A universal variable belongs to every fish of the person: it is hidden here and not erased.
    return f"set -eg {name}; if set -qU {name}; set -gu {name}; end"


_LINES: dict[str, tuple[Callable[[str, str], str], Callable[[str], str]]] = {
    **dict.fromkeys(
        ("bash", "zsh"),
        (lambda name, value: f"export {name}={quoted_for_posix(value)}", lambda name: f"unset {name}"),
    ),
    "fish": (lambda name, value: f"set -gx {name} {quoted_for_fish(value)}", _fish_unset),
    "powershell": (
        lambda name, value: f"$env:{name} = {quoted_for_powershell(value)}",
        lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue",
    ),
}
SHELLS = tuple(_LINES)
