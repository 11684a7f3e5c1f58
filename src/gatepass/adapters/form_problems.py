"""What pydantic finds wrong in a file that people write, in our own words and with its place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from gatepass.adapters.yaml_source import KeyPath, YamlSource
from gatepass.domain.errors import InvalidInput, Problem

_TYPE_MESSAGES = {
    "missing": ("{key} is missing", "the file cannot be understood without it", "add {key}:"),
    "list_type": ("{key} is not a list", "it may hold several entries", "write it in brackets: [..., ...]"),
    "dict_type": ("{key} is not a mapping", "it holds keys with values", "write its keys below it, indented"),
    "model_type": ("{key} is not a mapping", "it holds keys with values", "write its keys below it, indented"),
    "too_short": ("{key} is empty", "there is nothing in it", "add an entry, or leave {key} out if it may be"),
}


@dataclass(frozen=True, slots=True)
class FormWords:
    """How one kind of file tells its mistakes.

    Attributes:
        known_keys: the keys that may stand where the path leads.
        unread: why a key that nobody knows is a mistake.
        schema: the command that prints the form.
        entries: what is told at its name and not at its first key: paths of this length below these keys.
    """

    known_keys: Callable[[KeyPath], Iterable[str]]
    unread: str
    schema: str
    entries: tuple[str, ...]


def form_problems(
    source: YamlSource, details: Iterable[ErrorDetails], words: FormWords, above: KeyPath = ()
) -> Iterator[Problem]:
    """Yield each mistake with its place.

    Args:
        source: the file.
        details: what pydantic found.
        words: how it is told.
        above: what leads to the part of the file that pydantic was given.
    """
    for detail in details:
        yield _problem(source, detail, words, (*above, *(part for part in detail["loc"] if part != "[key]")))


def _problem(source: YamlSource, detail: ErrorDetails, words: FormWords, path: KeyPath) -> Problem:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInput):
        is_of_key = "[key]" in detail["loc"] or (len(path) == 2 and path[0] in words.entries)
        return Problem(path, cause.what, cause.why, cause.next_step, source.place(path, of_key=is_of_key))
    key = str(path[-1]) if path else "the file"
    if detail["type"] == "extra_forbidden":
        known = sorted(words.known_keys(path))
        near = difflib.get_close_matches(key, known, n=1)
        next_step = (f"did you mean {near[0]}? " if near else "") + "use only: " + ", ".join(known)
        return Problem(path, f"unknown key: {key}", words.unread, next_step, source.place(path, of_key=True))
    what, why, next_step = _TYPE_MESSAGES.get(
        detail["type"], (f"{key}: {detail['msg']}", "its form is fixed", f"see: {words.schema}")
    )
    return Problem(path, what.format(key=key), why, next_step.format(key=key), source.place(path))
