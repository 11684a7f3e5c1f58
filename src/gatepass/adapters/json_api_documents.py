"""Documents of JSON:API: what a platform answers, and what is sent to it (https://jsonapi.org/format/)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Ref:
    """Which object is meant."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One object of a platform.

    Attributes:
        attributes: as they came; some hold an external ID.
        relations: the objects that it is related to; none where only a link to them came.
        links: what it is linked to besides.
    """

    type: str
    id: str
    attributes: Mapping[str, object] = field(default_factory=dict, repr=False)
    relations: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict, repr=False)
    links: Mapping[str, object] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """Return a text attribute; empty where it has none."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        """Return whether an attribute is true."""
        return self.attributes.get(name) is True

    def part(self, name: str) -> Mapping[str, object]:
        """Return an attribute that has parts; empty where it has none."""
        value = self.attributes.get(name)
        return value if isinstance(value, dict) else {}

    def related(self, name: str) -> str:
        """Return the id of the one object of that relation; empty where there is none."""
        found = self.relations.get(name, ())
        return found[0].id if found else ""


@dataclass(frozen=True, slots=True)
class Document:
    """One answer.

    Attributes:
        data: the objects that were asked for.
        included: the objects that came with them.
        next_page: the number of the page that follows; None on the last.
    """

    data: tuple[Resource, ...]
    included: Mapping[Ref, Resource]
    next_page: int | None

    def names_of(self, refs: Sequence[Ref]) -> frozenset[str]:
        """Return the names of those objects, as far as they came too."""
        return frozenset(self.included[ref].text("name") for ref in refs if ref in self.included)


def read_document(body: bytes) -> Document:
    """Return what a platform answered.

    Raises:
        ValueError: it is no document of JSON:API; nothing of it is in the error.
    """
    tree = read_tree(body)
    data = tree.get("data")
    if "data" not in tree or not isinstance(data, dict | list | None):
        raise ValueError("it has no data")
    found = [_resource(each) for each in (data if isinstance(data, list) else [data] if data is not None else [])]
    others = tree.get("included")
    included = [_resource(each) for each in others] if isinstance(others, list) else []
    return Document(tuple(found), {Ref(each.type, each.id): each for each in included}, _next_page(tree))


def read_tree(body: bytes) -> dict[str, Any]:
    """Return the object that a body holds.

    Raises:
        ValueError: it is no JSON, or no object; nothing of it is in the error.
    """
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - it is the text that is wrong
    return tree


def new_document(
    kind: str,
    attributes: Mapping[str, object],
    relations: Mapping[str, Ref | Sequence[Ref]] | None = None,
    resource_id: str = "",
) -> dict[str, object]:
    """Return the document that makes an object, or with its id changes one."""
    data: dict[str, object] = {"type": kind, "attributes": dict(attributes)}
    if resource_id:
        data["id"] = resource_id
    if relations:
        data["relationships"] = {name: {"data": _linkage(refs)} for name, refs in relations.items()}
    return {"data": data}


def quoted(identity: str) -> str:
    """Return a name or an id as a part of a path."""
    return quote(identity, safe="")


def _linkage(refs: Ref | Sequence[Ref]) -> object:
    if isinstance(refs, Ref):
        return {"type": refs.type, "id": refs.id}
    return [{"type": each.type, "id": each.id} for each in refs]


def _resource(tree: object) -> Resource:
    if not isinstance(tree, dict) or not isinstance(tree.get("type"), str):
        raise ValueError("an object has no type")  # noqa: TRY004 - it is the text that is wrong
    attributes, relations, links = (tree.get(name) for name in ("attributes", "relationships", "links"))
    return Resource(
        tree["type"],
        str(tree.get("id", "")),
        attributes if isinstance(attributes, dict) else {},
        {name: _refs(each) for name, each in relations.items()} if isinstance(relations, dict) else {},
        links if isinstance(links, dict) else {},
    )


def _refs(relation: object) -> tuple[Ref, ...]:
    data = relation.get("data") if isinstance(relation, dict) else None
    given = data if isinstance(data, list) else [data]
    return tuple(Ref(str(each.get("type", "")), str(each.get("id", ""))) for each in given if isinstance(each, dict))


def _next_page(tree: Mapping[str, Any]) -> int | None:
    meta = tree.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    number = pagination.get("next-page") if isinstance(pagination, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
