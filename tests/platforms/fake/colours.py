"""The escape codes that Terraform colours its words with."""

from __future__ import annotations

import re

_CODE = re.compile(r"\x1b\[[0-9;]*m")


def without_colours(text: str) -> str:
    """Return the words alone."""
    return _CODE.sub("", text)


def bold(text: str) -> str:
    """Return the words as Terraform writes its headings."""
    return f"\x1b[0m\x1b[1m{text}\x1b[0m"
