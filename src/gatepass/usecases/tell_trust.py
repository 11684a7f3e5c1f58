"""Tell a trust policy statement by statement, with external IDs left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from gatepass.decision.request import EXTERNAL_ID
from gatepass.domain.documents import Document
from gatepass.domain.doors import TrustLine

Mask = Callable[[str], str]

# Keys whose values say who, from where and when. Of any other a value may be an external ID in the wrong place.
_SHOWN = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "sts:sourceidentity",
    }
)
_OF_TOKENS = (":sub", ":aud", ":iss", ":amr")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9./_-]{1,80}:[A-Za-z][A-Za-z0-9./_:@=+-]{0,80}", re.ASCII)
# What is shorter is no secret, and would blot out half the words.
_SHORTEST_WHOLE, _SHORTEST_INSIDE = 4, 8


def masking(external_ids: Collection[str]) -> Mask:
    """Return what replaces external IDs in texts that others wrote, such as tags and Sids."""
    whole = frozenset(each for each in external_ids if len(each) >= _SHORTEST_WHOLE)
    inside = [re.escape(each) for each in sorted(whole, key=len, reverse=True) if len(each) >= _SHORTEST_INSIDE]
    pattern = re.compile("|".join(inside)) if inside else None

    def masked(text: str) -> str:
        if text in whole:
            return "****"
        return pattern.sub("****", text) if pattern else text

    return masked


def trust_lines(trust: Document, mask: Mask) -> Iterator[TrustLine]:
    """Yield the statements of a trust policy in their order."""
    for position, statement in enumerate(trust.statements, start=1):
        sid = statement.get("Sid")
        actions = statement.get("Action", statement.get("NotAction"))
        yield TrustLine(
            label=f"{position}: {mask(str(sid))}" if sid else str(position),
            effect=str(statement.get("Effect")),
            principals=tuple(_principals(statement)),
            actions=tuple(("all but " if "NotAction" in statement else "") + each for each in _texts(actions)),
            conditions=tuple(_conditions(statement.get("Condition"), mask)),
        )


def _principals(statement: Mapping[str, object]) -> Iterator[str]:
    beginning = "all but " if "NotPrincipal" in statement else ""
    element = statement.get("Principal", statement.get("NotPrincipal"))
    for form, value in element.items() if isinstance(element, dict) else [("AWS", element)]:
        for each in _texts(value):
            yield f"{beginning}{'' if form == 'AWS' else f'{form} '}{each}"


def _conditions(element: object, mask: Mask) -> Iterator[str]:
    for operator, keys in element.items() if isinstance(element, dict) else []:
        for key, value in keys.items() if isinstance(keys, dict) else []:
            values = _texts(value)
            name = mask(str(key)) if _KEY.fullmatch(str(key)) else "a key that is not shown"
            shown = (
                ", ".join(mask(each) for each in values)
                if _is_shown(str(key).lower())
                else f"{len(values)} value{'s' if len(values) != 1 else ''}, not shown"
            )
            yield f"{name} ({operator}): {shown}"


def _is_shown(key: str) -> bool:
    return key != EXTERNAL_ID and (key in _SHOWN or key.endswith(_OF_TOKENS) or key.startswith("saml:"))


def _texts(value: object) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])]
