"""Single words of a register that are only text: customer keys and names to show."""

from __future__ import annotations

import re

from gatepass.domain.errors import InvalidInput

# Keys that Gatepass draws have 10 characters; a keyed digest in hexadecimal has up to 64.
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_LONGEST_COMPANY = 100


def demand_register_key(text: str) -> str:
    """Let only a customer key of the register pass, a keyed digest included, and return it.

    Raises:
        InvalidInput: it is none; the text is not repeated, it could be an external ID in the wrong place.
    """
    if not _KEY.fullmatch(text):
        raise InvalidInput(
            "that is not a customer key",
            why="a key has 8 to 64 letters, digits and hyphens; it is the middle part of an external ID, not all of it",
            next_step="copy the key from the offer, or let gatepass customers import draw one",
        )
    return text


def demand_shown(text: str, longest: int = _LONGEST_COMPANY) -> str:
    """Let only a name pass that can be shown on a line, such as a company's, and return it.

    Raises:
        InvalidInput: it is empty, too long, or holds what cannot be shown.
    """
    if not 1 <= len(text) <= longest or not text.isprintable() or text.strip() != text:
        raise InvalidInput(
            "this is no name to show",
            why=f"a name has 1 to {longest} printable characters, and no space at its ends",
            next_step="write it on one line",
        )
    return text
