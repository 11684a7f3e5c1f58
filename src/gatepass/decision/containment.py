"""Whether all that some policies allow is allowed by others too, as far as their text shows it.

The answer is careful: what cannot be shown counts as beyond. Every Allow of the narrow side must lie, action by
action and resource by resource, within one Allow of the wide side that asks for no condition which the narrow one
does not ask for as well; and every Deny of the wide side must stand on the narrow side word for word.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gatepass.decision.match import text_regex
from gatepass.decision.variables import Variable, parse_parts
from gatepass.domain.documents import Document

# Stands for what a wildcard of the narrow pattern may be; no pattern of a policy holds it.
_ANYTHING = "\x00"
# A pattern with more stars than that is taken to be beyond, before the combinations run away.
_MOST_STARS = 4
_FIELDS_BEFORE_RESOURCE = 5
_NEGATED = ("NotAction", "NotResource")
_WILDCARD = re.compile(r"[*?]")
_LANGUAGE = "Version"


def beyond(narrow: Iterable[Document], wide: Iterable[Document]) -> str | None:
    """Return what the narrow policies allow and the wide ones cannot be shown to allow, or None when nothing.

    The answer is short, and holds no value of a condition.
    """
    narrow_statements = [each for text in narrow for each in _statements(text)]
    wide_statements = [each for text in wide for each in _statements(text)]
    denied = {_bare(each) for each in narrow_statements if each.get("Effect") == "Deny"}
    for each in wide_statements:
        if each.get("Effect") == "Deny" and _bare(each) not in denied:
            return f"what is denied as {_label(each)} of the wider policies"
    allows = [each for each in wide_statements if each.get("Effect") == "Allow"]
    for each in narrow_statements:
        found = _beyond(each, allows) if each.get("Effect") == "Allow" else None
        if found is not None:
            return found
    return None


def is_within(narrow: str, wide: str) -> bool:
    """Say whether every text that fits the narrow pattern (with ``*`` and ``?``) fits the wide one."""
    if wide in ("*", narrow):
        return True
    if narrow.count("*") > _MOST_STARS or _ANYTHING in narrow + wide:
        return False
    if not narrow.startswith(_WILDCARD.split(wide, maxsplit=1)[0]):
        return False
    parts = parse_parts(wide, variables=False, wildcards=True)
    fits = text_regex([part for part in parts if not isinstance(part, Variable)])
    # One character that a ? or a * takes stands for any. Runs as short as nothing, and one longer than all ? of the
    # wide pattern, of which a star must then take a part: such a run may be as long as it likes.
    lengths = range(wide.count("?") + 2)
    pieces = narrow.replace("?", _ANYTHING).split("*")
    return all(fits.fullmatch(text) for text in _expansions(pieces, lengths))


def _statements(text: Document) -> list[dict[str, object]]:
    """Return the statements, those with variables marked with the language that says whether they are any."""
    version = text.data.get("Version")
    return [each | {_LANGUAGE: version} if "${" in json.dumps(each) else each for each in text.statements]


def _expansions(pieces: Sequence[str], lengths: Iterable[int]) -> Iterator[str]:
    for chosen in itertools.product(lengths, repeat=len(pieces) - 1):
        runs = (_ANYTHING * length for length in chosen)
        yield pieces[0] + "".join(run + piece for run, piece in zip(runs, pieces[1:], strict=True))


def _beyond(statement: Mapping[str, object], allows: Sequence[Mapping[str, object]]) -> str | None:
    if any(_bare(each) == _bare(statement) for each in allows):
        return None
    if any(key in statement for key in _NEGATED):
        # What is left out of a list is not a list: only an Allow of everything holds it.
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        held = any(json.loads(_bare(each)) == everything for each in allows)
        return None if held else f"everything but a list, as {_label(statement)}"
    actions, resources = _texts(statement.get("Action")), _texts(statement.get("Resource"))
    if not actions or not resources:
        return f"what nobody can read, as {_label(statement)}"
    for action in actions:
        for resource in resources:
            if not any(_holds(each, action, resource, statement) for each in allows):
                return f"{action} on {'any resource' if resource == '*' else resource}"
    return None


def _holds(wide: Mapping[str, object], action: str, resource: str, narrow: Mapping[str, object]) -> bool:
    if any(key in wide for key in _NEGATED) or wide.get(_LANGUAGE) not in (None, narrow.get(_LANGUAGE)):
        return False
    return (
        any(is_within(action.lower(), each.lower()) for each in _texts(wide.get("Action")))
        and any(_resource_is_within(resource, each) for each in _texts(wide.get("Resource")))
        and _conditions(wide) <= _conditions(narrow)
    )


def _resource_is_within(narrow: str, wide: str) -> bool:
    """Compare fields before the resource word for word: what a star in them spans is a science of its own."""
    if wide in ("*", narrow):
        return True
    *narrow_fields, narrow_rest = narrow.split(":", _FIELDS_BEFORE_RESOURCE)
    *wide_fields, wide_rest = wide.split(":", _FIELDS_BEFORE_RESOURCE)
    if narrow_fields != wide_fields or len(wide_fields) < _FIELDS_BEFORE_RESOURCE or "${" in narrow + wide:
        return False
    return is_within(narrow_rest, wide_rest)


def _conditions(statement: Mapping[str, object]) -> frozenset[str]:
    """Return each comparison by itself; all of them must hold."""
    condition = statement.get("Condition")
    blocks = condition.items() if isinstance(condition, dict) else ()
    return frozenset(
        json.dumps([operator, key, value], sort_keys=True)
        for operator, block in blocks
        if isinstance(block, dict)
        for key, value in block.items()
    )


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]


def _bare(statement: Mapping[str, object]) -> str:
    return json.dumps({key: value for key, value in statement.items() if key != "Sid"}, sort_keys=True)


def _label(statement: Mapping[str, object]) -> str:
    sid = statement.get("Sid")
    return f'"{sid}"' if isinstance(sid, str) and sid.isalnum() else "a statement without a name"
