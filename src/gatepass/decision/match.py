"""Wildcard patterns over actions, resources and ARNs, compiled once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from gatepass.decision.variables import (
    Part,
    ResolvedPart,
    Values,
    Variable,
    Wildcard,
    is_static,
    parse_parts,
    resolve,
)

# True or a match object when the text fits, False or None when it does not.
TextTest = Callable[[str], object]
# The same for a resource, with the context that fills in variables; None when a variable has no value.
ResourceTest = Callable[[str, Values], bool | None]

# An ARN has six fields; colons in the last one belong to the resource.
_FIELDS_BEFORE_RESOURCE = 5


def action_test(patterns: Iterable[str]) -> TextTest | None:
    """Return a test of lower-cased actions, or ``None`` when every action fits."""
    return _text_test([_resolved(parse_parts(each.lower(), variables=False, wildcards=True)) for each in patterns])


def text_regex(parts: Sequence[ResolvedPart]) -> re.Pattern[str]:
    """Return the pattern of a string comparison, where ``*`` stands for any characters."""
    return _regex(parts, fields=0, spans=True)


def arn_regex(parts: Sequence[ResolvedPart]) -> re.Pattern[str] | None:
    """Return the pattern of an ARN comparison, which compares each of the six fields by itself.

    Returns ``None`` for a pattern without six fields: no ARN fits it.
    """
    if sum(part.count(":") for part in parts if isinstance(part, str)) < _FIELDS_BEFORE_RESOURCE:
        return None
    return _regex(parts, fields=_FIELDS_BEFORE_RESOURCE, spans=False)


def resource_test(patterns: Sequence[str], *, variables: bool) -> ResourceTest | None:
    """Return a test of resources, or ``None`` when every resource fits."""
    parsed = [parse_parts(each, variables=variables, wildcards=True) for each in patterns]
    fixed = [_resolved(parts) for parts in parsed if is_static(parts)]
    filled = [parts for parts in parsed if not is_static(parts)]
    test = _text_test(fixed, fields=_FIELDS_BEFORE_RESOURCE) if fixed else _fits_nothing
    if test is None:
        return None
    if not filled:
        return lambda resource, _values: bool(test(resource))
    return lambda resource, values: True if test(resource) else _fits_filled(filled, resource, values)


def _fits_filled(patterns: Iterable[Sequence[Part]], resource: str, values: Values) -> bool | None:
    unknown = False
    for parts in patterns:
        resolved = None if _varies_before_resource(parts) else resolve(parts, values)
        if resolved is None:
            unknown = True
        elif _regex(resolved, fields=_FIELDS_BEFORE_RESOURCE, spans=True).fullmatch(resource):
            return True
    return None if unknown else False


def _varies_before_resource(parts: Iterable[Part]) -> bool:
    """AWS fills in variables after the fifth colon only."""
    colons = 0
    for part in parts:
        if isinstance(part, Variable):
            return colons < _FIELDS_BEFORE_RESOURCE
        if isinstance(part, str):
            colons += part.count(":")
    return False


def _fits_nothing(_text: str) -> bool:
    return False


def _resolved(parts: Sequence[Part]) -> tuple[ResolvedPart, ...]:
    return tuple(part for part in parts if not isinstance(part, Variable))


def _text_test(patterns: Iterable[Sequence[ResolvedPart]], fields: int = 0) -> TextTest | None:
    """Return the cheapest test that does the work of all patterns."""
    exact: set[str] = set()
    prefixes: set[str] = set()
    expressions: list[str] = []
    for parts in patterns:
        match parts:
            case (Wildcard.ANY,):
                return None
            case ():
                exact.add("")
            case (str(text),):
                exact.add(text)
            case (str(text), Wildcard.ANY):
                prefixes.add(text)
            case _:
                expressions.append(f"(?:{_regex(parts, fields=fields, spans=True).pattern})")
    return _combined(exact, tuple(prefixes), expressions)


def _combined(exact: set[str], prefixes: tuple[str, ...], expressions: Sequence[str]) -> TextTest:
    if expressions:
        whole = re.compile("|".join(expressions), re.DOTALL).fullmatch
        if not exact and not prefixes:
            return whole
        return lambda text: text in exact or text.startswith(prefixes) or whole(text)
    if not prefixes:
        return frozenset(exact).__contains__
    if not exact:
        return lambda text: text.startswith(prefixes)
    return lambda text: text in exact or text.startswith(prefixes)


def _regex(parts: Sequence[ResolvedPart], *, fields: int, spans: bool) -> re.Pattern[str]:
    """Translate a pattern whose first `fields` fields end at colons.

    In those fields ``*`` stays within its field, unless it `spans`: the Resource element lets a ``*`` that ends a field
    match beyond the colon.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    # What stands before the first star, then each star with what stands between it and the next.
    head = ""
    stars: list[tuple[bool, str]] = []
    colons = 0
    for index, part in enumerate(parts):
        within = colons < fields
        if part is Wildcard.ANY:
            following = parts[index + 1] if index + 1 < len(parts) else ":"
            ends_field = isinstance(following, str) and following.startswith(":")
            confined = within and not (spans and ends_field)
            if stars and not stars[-1][1]:
                stars[-1] = (confined and stars[-1][0], "")
            else:
                stars.append((confined, ""))
            continue
        if isinstance(part, str):
            colons += part.count(":")
            text = re.escape(part)
        else:
            text = "[^:]" if within else "."
        if stars:
            stars[-1] = (stars[-1][0], stars[-1][1] + text)
        else:
            head += text
    return re.compile(head + _star_expressions(stars), re.DOTALL)


def _star_expressions(stars: Sequence[tuple[bool, str]]) -> str:
    """Join stars so that a hostile pattern cannot make the match run away.

    Taking the first place where the text after a star fits is always right, except for a free star before a confined
    one; there are at most five of those, for they end a field.
    """
    expressions: list[str] = []
    confined_later = False
    for is_last, (confined, text) in zip([True] + [False] * len(stars), reversed(stars), strict=False):
        filler = "[^:]*" if confined else ".*"
        if is_last:
            expressions.append(f"{filler}{text}")
        elif confined or not confined_later:
            expressions.append(f"(?>{filler}?{text})")
        else:
            expressions.append(f"{filler}?{text}")
        confined_later = confined_later or confined
    return "".join(reversed(expressions))
