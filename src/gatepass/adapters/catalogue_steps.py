"""How an entry of the catalogue becomes items: list, describe, explode, join, enrich."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from gatepass.adapters.aws_calls import Call, Calls
from gatepass.adapters.catalogue import Describe, Entry, ForEach
from gatepass.adapters.item_paths import ItemPath
from gatepass.domain.errors import AccessRefused, CredentialsRefused, NotThere
from gatepass.domain.listing import Gap

Item = dict[str, Any]
Answer = TypeVar("Answer")

# After so many refusals in a row, and nothing but refusals, the next thousand would be refused too.
_GIVE_UP_AFTER = 5


@dataclass(frozen=True, slots=True)
class _Group:
    """What one call listed, the parameters that ``for_each`` gave it, and what it carries into each item."""

    items: list[Item]
    given: Mapping[str, Any] = field(default_factory=dict)
    carried: Mapping[str, Any] = field(default_factory=dict)


class Steps:
    """The steps of one listing in one Region.

    Attributes:
        gaps: what AWS refused in the middle.
    """

    def __init__(self, calls: Calls, entries: Mapping[str, Entry], today: date) -> None:
        self._calls = calls
        self._entries = entries
        self._today = today
        self.gaps: list[Gap] = []

    def items(self, entry: Entry, *, detailed: bool) -> list[Item]:
        """Return every item of the entry.

        Raises:
            AccessRefused: AWS said no to all of it.
        """
        groups = self._listed(entry)
        if entry.describe and (detailed or not entry.describe.only_detailed):
            groups = self._described(entry.describe, entry.kind.service, groups)
        items = [item for group in groups for item in group.items]
        if entry.explode:
            path, carry = ItemPath(entry.explode.path), _paths(entry.explode.carry)
            items = [
                {**_item(part), **{key: from_item.of(item) for key, from_item in carry.items()}}
                for item in items
                for part in path.of(item) or ()
            ]
        if entry.join:
            other = self.items(self._entries[entry.join.entry], detailed=False)
            by_key = {each.get(entry.join.on): each for each in other}
            items = [{**item, entry.join.key: by_key.get(item.get(entry.join.on))} for item in items]
        return [_enriched(item, _paths(entry.enrich)) for item in items] if entry.enrich else items

    def _listed(self, entry: Entry) -> list[_Group]:
        if entry.for_each is None:
            return [_Group(self._found(entry, {}))]
        parents = [item for group in self._listed(self._entries[entry.for_each.entry]) for item in group.items]
        return list(self._of_parents(entry, entry.for_each, parents))

    def _of_parents(self, entry: Entry, for_each: ForEach, parents: Sequence[Item]) -> Iterator[_Group]:
        wanted, carry = _paths(for_each.parameters), _paths(for_each.carry)

        def one(parent: Item) -> _Group:
            given = {name: path.of(parent) for name, path in wanted.items()}
            carried = {key: path.of(parent) for key, path in carry.items()}
            return _Group([{**item, **carried} for item in self._found(entry, given)], given, carried)

        for _, group in self._tolerant(parents, one, name=lambda parent: next(iter(wanted.values())).of(parent)):
            if group is not None:
                yield group

    def _found(self, entry: Entry, given: Mapping[str, Any]) -> list[Item]:
        parameters = {**_resolved(entry.parameters, self._today), **given}
        call = Call(entry.action, entry.kind.service, entry.operation, parameters, entry.token)
        path = ItemPath(entry.items)
        try:
            found = [path.of(page) for page in self._calls.pages(call)]
        except NotThere:
            # Deleted since its parent was listed, or never made.
            if entry.none_is_empty or given:
                return []
            raise
        if entry.is_pairs:
            return [{"Key": key, "Value": value} for page in found for key, value in (page or {}).items()]
        return [_item(each) for page in found for each in page or () if each is not None]

    def _described(self, describe: Describe, service: str, groups: Sequence[_Group]) -> list[_Group]:
        return [
            _Group(list(self._described_group(describe, service, group)), group.given, group.carried)
            for group in groups
        ]

    def _described_group(self, describe: Describe, service: str, group: _Group) -> Iterator[Item]:
        kept = {name: group.given[name] for name in describe.keep}
        id_of, path = ItemPath(describe.id), ItemPath(describe.items)

        def answer(ids: object) -> list[Any]:
            call = Call(describe.action, service, describe.operation, {**kept, describe.parameter: ids})
            return [found for page in self._calls.pages(call) for found in _listed_in(path.of(page))]

        if describe.batch is not None:
            ids = [id_of.of(item) for item in group.items]
            for start in range(0, len(ids), describe.batch):
                some = answer(ids[start : start + describe.batch])
                yield from ({**_item(each), **group.carried} for each in some)
            return
        for item, found in self._tolerant(group.items, lambda item: answer(id_of.of(item)), name=id_of.of):
            yield {**item, **(_item(found[0]) if found else {})}

    def _tolerant(
        self, items: Iterable[Item], ask: Callable[[Item], Answer], *, name: Callable[[Item], object]
    ) -> Iterator[tuple[Item, Answer | None]]:
        """Yield what was answered for each item; a refusal in the middle is kept as a gap.

        Raises:
            AccessRefused: nothing but refusals.
        """
        answered: list[tuple[Item, Answer | None]] = []
        gaps: list[Gap] = []
        any_answer = False
        for item in items:
            try:
                answered.append((item, ask(item)))
                any_answer = True
            except CredentialsRefused:
                raise
            except AccessRefused as refusal:
                answered.append((item, None))
                gaps.append(Gap(str(name(item)), refusal))
                if not any_answer and len(gaps) >= _GIVE_UP_AFTER:
                    raise
            except NotThere:
                continue
        if gaps and not any_answer:
            raise gaps[0].error
        self.gaps.extend(gaps)
        yield from answered


def _paths(expressions: Mapping[str, str]) -> dict[str, ItemPath]:
    return {key: ItemPath(path) for key, path in expressions.items()}


def _item(value: object) -> Item:
    return dict(value) if isinstance(value, Mapping) else {"Value": value}


def _listed_in(found: object) -> list[Any]:
    return found if isinstance(found, list) else [found] if found is not None else []


def _enriched(item: Item, enrich: Mapping[str, ItemPath]) -> Item:
    added: Item = {}
    for key, path in enrich.items():
        tags = path.of(item) or ()
        found = (tag.get("Value", tag.get("value")) for tag in tags if key in (tag.get("Key"), tag.get("key")))
        added[key] = next(found, None)
    return {**added, **item}


def _resolved(value: Any, today: date) -> Any:  # noqa: ANN401 - parameters have any shape
    """Return the parameters with ``$month-N`` and ``$tomorrow`` as dates."""
    match value:
        case Mapping():
            return {key: _resolved(each, today) for key, each in value.items()}
        case list():
            return [_resolved(each, today) for each in value]
        case "$tomorrow":
            return (today + timedelta(days=1)).isoformat()
        case str() if value.startswith("$month-") and value.removeprefix("$month-").isdecimal():
            months = today.year * 12 + today.month - 1 - int(value.removeprefix("$month-"))
            return date(months // 12, months % 12 + 1, 1).isoformat()
        case _:
            return value
