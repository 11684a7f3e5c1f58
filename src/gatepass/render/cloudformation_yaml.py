"""A template as the YAML that people review: short tags for functions, quotes only where they are needed."""

# Plain dictionaries, lists and texts only, so that a thousand grants are written in a moment: a library that keeps
# comments and anchors takes a hundred times as long.

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# Nothing that any YAML reads as something else than this text.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9 _./+=@*(),:;-]*", re.ASCII)
_OTHER_THAN_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_FUNCTION = "Fn::"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
# What reads best on one line.
_COMPARISONS = ("!Equals", "!Not")
_LONGEST_FLOW = 100


def yaml_text(template: object) -> str:
    """Return the template as YAML."""
    return "\n".join(_block(template, 0)) + "\n"


def _block(value: object, depth: int) -> Iterator[str]:
    """Yield the lines of a mapping or a list, indented."""
    indent = "  " * depth
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{indent}{_scalar(str(key))}:", inner, depth)
    elif isinstance(value, list):
        for inner in value:
            yield from _item(inner, depth)
    else:
        yield indent + _scalar(value)


def _entry(head: str, value: object, depth: int) -> Iterator[str]:
    """Yield what stands behind a key."""
    tag, inner = _tagged(value)
    if tag in _COMPARISONS and len(flow := _flow(value)) <= _LONGEST_FLOW:
        yield f"{head} {flow}"
        return
    start = f"{head} {tag}" if tag else head
    if isinstance(inner, dict | list) and inner:
        yield start
        yield from _block(inner, depth + 1)
    else:
        yield f"{start} {_inline(inner)}"


def _item(value: object, depth: int) -> Iterator[str]:
    """Yield one item of a list: the first line of a mapping stands behind the dash."""
    indent = "  " * depth
    tag, inner = _tagged(value)
    if tag or not isinstance(inner, dict | list) or not inner:
        yield from _entry(f"{indent}-", value, depth)
        return
    first, *rest = _block(inner, depth + 1)
    yield f"{indent}- {first[len(indent) + 2 :]}"
    yield from rest


def _tagged(value: object) -> tuple[str, object]:
    """Return the short tag of a function and what it is applied to."""
    if not isinstance(value, dict) or len(value) != 1:
        return "", value
    ((name, argument),) = value.items()
    if name == "Ref":
        return "!Ref", argument
    if name == "Condition" and isinstance(argument, str):
        return "!Condition", argument
    if name == "Fn::GetAtt" and isinstance(argument, list):
        return "!GetAtt", ".".join(argument)
    if name.startswith(_FUNCTION):
        return f"!{name.removeprefix(_FUNCTION)}", argument
    return "", value


def _flow(value: object) -> str:
    """Return a comparison on one line."""
    tag, inner = _tagged(value)
    if isinstance(inner, list):
        listed = f"[{', '.join(_flow(each) for each in inner)}]"
        return f"{tag} {listed}" if tag else listed
    is_word = isinstance(inner, str) and _WORD.fullmatch(inner) and inner.lower() not in _OTHER_THAN_TEXT
    text = str(inner) if is_word else json.dumps(inner, ensure_ascii=False)
    return f"{tag} {text}" if tag else text


def _inline(value: object) -> str:
    if value == {}:
        return "{}"
    return "[]" if value == [] else _scalar(value)


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = (
        _PLAIN.fullmatch(value)
        and ": " not in value
        and value[-1] not in ": "
        and value.lower() not in _OTHER_THAN_TEXT
    )
    return value if is_plain else json.dumps(value, ensure_ascii=False)
