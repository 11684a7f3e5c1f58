"""Text that people write for others to read: one line that a terminal and a page show as it is."""

from __future__ import annotations

import re
import unicodedata

from gatepass.domain.errors import InvalidInput

# Some scripts put up to four marks on a letter; more of them reach into the lines around.
_MARKS_ON_MARKS = re.compile(r"M{5}", re.ASCII)


def demand_line(text: str, name: str, longest: int) -> None:
    """Let only text pass that a terminal shows as it is: one line, no invisible or turning characters.

    Raises:
        InvalidInput: empty, too long, or with a character that does not show; the text is not repeated.
    """
    if not text.strip() or text != text.strip():
        raise _unshowable(name, "it is empty, or has spaces around it")
    if len(text) > longest:
        raise _unshowable(name, f"it has {len(text)} characters, and at most {longest} are read with care")
    # Python calls control, format (bidi overrides, zero width), private and unassigned characters not printable.
    hidden = next((character for character in text if not character.isprintable()), None)
    if hidden is not None:
        raise _unshowable(name, f"it holds the character U+{ord(hidden):04X}, which a terminal does not show as it is")
    if _MARKS_ON_MARKS.search("".join(unicodedata.category(character)[0] for character in text)):
        raise _unshowable(name, "it piles up marks that would cover other lines")


def _unshowable(name: str, why: str) -> InvalidInput:
    return InvalidInput(f"the {name} cannot be shown", why=why, next_step="write it as one plain line")
