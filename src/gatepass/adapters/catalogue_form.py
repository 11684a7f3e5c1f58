"""What an entry of the catalogue may say, and what is wrong with one that says something else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gatepass.adapters.item_paths import ItemPath
from gatepass.domain.errors import InvalidInput
from gatepass.domain.listing import DETAILED

Trouble = tuple[str, str, str]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}", re.ASCII)
# A list only looks; an entry that calls anything else is a mistake at best.
_LOOKS = ("list_", "describe_", "get_", "search_", "lookup_", "batch_get_")

_Shape = str | dict[str, Any]
_FORM: dict[str, _Shape] = {
    "action": "text",
    "service": "text",
    "operation": "operation",
    "items": "path",
    "columns": "paths",
    "detailed": "paths",
    "sort": "texts",
    "type": "text",
    "global": "truth",
    "parameters": "table",
    "token": "text",
    "for_each": {"entry": "text", "with": "paths", "carry": "paths"},
    "describe": {
        "action": "text",
        "operation": "operation",
        "items": "path",
        "many": "text",
        "one": "text",
        "id": "path",
        "batch": "count",
        "keep": "texts",
        "detailed": "truth",
    },
    "explode": {"path": "path", "carry": "paths"},
    "join": {"entry": "text", "on": "text", "key": "text"},
    "enrich": "paths",
    "pairs": "truth",
    "hide": "texts",
    "none_is_empty": "truth",
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "": ("action", "service", "operation", "items", "columns"),
    "for_each": ("entry", "with"),
    "describe": ("action", "operation", "items"),
    "explode": ("path",),
    "join": ("entry", "on", "key"),
}
_SHAPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "text": (str, 'a text in quotes: "..."'),
    "operation": (str, "a text in quotes"),
    "path": (str, "a JMESPath in quotes"),
    "paths": (dict, 'names with JMESPaths: { Name = "Name" }'),
    "texts": ((str, list), 'a text or a list of texts: ["...", "..."]'),
    "truth": (bool, "true or false"),
    "count": (int, "a number"),
    "table": (dict, "names with values: { Scope = ... }"),
}


def known_columns(table: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return an entry's columns and its further ones, each with its path."""
    return dict(table["columns"]), dict(table.get("detailed", {}))


def entry_problems(name: str, tables: Mapping[str, Any]) -> Iterator[Trouble]:
    """Yield what is wrong with an entry: what, why, and what to do."""
    table = tables[name]
    if not isinstance(table, dict):
        yield "is no table", "each entry has a heading of its own", "write [name] above its keys"
        return
    if not _NAME.fullmatch(name) or name.endswith(DETAILED):
        yield (
            "is no name for an entry",
            f"names have small letters, digits and hyphens, and {DETAILED} is added by Gatepass",
            "give it another name, such as our-buckets",
        )
    problems = list(_problems(table, _FORM, ""))
    yield from problems
    if not problems:
        yield from _sort_problems(table)
        yield from _describe_problems(table)
        yield from _entry_chain_problems(name, tables)


def _problems(table: Mapping[str, Any], form: Mapping[str, _Shape], within: str) -> Iterator[Trouble]:
    prefix = f"{within}." if within else ""
    for key in _NEEDED.get(within, ()):
        if key not in table:
            yield f"lacks {prefix}{key}", "nothing can be listed without", f"add {prefix}{key}"
    for key, value in table.items():
        shape = form.get(key)
        if shape is None:
            near = difflib.get_close_matches(key, form, n=2)
            guess = f"did you mean {' or '.join(near)}?" if near else f"use only: {', '.join(form)}"
            yield f"has an unknown key: {prefix}{key}", "an unread key would be a wish that nobody hears", guess
        elif isinstance(shape, dict):
            if isinstance(value, dict):
                yield from _problems(value, shape, key)
            else:
                yield f"{key} is no table", "it has keys of its own", f"write {key} = {{ ... }}"
        else:
            yield from _value_problems(f"{prefix}{key}", value, shape)


def _value_problems(key: str, value: object, shape: str) -> Iterator[Trouble]:
    kind, words = _SHAPES[shape]
    if not isinstance(value, kind) or (isinstance(value, bool) and shape != "truth"):
        yield f"{key} is of the wrong kind", "it was read as something else", f"write {words}"
    elif isinstance(value, list) and not all(isinstance(each, str) for each in value):
        yield f"{key} is of the wrong kind", "every part of it is a text", f"write {words}"
    elif shape == "operation" and not str(value).startswith(_LOOKS):
        yield (
            f"{key} would do more than look: {value}",
            f"an operation of the catalogue begins with {', '.join(_LOOKS)}",
            "name boto3's method, such as describe_instances",
        )
    elif shape == "path":
        yield from _path_problems(key, value)
    elif shape == "paths" and isinstance(value, dict):
        if not value:
            yield f"{key} is empty", "it names nothing", "name at least one"
        for part, path in value.items():
            yield from _path_problems(f"{key}.{part}", path)


def _path_problems(key: str, path: object) -> Iterator[Trouble]:
    if not isinstance(path, str):
        yield f"{key} is of the wrong kind", "it was read as something else", 'write a JMESPath in quotes: "..."'
        return
    try:
        ItemPath(path)
    except InvalidInput as error:
        yield f"{key}: {error.what}", error.why, error.next_step


def _sort_problems(table: Mapping[str, Any]) -> Iterator[Trouble]:
    columns = {column for group in known_columns(table) for column in group}
    sort = table.get("sort", [])
    for column in [sort] if isinstance(sort, str) else sort:
        if column.removeprefix("-") not in columns:
            yield f"sorts by {column}", "it has no such column", f"use one of: {', '.join(columns)}"


def _describe_problems(table: Mapping[str, Any]) -> Iterator[Trouble]:
    describe = table.get("describe")
    if describe is None:
        return
    if ("many" in describe) == ("one" in describe):
        yield (
            "describe names not exactly one of many and one",
            "the operation takes its IDs either in batches or one at a time",
            "name the parameter that takes them: many or one",
        )
    if describe.get("batch", 1) < 1:
        yield "describe.batch is no size", "a batch has at least one ID", "leave it out for batches of 10"
    given = set(table.get("for_each", {}).get("with", {}))
    for parameter in set(describe.get("keep", ())) - given:
        yield f"describe.keep has {parameter}", "for_each.with does not give it", "keep only what for_each.with gives"


def _entry_chain_problems(name: str, tables: Mapping[str, Any]) -> Iterator[Trouble]:
    """Yield what is wrong with the entries that this one asks first."""
    for step, other in _asked_first(tables[name]):
        if other not in tables:
            yield f"{step} names {other}", "there is no such entry", "name an entry of the catalogue"
        elif other == name or name in _all_asked_first(other, tables):
            yield f"{step} leads back to {name}", "it would never end", "begin from another entry"


def _all_asked_first(name: str, tables: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    open_ends = [name]
    while open_ends:
        for _, other in _asked_first(tables.get(open_ends.pop())):
            if other not in found:
                found.add(other)
                open_ends.append(other)
    return found


def _asked_first(table: object) -> Iterator[tuple[str, str]]:
    for step in ("for_each", "join"):
        part = table.get(step) if isinstance(table, dict) else None
        if isinstance(part, dict):
            yield step, str(part.get("entry", ""))
