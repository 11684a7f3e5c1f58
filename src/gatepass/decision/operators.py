"""What each condition operator compares: one value of a request with the values of a policy."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt

from gatepass.decision.grammar import malformed
from gatepass.decision.instants import instant
from gatepass.decision.match import arn_regex, text_regex
from gatepass.decision.variables import Part, ResolvedPart, Values, Wildcard, is_static, parse_parts, resolve

# Tells whether a value of the request fits any value of the policy; None when that cannot be compared.
Comparison = Callable[[str, Values], bool | None]


@dataclass(frozen=True, slots=True)
class PolicyValues:
    """The values that a policy gives for one key, as alternatives.

    Attributes:
        texts: as written; hidden, for they may be external IDs.
        has_variables: whether the policy's language knows variables.
    """

    texts: tuple[str, ...] = field(repr=False)
    has_variables: bool

    def parts(self, *, wildcards: bool) -> list[tuple[Part, ...]]:
        """Return each value split into text, wildcards and variables."""
        return [parse_parts(each, variables=self.has_variables, wildcards=wildcards) for each in self.texts]


Compiler = Callable[[PolicyValues], Comparison]

_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def _any_of(tests: Sequence[Comparison]) -> Comparison:
    """Values of a policy are alternatives."""
    if len(tests) == 1:
        return tests[0]

    def compare(text: str, values: Values) -> bool | None:
        unknown = False
        for test in tests:
            fits = test(text, values)
            if fits:
                return True
            unknown = unknown or fits is None
        return None if unknown else False

    return compare


def _plain_text(parts: Sequence[ResolvedPart]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def _equals(policy_values: PolicyValues) -> Comparison:
    parsed = policy_values.parts(wildcards=False)
    if all(is_static(parts) for parts in parsed):
        accepted = frozenset(_plain_text(resolve(parts, {}) or ()) for parts in parsed)
        return lambda text, _values: text in accepted
    return _any_of([_equals_filled(parts) for parts in parsed])


def _equals_filled(parts: Sequence[Part]) -> Comparison:
    def compare(text: str, values: Values) -> bool:
        resolved = resolve(parts, values)
        return resolved is not None and text == _plain_text(resolved)

    return compare


def _equals_ignoring_case(policy_values: PolicyValues) -> Comparison:
    parsed = policy_values.parts(wildcards=False)

    def compare(text: str, values: Values) -> bool:
        folded = text.lower()
        filled = (resolve(parts, values) for parts in parsed)
        return any(parts is not None and folded == _plain_text(parts).lower() for parts in filled)

    return compare


def _like(policy_values: PolicyValues) -> Comparison:
    return _any_of([_like_one(parts) for parts in policy_values.parts(wildcards=True)])


def _like_one(parts: Sequence[Part]) -> Comparison:
    if not is_static(parts):
        return lambda text, values: _fits_filled(parts, text, values)
    fits = text_regex(resolve(parts, {}) or ()).fullmatch
    return lambda text, _values: fits(text) is not None


def _fits_filled(parts: Sequence[Part], text: str, values: Values) -> bool:
    resolved = resolve(parts, values)
    return resolved is not None and text_regex(resolved).fullmatch(text) is not None


def _arn_like(policy_values: PolicyValues) -> Comparison:
    return _any_of([_arn_like_one(parts) for parts in policy_values.parts(wildcards=True)])


def _arn_like_one(parts: Sequence[Part]) -> Comparison:
    if tuple(parts) == (Wildcard.ANY,):
        # AWS does not document whether a lone star is an ARN pattern.
        return lambda _text, _values: None
    if not is_static(parts):
        return lambda text, values: _arn_fits(resolve(parts, values), text)
    expression = arn_regex(resolve(parts, {}) or ())
    if expression is None:
        return lambda _text, _values: False
    fits = expression.fullmatch
    return lambda text, _values: fits(text) is not None


def _arn_fits(resolved: Sequence[ResolvedPart] | None, text: str) -> bool:
    expression = None if resolved is None else arn_regex(resolved)
    return expression is not None and expression.fullmatch(text) is not None


def _boolean(policy_values: PolicyValues) -> Comparison:
    compare = _equals_ignoring_case(policy_values)
    return lambda text, values: compare(text, values) if text.lower() in ("true", "false") else None


def _binary(policy_values: PolicyValues) -> Comparison:
    accepted = [_decoded(each) for each in policy_values.texts]

    def compare(text: str, _values: Values) -> bool | None:
        given = _decoded(text)
        if given is not None and given in accepted:
            return True
        return None if given is None or None in accepted else False

    return compare


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _ordered(read: Callable[[str], Decimal | None], holds: Callable[[Decimal, Decimal], bool]) -> Compiler:
    """Return the compiler of a comparison of numbers or dates."""

    def compile_values(policy_values: PolicyValues) -> Comparison:
        limits = [read(each) for each in policy_values.texts]

        def compare(text: str, _values: Values) -> bool | None:
            given = read(text)
            if given is None:
                return None
            if any(limit is not None and holds(given, limit) for limit in limits):
                return True
            return None if None in limits else False

        return compare

    return compile_values


def _ip_address(policy_values: PolicyValues) -> Comparison:
    networks = [_network(each) for each in policy_values.texts]

    def compare(text: str, _values: Values) -> bool | None:
        given = _address(text)
        if given is None:
            return None
        if any(network is not None and given in network for network in networks):
            return True
        return None if None in networks else False

    return compare


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def check_dates(policy_values: PolicyValues, place: str) -> None:
    """Refuse a value of a date operator that is not a date."""
    if any(instant(each) is None for each in policy_values.texts):
        raise malformed(place, "not a date", next_step="write a date such as 2026-11-23T08:00:00Z")


# Each operator with its compiler, and whether it is the negation of what the compiler compares.
OPERATORS: dict[str, tuple[Compiler, bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "NumericEquals": (_ordered(_number, eq), False),
    "NumericNotEquals": (_ordered(_number, eq), True),
    "NumericLessThan": (_ordered(_number, lt), False),
    "NumericLessThanEquals": (_ordered(_number, le), False),
    "NumericGreaterThan": (_ordered(_number, gt), False),
    "NumericGreaterThanEquals": (_ordered(_number, ge), False),
    "DateEquals": (_ordered(instant, eq), False),
    "DateNotEquals": (_ordered(instant, eq), True),
    "DateLessThan": (_ordered(instant, lt), False),
    "DateLessThanEquals": (_ordered(instant, le), False),
    "DateGreaterThan": (_ordered(instant, gt), False),
    "DateGreaterThanEquals": (_ordered(instant, ge), False),
    "Bool": (_boolean, False),
    "BinaryEquals": (_binary, False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    # ArnEquals and ArnLike behave identically.
    "ArnEquals": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnLike": (_arn_like, False),
    "ArnNotLike": (_arn_like, True),
}
