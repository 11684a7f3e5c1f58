"""The Condition element: every operator and key of it must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatepass.decision.grammar import malformed
from gatepass.decision.operators import OPERATORS, Comparison, PolicyValues, check_dates
from gatepass.decision.variables import Values
from gatepass.domain.json_text import quoted

Holds = Callable[[Values], bool]

_OPERATOR = re.compile(r"(?P<qualifier>ForAllValues:|ForAnyValue:)?(?P<base>[A-Za-z]+?)(?P<if_exists>IfExists)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one key; the values it compares with stay hidden, for they may be external IDs.

    Attributes:
        operator: as written, such as ``ForAnyValue:StringLike``.
        key: as written, such as ``sts:ExternalId``.
        holds: tells whether a request's context meets the condition.
    """

    operator: str
    key: str
    holds: Holds = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Test:
    """How one operator treats a key.

    Attributes:
        compare: compares one value of the request.
        is_negated: whether the operator holds where the comparison does not.
        when_missing: the result when the request does not have the key.
        when_unknown: the result when the comparison cannot be made: it counts against the request.
    """

    compare: Comparison
    is_negated: bool
    when_missing: bool
    when_unknown: bool


def compile_conditions(element: object, effect: str, place: str, *, variables: bool) -> tuple[Condition, ...]:
    """Compile a Condition element.

    Raises:
        MalformedPolicy: an unknown operator, a key without a service, or a value of a wrong type.
    """
    conditions: list[Condition] = []
    for operator, keys in _object(element, place).items():
        inside = f"{place}.{operator}" if quoted(operator) else place
        seen: set[str] = set()
        for key, value in _object(keys, inside).items():
            if not all(key.partition(":")):
                raise malformed(inside, "a condition key has a service, such as aws:SourceIp")
            if key.lower() in seen:
                raise malformed(inside, f"the key {key} is given twice", why="key names are not case-sensitive")
            seen.add(key.lower())
            policy_values = PolicyValues(_value_texts(value, f"{inside}.{key}"), variables)
            conditions.append(Condition(operator, key, _compile(operator, key.lower(), policy_values, effect, inside)))
        if not seen:
            _parsed_operator(operator, place)
    return tuple(conditions)


def _object(element: object, place: str) -> Mapping[str, object]:
    if not isinstance(element, dict):
        raise malformed(place, "not an object")
    return element


def _value_texts(value: object, place: str) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | bool) for each in listed):
        raise malformed(place, "a condition value is text, a number or a boolean")
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed)


def _parsed_operator(operator: str, place: str) -> re.Match[str]:
    match = _OPERATOR.fullmatch(operator)
    # Null asks whether the key exists, so it takes neither a set qualifier nor IfExists.
    if match is None or (match["base"] not in OPERATORS and operator != "Null"):
        raise malformed(place, f"unknown operator{quoted(operator)}", next_step="operator names are case-sensitive")
    return match


def _compile(operator: str, key: str, policy_values: PolicyValues, effect: str, place: str) -> Holds:
    parsed = _parsed_operator(operator, place)
    if operator == "Null":
        return _compile_null(key, policy_values.texts, effect)
    if parsed["base"].startswith("Date"):
        check_dates(policy_values, f"{place}.{key}")
    compiler, is_negated = OPERATORS[parsed["base"]]
    if_exists = parsed["if_exists"] is not None
    test = _Test(
        compiler(policy_values),
        is_negated=is_negated,
        when_missing=is_negated or if_exists,
        when_unknown=effect == "Deny",
    )
    match parsed["qualifier"]:
        case "ForAllValues:":
            return _for_all_values(key, test)
        case "ForAnyValue:":
            return _for_any_value(key, test, when_missing=if_exists)
        case _:
            return _single_value(key, test)


def _compile_null(key: str, policy_values: tuple[str, ...], effect: str) -> Holds:
    wanted = {each.lower() for each in policy_values}
    if not wanted <= {"true", "false"}:
        result = effect == "Deny"
        return lambda _values: result
    holds_when_missing = "true" in wanted
    holds_when_present = "false" in wanted
    return lambda values: holds_when_present if key in values else holds_when_missing


def _single_value(key: str, test: _Test) -> Holds:
    compare, is_negated = test.compare, test.is_negated
    when_missing, when_unknown = test.when_missing, test.when_unknown

    def holds(values: Values) -> bool:
        found = values.get(key)
        if found is None:
            return when_missing
        if len(found) != 1:
            # AWS asks for a set qualifier on keys with several values and does not say what happens without one.
            return when_unknown
        fits = compare(found[0], values)
        return when_unknown if fits is None else fits is not is_negated

    return holds


def _for_all_values(key: str, test: _Test) -> Holds:
    def holds(values: Values) -> bool:
        unknown = False
        for text in _set_of(values, key):
            fits = test.compare(text, values)
            if fits is None:
                unknown = True
            elif fits is test.is_negated:
                return False
        return test.when_unknown if unknown else True

    return holds


def _for_any_value(key: str, test: _Test, *, when_missing: bool) -> Holds:
    def holds(values: Values) -> bool:
        if key not in values:
            return when_missing
        unknown = False
        for text in _set_of(values, key):
            fits = test.compare(text, values)
            if fits is None:
                unknown = True
            elif fits is not test.is_negated:
                return True
        return test.when_unknown if unknown else False

    return holds


def _set_of(values: Values, key: str) -> tuple[str, ...]:
    """Return the values of a key; AWS takes an empty text for an empty set."""
    found = values.get(key, ())
    return () if found == ("",) else found
