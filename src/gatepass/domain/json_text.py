"""JSON as people hand it in: read strictly, and never repeated in an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NoReturn

from gatepass.domain.errors import InvalidInput

# A name that is safe to repeat in an error: no external ID of ours looks like an element or an operator.
_PLAIN_NAME = re.compile(r"[A-Za-z:]{1,40}", re.ASCII)


def quoted(name: str) -> str:
    """Return a name from a document for an error, or nothing where it could be an external ID in the wrong place."""
    return f" {name}" if _PLAIN_NAME.fullmatch(name) else ""


def read_json(text: str, number: Callable[[str], object] | None = None) -> object:
    """Read JSON in which no key is given twice: readers keep the last of two, so the first would silently not count.

    Args:
        text: the document.
        number: makes the value of a number from its text; by default what Python makes of it.

    Raises:
        InvalidInput: not JSON, a key given twice, or nested too deeply; no value of the text is in the error.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_unique_keys, parse_int=number, parse_float=number, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        # str(error) says no more than this, but error.doc holds the document and its external IDs.
        problem = f"not JSON at line {error.lineno} column {error.colno}: {error.msg}"
    except RecursionError:
        problem = "the document is nested too deeply"
    raise _unreadable(problem)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for key, value in pairs:
        if key in tree:
            raise _unreadable(f"the key{quoted(key)} is given twice")
        tree[key] = value
    return tree


def _refuse_constant(_name: str) -> NoReturn:
    raise _unreadable("NaN and Infinity are not JSON")


def _unreadable(problem: str) -> InvalidInput:
    return InvalidInput(problem, why="the document is not JSON that says one thing", next_step="mend it at that place")
