"""Find names by a few of their letters: which match, and which of them was likely meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

# How well a word stands in a name, best first: all of it, its beginning, a part's beginning, inside, letters apart.
_WHOLE, _BEGINS, _BEGINS_PART, _INSIDE, _SCATTERED = range(5)
_PARTS_BEGIN = "-/ ."
_Rank = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What a few letters find.

    Attributes:
        names: the best matches, best first.
        count: how many names match at all.
    """

    names: tuple[str, ...]
    count: int


def found_by(letters: str, names: Sequence[str], recent: Mapping[str, int], most: int) -> Found:
    """Return the names in which each word's letters stand in this order, without regard to capitals.

    Args:
        letters: what was typed; words apart may stand anywhere. Nothing typed finds everything.
        names: what to choose from.
        recent: how long ago each was used, 0 for the last; one that is used goes before its equals.
        most: no more than these are ranked and returned.
    """
    words = letters.lower().split()
    never = len(recent)
    if not words:
        first = nsmallest(most, ((recent.get(name, never), name) for name in names))
        return Found(tuple(name for _, name in first), len(names))
    sought = [(word, re.compile(_scattered(word))) for word in words]
    matching = [(rank, name) for name in names if (rank := _rank_of_all(sought, name)) is not None]
    best = nsmallest(most, matching, key=lambda each: (each[0][0], recent.get(each[1], never), each[0][1], each[1]))
    return Found(tuple(name for _, name in best), len(matching))


def places_in(letters: str, name: str) -> frozenset[int]:
    """Return the positions in the name that the letters found, for showing them."""
    found: set[int] = set()
    lowered = name.lower()
    for word in letters.lower().split():
        start = _start(word, lowered)
        if start >= 0:
            found.update(range(start, start + len(word)))
            continue
        scattered = re.search(_scattered(word), lowered)
        if scattered is not None:
            found.update(scattered.start(place) for place in range(1, len(word) + 1))
    return frozenset(found)


def _rank_of_all(sought: Sequence[tuple[str, re.Pattern[str]]], name: str) -> _Rank | None:
    lowered = name.lower()
    worst, length = 0, len(lowered)
    for word, scattered in sought:
        rank = _rank(word, scattered, lowered)
        if rank is None:
            return None
        worst, length = max(worst, rank[0]), length + rank[1]
    return worst, length


def _rank(word: str, apart: re.Pattern[str], name: str) -> _Rank | None:
    """Return how well the word stands in the name, and how far its letters lie apart; None when it does not."""
    start = _start(word, name)
    if start >= 0:
        if start == 0:
            return (_WHOLE if len(word) == len(name) else _BEGINS), 0
        return (_BEGINS_PART if name[start - 1] in _PARTS_BEGIN else _INSIDE), start
    scattered = apart.search(name)
    return (_SCATTERED, scattered.end() - scattered.start()) if scattered is not None else None


def _start(word: str, name: str) -> int:
    """Return where the word stands whole, best at the beginning of a part; -1 when it does not."""
    inside = name.find(word)
    if inside <= 0:
        return inside
    for sign in _PARTS_BEGIN:
        at = name.find(sign + word)
        if at >= 0:
            return at + 1
    return inside


def _scattered(word: str) -> str:
    # Each letter's first place after the one before: nothing is tried twice.
    letters = [re.escape(each) for each in word]
    return f"({letters[0]})" + "".join(f"[^{each}]*({each})" for each in letters[1:])
