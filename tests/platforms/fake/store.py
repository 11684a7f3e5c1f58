"""The objects of a platform, kept in memory."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition, RLock
from typing import Any

Attributes = dict[str, Any]
_LETTERS = string.ascii_letters + string.digits
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Ref:
    """An object, by its type and id."""

    type: str
    id: str


@dataclass(slots=True, eq=False)
class Thing:
    """An object.

    Attributes:
        attributes: what the platform shows.
        relations: one object, several, or none.
        kept: what it knows and never shows, such as a sensitive value or a log.
    """

    type: str
    id: str
    attributes: Attributes
    relations: dict[str, Ref | list[Ref] | None] = field(default_factory=dict)
    kept: Attributes = field(default_factory=dict, repr=False)

    @property
    def ref(self) -> Ref:
        """Return it as others name it."""
        return Ref(self.type, self.id)

    def one(self, relation: str) -> Ref | None:
        """Return the single object of a relation."""
        found = self.relations.get(relation)
        return found if isinstance(found, Ref) else None

    def many(self, relation: str) -> list[Ref]:
        """Return the objects of a relation."""
        found = self.relations.get(relation)
        return list(found) if isinstance(found, list) else []

    def related(self, relation: str) -> list[Ref]:
        """Return the objects of a relation, however many it may have."""
        single = self.one(relation)
        return [single] if single else self.many(relation)


class Objects:
    """Every object; whoever changes one holds `changed`, and says so."""

    def __init__(self) -> None:
        self.changed = Condition(RLock())
        self._things: dict[str, dict[str, Thing]] = {}

    def __iter__(self) -> Iterator[Thing]:
        with self.changed:
            return iter([each for things in self._things.values() for each in things.values()])

    def all(self, kind: str) -> list[Thing]:
        """Return the objects of a type, oldest first."""
        with self.changed:
            return list(self._things.get(kind, {}).values())

    def get(self, kind: str, identity: str) -> Thing | None:
        """Return one object."""
        with self.changed:
            return self._things.get(kind, {}).get(identity)

    def of(self, ref: Ref) -> Thing:
        """Return the object that somebody names."""
        with self.changed:
            return self._things[ref.type][ref.id]

    def named(self, kind: str, name: str) -> Thing:
        """Return the one object of a type with a name."""
        (found,) = [each for each in self.all(kind) if each.attributes.get("name", each.attributes.get("key")) == name]
        return found

    def named_run(self, identity: str) -> Thing:
        """Return one run."""
        return self.of(Ref("runs", identity))

    def add(self, thing: Thing) -> Thing:
        """Keep an object."""
        with self.changed:
            self._things.setdefault(thing.type, {})[thing.id] = thing
            self.changed.notify_all()
        return thing

    def remove(self, thing: Thing) -> None:
        """Forget an object, and that others name it."""
        with self.changed:
            del self._things[thing.type][thing.id]
            for other in self:
                for name, found in other.relations.items():
                    if found == thing.ref:
                        other.relations[name] = None
                    elif isinstance(found, list):
                        other.relations[name] = [each for each in found if each != thing.ref]
            self.changed.notify_all()


def new_id(prefix: str) -> str:
    """Return an id that nobody has."""
    return f"{prefix}-{''.join(random.choices(_LETTERS, k=_ID_LENGTH))}"  # noqa: S311 - no secret


def instant() -> str:
    """Return the time as both platforms write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
