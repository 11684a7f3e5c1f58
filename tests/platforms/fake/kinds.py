"""What a type of object may hold, and what may be written to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.fake.exchange import Problem
from tests.platforms.fake.store import Attributes, Objects, Ref


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute.

    Attributes:
        kind: its type in Python; an object has `parts`.
        default: what stands where nobody wrote it.
        choices: the values of an enumeration.
        pattern: what a text must look like.
        is_secret: taken, and shown as null.
        is_fixed: taken when the object is made, and not changed afterwards.
    """

    kind: type = str
    default: object = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    is_required: bool = False
    is_written: bool = True
    is_secret: bool = False
    is_fixed: bool = False
    parts: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation to objects of a type."""

    type: str
    is_many: bool = False
    is_required: bool = False
    is_written: bool = True
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of objects.

    Attributes:
        title: as error messages call it.
        filters: the parameters ``filter[...]``, each with the relation or attribute it looks at; ``""`` is the id.
        searched: the attributes that ``query`` looks into; none where there is no such parameter.
        sorts: what ``sort`` may name.
    """

    type: str
    prefix: str
    title: str
    attributes: Mapping[str, Attribute]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    searched: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """How a platform titles its refusals."""

    attribute: str
    relation: str
    parameter: str

    def wrong(self, name: str, detail: str) -> Problem:
        """Refuse an attribute."""
        return Problem(422, self.attribute, detail, pointer=f"/data/attributes/{name}")

    def wrong_relation(self, name: str, detail: str, status: int = 422) -> Problem:
        """Refuse a relation."""
        return Problem(status, self.relation, detail, pointer=f"/data/relationships/{name}")

    def wrong_parameter(self, name: str, detail: str) -> Problem:
        """Refuse a parameter of the query."""
        return Problem(400, self.parameter, detail, parameter=name)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes to an object, checked."""

    attributes: Attributes
    relations: dict[str, Ref | list[Ref] | None]


def read_draft(kind: Kind, tree: object, words: Words, objects: Objects, *, is_new: bool) -> Draft:
    """Return what a document writes.

    Raises:
        Problem: it is not as documented; nothing unknown is read over.
    """
    data = tree.get("data") if isinstance(tree, dict) else None
    if not isinstance(data, dict) or data.get("type") != kind.type:
        raise Problem(422, "Invalid Document", f"data.type must be {kind.type!r}.", pointer="/data/type")
    for key in data.keys() - {"type", "id", "attributes", "relationships"}:
        raise Problem(422, "Invalid Document", f"{key!r} has no place here.", pointer=f"/data/{key}")
    attributes = _attributes(kind, data.get("attributes") or {}, words, is_new=is_new)
    relations = _relations(kind, data.get("relationships") or {}, words, objects, is_new=is_new)
    return Draft(attributes, relations)


def _attributes(kind: Kind, given: Attributes, words: Words, *, is_new: bool) -> Attributes:
    for name, value in given.items():
        known = kind.attributes.get(name)
        if known is None or not known.is_written:
            raise words.wrong(name, f"{name} is not an attribute that can be written.")
        if known.is_fixed and not is_new:
            raise words.wrong(name, f"{name} cannot be changed.")
        _check(name, known, value, words)
    if not is_new:
        return dict(given)
    for name, known in kind.attributes.items():
        if known.is_required and given.get(name) in {None, ""}:
            raise words.wrong(name, f"{name.capitalize()} cannot be empty.")
    return {name: known.default for name, known in kind.attributes.items()} | given


def _check(name: str, known: Attribute, value: Any, words: Words) -> None:  # noqa: ANN401 - JSON
    if value is None and not known.is_required:
        return
    if not isinstance(value, known.kind) or (known.kind is int and isinstance(value, bool)):
        raise words.wrong(name, f"{name} must be {known.kind.__name__}.")
    if known.choices and value not in known.choices:
        raise words.wrong(name, f"{name} must be one of {', '.join(known.choices)}.")
    if known.is_required and isinstance(value, str) and not value.strip():
        raise words.wrong(name, f"{name.capitalize()} cannot be empty.")
    if known.pattern and not re.fullmatch(known.pattern, str(value)):
        raise words.wrong(name, f"{name} does not look like {known.pattern}.")
    if known.parts and isinstance(value, dict):
        for part, each in value.items():
            if part not in known.parts:
                raise words.wrong(f"{name}/{part}", f"{part} is not an attribute that can be written.")
            _check(f"{name}/{part}", known.parts[part], each, words)


def _relations(
    kind: Kind, given: Attributes, words: Words, objects: Objects, *, is_new: bool
) -> dict[str, Ref | list[Ref] | None]:
    read: dict[str, Ref | list[Ref] | None] = {}
    for name, value in given.items():
        known = kind.relations.get(name)
        if known is None or not known.is_written or (known.is_fixed and not is_new):
            raise words.wrong_relation(name, f"{name} is not a relation that can be written.")
        if not isinstance(value, dict) or "data" not in value:
            raise words.wrong_relation(name, "data is missing.")
        read[name] = _linked(name, known, value["data"], words, objects)
    if is_new:
        for name, known in kind.relations.items():
            if known.is_required and not read.get(name):
                raise words.wrong_relation(name, f"{name} is required.")
            read.setdefault(name, [] if known.is_many else None)
    return read


def _linked(name: str, known: Relation, data: object, words: Words, objects: Objects) -> Ref | list[Ref] | None:
    if data is None and not known.is_many and not known.is_required:
        return None
    if known.is_many != isinstance(data, list):
        raise words.wrong_relation(name, f"data must be {'a list' if known.is_many else 'one object'}.")
    refs = [ref_of(name, known.type, each, words, objects) for each in (data if isinstance(data, list) else [data])]
    return refs if known.is_many else refs[0]


def ref_of(name: str, kind: str, data: object, words: Words, objects: Objects) -> Ref:
    """Return the object that a resource identifier names.

    Raises:
        Problem: it is not of that type, or not there.
    """
    if not isinstance(data, dict) or data.get("type") != kind or not isinstance(data.get("id"), str):
        raise words.wrong_relation(name, f"type must be {kind!r}, and there must be an id.")
    if objects.get(kind, data["id"]) is None:
        title = kind.removesuffix("s").replace("-", " ").capitalize()
        raise words.wrong_relation(name, f"{title} with ID '{data['id']}' not found or user unauthorized.", 404)
    return Ref(kind, data["id"])
