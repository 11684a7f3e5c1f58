"""Single values in the plain part of YAML: words, texts in quotes, and what stands in brackets on one line."""

from __future__ import annotations

import re

from gatepass.adapters.yaml_source import Bare, KeyPath, YamlSource

Position = tuple[int, int]

# A letter first: YAML reads only these words as something else than text.
_PLAIN = r"[^\W\d_][\w./@+=-]*(?::+[\w./@+=-]+)*(?: \w[\w./@+=-]*(?::+[\w./@+=-]+)*)*"
_MEANS_SOMETHING = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
# Digits with a letter that belongs to no way of writing a number, such as a customer key.
_DIGITS_WITH_LETTERS = r"[0-9][0-9A-Za-z]*[G-NP-WYZg-np-wyz][0-9A-Za-z]*"
_NUMBER = r"[1-9][0-9]{0,18}"
_QUOTED = r'"[^"\\\t]*"' + r"|'[^'\t]*'"
_ONE = rf"(?P<quoted>{_QUOTED})|(?P<text>{_PLAIN}|{_DIGITS_WITH_LETTERS})|(?P<number>{_NUMBER})"
_SCALAR = re.compile(rf"(?:{_ONE})(?: +#.*| *)")
_FLOW_SCALAR = re.compile(rf"(?:{_ONE})(?= *[,\]}}])")
_FLOW_KEY = re.compile(r'(\w[\w-]{0,127}|"[\w-]{1,126}"): +')
_SPACES = re.compile(r" *")
_AFTER_FLOW = re.compile(r"(?: +#.*| *)")
_DEEPEST = 5


class NotPlain(Exception):
    """Something stands here that only the full reader reads."""


def key_text(written: str) -> str:
    """Return the key without its quotes."""
    return written[1:-1] if written[0] == '"' else written


def quick_scalar(written: str) -> str | Bare:
    """Return the value of all that stands behind a key or a hyphen, a remark included.

    Raises:
        NotPlain: it is no plain word, number or text in quotes.
    """
    return _value(_SCALAR.fullmatch(written))


def flow_value(line: str, at: int, number: int, path: KeyPath, source: YamlSource) -> object:
    """Return what stands in brackets or braces from there to the end of the line, and note where each part stands.

    Args:
        line: the whole line.
        at: where the bracket opens, counted from 0.
        number: the line's number, counted from 1.
        path: what leads to the value.
        source: where places are noted.

    Raises:
        NotPlain: it goes on on the next line, or holds more than plain words, numbers and texts.
    """
    value, end = _flow(line, at, number, path, source)
    if not _AFTER_FLOW.fullmatch(line, end):
        raise NotPlain
    return value


def _value(match: re.Match[str] | None) -> str | Bare:
    if match is None:
        raise NotPlain
    text = match["text"]
    if text is not None:
        if text.lower() in _MEANS_SOMETHING:
            raise NotPlain
        return text
    quoted = match["quoted"]
    return quoted[1:-1] if quoted is not None else Bare(match["number"], "int")


def _flow(line: str, at: int, number: int, path: KeyPath, source: YamlSource) -> tuple[object, int]:
    """Return the value and where it ends."""
    if len(path) > _DEEPEST:
        raise NotPlain
    source.values[path] = (number, at + 1)
    listed: list[object] = []
    mapped: dict[str, object] = {}
    is_list = line[at] == "["
    closing = "]" if is_list else "}"
    at = _past_spaces(line, at + 1)
    while line[at : at + 1] != closing:
        if is_list:
            below: KeyPath = (*path, len(listed))
        else:
            key, at, below = _key(line, at, number, path, source)
            if key in mapped:
                raise NotPlain
        if line[at : at + 1] in ("[", "{"):
            value, at = _flow(line, at, number, below, source)
        else:
            match = _FLOW_SCALAR.match(line, at)
            value = _value(match)
            source.values[below] = (number, at + 1)
            at = match.end() if match is not None else at
        if is_list:
            listed.append(value)
        else:
            mapped[key] = value
        at = _past_spaces(line, at)
        if line[at : at + 1] == ",":
            at = _past_spaces(line, at + 1)
        elif line[at : at + 1] != closing:
            raise NotPlain
    return (listed if is_list else mapped), at + 1


def _key(line: str, at: int, number: int, path: KeyPath, source: YamlSource) -> tuple[str, int, KeyPath]:
    match = _FLOW_KEY.match(line, at)
    if match is None:
        raise NotPlain
    key = key_text(match[1])
    below = (*path, key)
    source.keys[below] = (number, at + 1)
    return key, match.end(), below


def _past_spaces(line: str, at: int) -> int:
    match = _SPACES.match(line, at)
    return match.end() if match is not None else at
