"""One line of a plan, led by a sign: + for more, - for less, ~ for other, ! for left; colour only repeats it."""

from __future__ import annotations

import click

_COLOURS = {"+": "green", "-": "red", "~": "yellow", "!": "yellow"}


def signed_line(sign: str, text: str) -> str:
    """Return the line; a sign that has no colour of its own stays plain."""
    return f"{click.style(sign, fg=_COLOURS.get(sign))} {text}"
