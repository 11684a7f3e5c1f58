"""Which subjects a filter leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from gatepass.domain.errors import InvalidInput

GRANTS = ("customer", "grant")


def chosen(subjects: Sequence[str], wanted: Mapping[str, str], parts: tuple[str, ...] = GRANTS) -> tuple[str, ...]:
    """Return the subjects such as ``acme-prod/support`` whose parts match the patterns; ``*`` and ``?`` are allowed.

    Args:
        subjects: all of them.
        wanted: patterns by the names of parts; without one every text matches.
        parts: what the parts of a subject are called, in order.

    Raises:
        InvalidInput: a pattern is for something else.
    """
    for part in wanted:
        if part not in parts:
            raise InvalidInput(
                f"nothing can be chosen by {part}",
                why=f"this kind of run is filtered by: {', '.join(parts)}",
                next_step=f"write for example: --filter '{parts[0]}=4444*'",
            )
    patterns = [wanted.get(part, "*") for part in parts]
    return tuple(subject for subject in subjects if all(map(fnmatchcase, subject.split("/", len(parts) - 1), patterns)))
