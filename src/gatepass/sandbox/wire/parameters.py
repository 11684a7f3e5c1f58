"""The parameters of one operation, whatever protocol carried them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from gatepass.sandbox.wire.call import Pairs
from gatepass.sandbox.wire.refusals import Fault, Refusal

_DEEPEST = 32


class Parameters:
    """Named values of unknown shape, read with the shape that the reader expects.

    What is absent and what has another shape reads the same: ``None`` or empty.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """Return a text or a number as text."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int | float) else None

    def number(self, name: str) -> int | None:
        """Return a whole number.

        Raises:
            Refusal: there is a value, but no whole number.
        """
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise Refusal(Fault.MALFORMED, f"{name} is not a whole number.") from None

    def flag(self, name: str) -> bool:
        """Return whether a value says true."""
        return (self.text(name) or "").lower() == "true"

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list; a single text counts as a list of one."""
        value = self.values.get(name)
        if isinstance(value, list):
            return tuple(each for each in value if isinstance(each, str))
        return (value,) if isinstance(value, str) else ()

    def structures(self, name: str) -> tuple[Parameters, ...]:
        """Return the structures of a list."""
        value = self.values.get(name)
        return tuple(Parameters(each) for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()

    def structure(self, name: str) -> Parameters:
        """Return a structure."""
        value = self.values.get(name)
        return Parameters(value) if isinstance(value, Mapping) else Parameters({})

    def tags(self, name: str = "Tags") -> dict[str, str]:
        """Return tags, given as a list of keys and values or as a map."""
        value = self.values.get(name)
        if isinstance(value, Mapping):
            return {key: each for key, each in value.items() if isinstance(each, str)}
        return {
            tag.text("Key") or tag.text("key") or tag.text("TagKey") or "": (
                tag.text("Value") or tag.text("value") or tag.text("TagValue") or ""
            )
            for tag in self.structures(name)
        }

    def all_texts(self) -> Iterator[tuple[str, str]]:
        """Return every text at any depth, with the name it stands under."""
        yield from _texts_within("", self.values)


def _texts_within(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts_within(str(key), each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_within(name, each)


def query_parameters(pairs: Pairs, *, lists_are_plain: bool) -> dict[str, object]:
    """Read the flat parameters of the query protocols: ``Tags.member.1.Key`` is the key of the first tag.

    EC2 writes its lists plain, ``Tags.1.Key``. What is not exactly of the form, moto would read in another way.

    Raises:
        Refusal: a name is given twice, names contradict each other, or a list is not counted from 1.
    """
    tree: dict[str, object] = {}
    for name, value in pairs:
        steps = name.split(".")
        if len(steps) > _DEEPEST:
            raise Refusal(Fault.MALFORMED, "A parameter is nested too deeply.")
        branch = tree
        for step in steps[:-1]:
            next_branch = branch.setdefault(step, {})
            if not isinstance(next_branch, dict):
                raise _given_twice(name)
            branch = next_branch
        if steps[-1] in branch:
            raise _given_twice(name)
        branch[steps[-1]] = value
    return {name: _with_lists(value, lists_are_plain=lists_are_plain) for name, value in tree.items()}


def _given_twice(name: str) -> Refusal:
    return Refusal(Fault.MALFORMED, f"The parameter {name} is given twice.")


def _with_lists(value: object, *, lists_are_plain: bool) -> object:
    if not isinstance(value, dict):
        return value
    listed = value if lists_are_plain else value.get("member")
    if isinstance(listed, dict) and listed and all(key.isdecimal() for key in listed):
        numbers = [str(number) for number in range(1, len(listed) + 1)]
        if set(numbers) != listed.keys() or (listed is not value and len(value) > 1):
            raise Refusal(Fault.MALFORMED, "A list is not counted from 1.")
        return [_with_lists(listed[number], lists_are_plain=lists_are_plain) for number in numbers]
    return {key: _with_lists(each, lists_are_plain=lists_are_plain) for key, each in value.items()}


def json_parameters(body: bytes) -> dict[str, object]:
    """Read the parameters of a JSON body; an empty body has none.

    Raises:
        Refusal: the body is no JSON object.
    """
    if not body:
        return {}
    try:
        # moto reads UTF-8 only, where json would guess.
        values = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refusal(Fault.MALFORMED, "The body is not JSON.") from None
    if not isinstance(values, dict):
        raise Refusal(Fault.MALFORMED, "The body is not a JSON object.")
    return values
