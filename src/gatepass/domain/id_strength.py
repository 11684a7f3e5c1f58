"""How hard an external ID is to guess, judged by its form; the ID itself is never repeated."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from enum import Enum

from gatepass.domain.identifiers import ExternalId


class IdStrength(Enum):
    """What the form of an external ID tells, from the best to the worst."""

    OURS = "Gatepass's own, 128 random bits"
    LONG = "chosen by others, long enough"
    SHORT = "chosen by others, short or guessable"
    WORD = "words or numbers that others can know"
    PATTERN = "anything that fits a pattern"


# As Gatepass draws it: 26 letters of 5 bits each.
_OUR_CODE = re.compile(r"[0-9A-Z]{26,}", re.ASCII)
# An English word, a name in CamelCase, an acronym, a year or a version: what people make IDs of.
_PLAIN_WORD = re.compile(r"(?:[a-z]+|[A-Z]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*)[0-9]{0,4}|[0-9]{1,6}", re.ASCII)
# Letters that no word has side by side, or so many of: such a text was drawn by lot.
_UNSPOKEN = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|(?:.*[jqxz]){3}", re.ASCII | re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_ACCOUNT_NUMBER = re.compile(r"[0-9]{12}", re.ASCII)
_PARTS = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_SHORTEST_RANDOM_WORD = 16
# Below this many bits, somebody with many accounts and much time could try.
_ENOUGH_BITS = 64
_FEWEST_DIFFERENT = 6
_ALPHABETS = (
    (re.compile(r"[0-9]+", re.ASCII), 10),
    (re.compile(r"[0-9a-f]+|[0-9A-F]+", re.ASCII), 16),
    (re.compile(r"[0-9a-z]+|[0-9A-Z]+", re.ASCII), 36),
)
_ALL_LETTERS_AND_DIGITS = 62


def strength_of(external_id: ExternalId, telling: Collection[str] = ()) -> IdStrength:
    """Judge an external ID.

    Args:
        external_id: the ID.
        telling: words that others know too: names of accounts and roles; account numbers tell by themselves.
    """
    text = external_id.reveal()
    code = text.rpartition(".")[2]
    if external_id.customer_key is not None and _OUR_CODE.fullmatch(code) and len(set(code)) >= _FEWEST_DIFFERENT:
        return IdStrength.OURS
    if _UUID.search(text) and len(set(text)) >= _FEWEST_DIFFERENT:
        return IdStrength.LONG
    known = {word.lower() for word in telling if word}
    parts = [part for part in _PARTS.findall(text) if part.lower() not in known and not _is_plain(part)]
    if text.lower() in known or not parts:
        return IdStrength.WORD
    return IdStrength.LONG if sum(_bits(part) for part in parts) >= _ENOUGH_BITS else IdStrength.SHORT


def weakest(found: Collection[IdStrength]) -> IdStrength | None:
    """Return the worst of several, for who knows that one gets in."""
    order = list(IdStrength)
    return max(found, key=order.index, default=None)


def _is_plain(part: str) -> bool:
    if _ACCOUNT_NUMBER.fullmatch(part):
        return True
    if len(part) >= _SHORTEST_RANDOM_WORD and _UNSPOKEN.search(part):
        return False
    return _PLAIN_WORD.fullmatch(part) is not None


def _bits(part: str) -> float:
    """Return how many bits the part would carry, had it been drawn by lot from its alphabet."""
    if len(set(part.lower())) < min(_FEWEST_DIFFERENT, len(part)):
        return 0.0
    alphabet = next((size for form, size in _ALPHABETS if form.fullmatch(part)), _ALL_LETTERS_AND_DIGITS)
    return len(part) * math.log2(alphabet)
