"""Objects as documents of JSON:API: shown, listed by pages, filtered, sorted and included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.fake.exchange import Answer, Problem, document
from tests.platforms.fake.kinds import Kind, Words
from tests.platforms.fake.store import Attributes, Objects, Ref, Thing

_PAGE, _LARGEST_PAGE = 20, 100
_FILTER = re.compile(r"filter(\[[^\]]+\])+")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every object that a platform shows, with its types.

    Attributes:
        links: what stands beside an object's attributes.
    """

    objects: Objects
    kinds: Mapping[str, Kind]
    words: Words
    links: Callable[[Thing], Attributes] = field(default=lambda _thing: {})

    def shown(self, thing: Thing, fields: frozenset[str] | None = None) -> Attributes:
        """Return an object as it is shown."""
        kind = self.kinds[thing.type]
        attributes = {
            name: None if known.is_secret else thing.attributes.get(name, known.default)
            for name, known in kind.attributes.items()
            if fields is None or name in fields
        }
        relations = {name: {"data": _identified(thing.relations.get(name, [] if known.is_many else None))}
                     for name, known in kind.relations.items()}  # fmt: skip
        shown = {"type": thing.type, "id": thing.id, "attributes": attributes, "relationships": relations}
        links = self.links(thing)
        return shown | {"links": links} if links else shown

    def one(self, thing: Thing, query: Mapping[str, str], status: int = 200) -> Answer:
        """Return the document of one object."""
        self._check(self.kinds[thing.type], query, {"include"})
        shown = self.shown(thing, self._fields(thing.type, query))
        return document({"data": shown} | self._included([thing], query), status)

    def page(self, kind: Kind, things: Iterable[Thing], query: Mapping[str, str], known: Iterable[str] = ()) -> Answer:
        """Return one page of a list.

        Args:
            kind: of what is listed.
            things: what may stand in the list.
            query: pages, filters, order.
            known: parameters that the caller reads itself.
        """
        self._check(kind, query, {"include", "sort", "query", "page[number]", "page[size]", *known}, filters=True)
        found = [each for each in things if self._fits(kind, each, query)]
        found = self._sorted(kind, found, query)
        number, size = _natural(query, "page[number]", 1), min(_natural(query, "page[size]", _PAGE), _LARGEST_PAGE)
        shown = found[(number - 1) * size : number * size]
        pages = max(-(-len(found) // size), 1)
        pagination = {
            "current-page": number,
            "page-size": size,
            "prev-page": number - 1 if number > 1 else None,
            "next-page": number + 1 if number < pages else None,
            "total-pages": pages,
            "total-count": len(found),
        }
        fields = self._fields(kind.type, query)
        tree = {"data": [self.shown(each, fields) for each in shown], "meta": {"pagination": pagination}}
        return document(tree | self._included(shown, query))

    def _check(self, kind: Kind, query: Mapping[str, str], known: set[str], *, filters: bool = False) -> None:
        for name in query:
            is_filter = bool(_FILTER.fullmatch(name)) and name.removeprefix("filter") in kind.filters and filters
            if not is_filter and name not in known and not name.startswith("fields["):
                raise self.words.wrong_parameter(name, f"{name} is not a parameter of this endpoint.")
        if "query" in query and not kind.searched:
            raise self.words.wrong_parameter("query", "query is not a parameter of this endpoint.")

    def _fits(self, kind: Kind, thing: Thing, query: Mapping[str, str]) -> bool:
        text = query.get("query", "").lower()
        searched = [str(thing.attributes.get(each) or "").lower() for each in kind.searched]
        if text and not any(text in each for each in [*searched, thing.id.lower()]):
            return False
        # What the caller filters by itself is no filter of the kind.
        known = {f"filter{name}": looked_at for name, looked_at in kind.filters.items()}
        wanted = {name: looked_at for name, looked_at in known.items() if name in query}
        return all(matches(query[name], self._seen(thing, looked_at)) for name, looked_at in wanted.items())

    def _seen(self, thing: Thing, looked_at: str) -> list[str]:
        if not looked_at:
            return [thing.id]
        first, _, rest = looked_at.partition(".")
        if first not in thing.relations:
            value = thing.attributes.get(first)
            return ["null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)]
        related = thing.related(first)
        if rest:
            return [text for each in related for text in self._seen(self.objects.of(each), rest)] or ["null"]
        return [each.id for each in related] or ["null"]

    def _sorted(self, kind: Kind, things: list[Thing], query: Mapping[str, str]) -> list[Thing]:
        for name in reversed(query.get("sort", "").split(",") if query.get("sort") else []):
            plain = name.removeprefix("-")
            if plain not in kind.sorts:
                raise self.words.wrong_parameter("sort", f"{plain} cannot be sorted by.")
            things = sorted(things, key=lambda each: str(each.attributes.get(plain) or ""), reverse=name[:1] == "-")
        return things

    def _included(self, things: list[Thing], query: Mapping[str, str]) -> Attributes:
        if not query.get("include"):
            return {}
        found: dict[Ref, Thing] = {}
        for path in query["include"].split(","):
            reached = things
            for name in path.replace("_", "-").split("."):
                if reached and all(name not in self.kinds[each.type].relations for each in reached):
                    raise self.words.wrong_parameter("include", f"{name} is not a relation.")
                reached = [self.objects.of(ref) for each in reached for ref in each.related(name)]
                found |= {each.ref: each for each in reached}
        return {"included": [self.shown(each, self._fields(each.type, query)) for each in found.values()]}

    @staticmethod
    def _fields(kind: str, query: Mapping[str, str]) -> frozenset[str] | None:
        text = query.get(f"fields[{kind}]")
        return frozenset(text.split(",")) if text is not None else None


def matches(wanted: str, seen: list[str]) -> bool:
    """Say whether a filter's value fits: a value, ``like:text``, ``in:one,other``, or ids parted by commas."""
    if wanted.startswith("like:"):
        return any(wanted.removeprefix("like:").lower() in each.lower() for each in seen)
    return any(each in wanted.removeprefix("in:").split(",") for each in seen) or wanted in seen


def problem_document(problem: Problem) -> Answer:
    """Return a refusal as both platforms write it."""
    told: Attributes = {"status": problem.shown_status, "title": problem.title}
    if problem.detail:
        told["detail"] = problem.detail
    source = {"pointer": problem.pointer, "parameter": problem.parameter}
    if any(source.values()):
        told["source"] = {key: value for key, value in source.items() if value}
    answer = document({"errors": [told]}, problem.status)
    return Answer(answer.status, answer.body, answer.content_type, problem.headers)


def _identified(refs: Ref | list[Ref] | None) -> Any:  # noqa: ANN401 - JSON
    if isinstance(refs, list):
        return [{"type": each.type, "id": each.id} for each in refs]
    return {"type": refs.type, "id": refs.id} if refs else None


def _natural(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Problem(400, "Invalid Query Parameter", f"{name} must be a number from 1.", parameter=name)
    return int(text)
