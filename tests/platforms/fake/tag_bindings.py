"""HCP Terraform's tags: keys with values, bound to projects and workspaces."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.platforms.fake.exchange import Answer, Problem, document
from tests.platforms.fake.store import Attributes, Thing, instant

_KEY = re.compile(r"(?!hc:|hcp:)[\w.=+\-@:]{1,128}")
_VALUE = re.compile(r"[\w.=+\-@:]{0,256}")
_MOST = 10
EFFECTIVE = "effective-tag-bindings"
_INCLUDED = "effective_tag_bindings"
_TAGGED = re.compile(r"filter\[tagged\]\[(\d+)\]\[(key|value)\]")


def read_bindings(tree: object) -> tuple[Any, dict[str, str] | None]:
    """Part the tag bindings from a document; None where it has none.

    Raises:
        Problem: they are not as documented.
    """
    rest = copy.deepcopy(tree)
    data = rest.get("data") if isinstance(rest, dict) else None
    relations = data.get("relationships") if isinstance(data, dict) else None
    if not isinstance(relations, dict) or "tag-bindings" not in relations:
        return rest, None
    given = relations.pop("tag-bindings")
    return rest, checked_bindings(given.get("data") if isinstance(given, dict) else None)


def checked_bindings(given: object) -> dict[str, str]:
    """Return a list of bindings as keys with values.

    Raises:
        Problem: they are not as documented.
    """
    if not isinstance(given, list):
        raise _wrong("data must be a list of tag bindings.")
    found: dict[str, str] = {}
    for each in given:
        attributes = each.get("attributes") if isinstance(each, dict) and each.get("type") == "tag-bindings" else None
        if not isinstance(attributes, dict) or attributes.keys() - {"key", "value"} or "key" not in attributes:
            raise _wrong("a tag binding has the type tag-bindings, a key and a value.")
        key, value = str(attributes["key"]), str(attributes.get("value") or "")
        if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
            raise _wrong(f"{key} is not a tag that can be bound.")
        found[key] = value
    if len(found) > _MOST:
        raise _wrong(f"at most {_MOST} tags can be bound.")
    return found


def bound_tags(thing: Thing) -> dict[str, str]:
    """Return what is bound to it."""
    found: dict[str, str] = thing.kept.get("tags", {})
    return found


def shown_bindings(thing: Thing, kind: str, above: Thing | None = None) -> list[Attributes]:
    """Return what is bound to it as it is shown.

    Args:
        thing: a workspace or a project.
        kind: ``tag-bindings``, or ``effective-tag-bindings`` for those that it inherits too.
        above: the project it inherits from.
    """
    shown = [_shown(thing, kind, key, value) for key, value in bound_tags(thing).items()]
    if above is None or kind != EFFECTIVE:
        return shown
    links = {"links": {"inherited-from": f"/api/v2/projects/{above.id}"}}
    inherited = {key: value for key, value in bound_tags(above).items() if key not in bound_tags(thing)}
    return shown + [_shown(thing, kind, key, value) | links for key, value in inherited.items()]


def without_tags(query: Mapping[str, str]) -> Mapping[str, str]:
    """Return a query that does not ask for tags to be included."""
    rest = [each for each in query.get("include", "").split(",") if each and each != _INCLUDED]
    return {name: value for name, value in query.items() if name != "include"} | (
        {"include": ",".join(rest)} if rest else {}
    )


def with_tags(answer: Answer, query: Mapping[str, str], bindings: Callable[[str], list[Attributes]]) -> Answer:
    """Add tags to a document, where the query asks for them.

    Its API reference does not name this; its client go-tfe has it among the options of workspaces and projects.

    Args:
        answer: the document without them.
        query: with or without ``include=effective_tag_bindings``.
        bindings: returns those of an object by its id.
    """
    if _INCLUDED not in query.get("include", "").split(","):
        return answer
    tree = json.loads(answer.body)
    included = tree.setdefault("included", [])
    for each in tree["data"] if isinstance(tree["data"], list) else [tree["data"]]:
        found = bindings(each["id"])
        each["relationships"][EFFECTIVE] = {"data": [{"type": tag["type"], "id": tag["id"]} for tag in found]}
        included += found
    return document(tree, answer.status)


def tagged(things: Iterable[Thing], query: Mapping[str, str]) -> list[Thing]:
    """Return those that carry every tag of ``filter[tagged][i][key]`` and ``[value]``."""
    wanted: dict[str, dict[str, str]] = {}
    for name, value in query.items():
        found = _TAGGED.fullmatch(name)
        if found:
            wanted.setdefault(found[1], {})[found[2]] = value
    return [
        each
        for each in things
        if all(
            pair.get("key") in bound_tags(each)
            and bound_tags(each)[pair["key"]] == pair.get("value", bound_tags(each)[pair["key"]])
            for pair in wanted.values()
        )
    ]


def _shown(thing: Thing, kind: str, key: str, value: str) -> Attributes:
    mark = hashlib.sha256(f"{thing.id} {key} {value}".encode()).hexdigest()[:16]
    return {"type": kind, "id": f"tb-{mark}", "attributes": {"key": key, "value": value, "created-at": instant()}}


def _wrong(detail: str) -> Problem:
    return Problem(422, "invalid relation", detail, pointer="/data/relationships/tag-bindings")
