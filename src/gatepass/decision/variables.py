"""Policy variables: text with ``${...}`` in it, filled in from a request's context."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

Values = Mapping[str, tuple[str, ...]]


class Wildcard(Enum):
    """A character of a pattern that stands for others."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of a context key, or a default where the request has none."""

    key: str
    default: str | None


Part = str | Wildcard | Variable
ResolvedPart = str | Wildcard

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"(?P<key>[^,]*),\s*'(?P<default>[^']*)'\s*")
# ${*}, ${?} and ${$} are the characters themselves.
_ESCAPED = frozenset("*?$")


def parse_parts(text: str, *, variables: bool, wildcards: bool) -> tuple[Part, ...]:
    """Split a policy's text into literal text, wildcards and variables.

    The 2008 language has no variables: there ``${aws:username}`` is text.
    """
    if not variables:
        return _literal_parts(text, wildcards=wildcards)
    parts: list[Part] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        parts.extend(_literal_parts(text[end : match.start()], wildcards=wildcards))
        parts.append(_variable(match[1]))
        end = match.end()
    parts.extend(_literal_parts(text[end:], wildcards=wildcards))
    return tuple(parts)


def _literal_parts(text: str, *, wildcards: bool) -> tuple[Part, ...]:
    if not wildcards:
        return (text,) if text else ()
    split = re.split(r"([*?])", text)
    return tuple(Wildcard(each) if each in ("*", "?") else each for each in split if each)


def _variable(content: str) -> Part:
    if content in _ESCAPED:
        return content
    with_default = _DEFAULT.fullmatch(content)
    if with_default:
        return Variable(with_default["key"].strip().lower(), with_default["default"])
    return Variable(content.strip().lower(), None)


def is_static(parts: Sequence[Part]) -> bool:
    """Tell whether parts hold no variable, so that a pattern of them can be compiled once."""
    return not any(isinstance(part, Variable) for part in parts)


def resolve(parts: Sequence[Part], values: Values) -> tuple[ResolvedPart, ...] | None:
    """Fill in the variables; a value is literal text, whatever characters it has.

    Returns ``None`` when a variable has no value: AWS then takes the whole text for null, which equals nothing. A key
    with several values cannot be a variable.
    """
    resolved: list[ResolvedPart] = []
    for part in parts:
        if not isinstance(part, Variable):
            resolved.append(part)
            continue
        found = values.get(part.key, ())
        if len(found) > 1:
            return None
        text = (found[0] if found else "") or part.default
        if not text:
            return None
        resolved.append(text)
    return tuple(resolved)
