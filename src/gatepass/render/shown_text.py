"""Texts that others wrote, made safe to look at."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def shown(text: str) -> str:
    """Return the text with a mark for each character that is not seen: it could move a cursor or turn what is read."""
    return "".join(_REPLACEMENT if unicodedata.category(each).startswith("C") else each for each in text)
