"""The file of a session policy: JSON that narrows one session, with the line of each mistake."""

from __future__ import annotations

import re
from pathlib import Path

from gatepass.adapters.json_files import read_text
from gatepass.adapters.yaml_source import parse_yaml
from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from gatepass.domain.documents import Document, parse_document
from gatepass.domain.errors import InvalidFile, InvalidInput, Problem
from gatepass.domain.session_terms import demand_size

_JSON_PLACE = re.compile(r" at line ([0-9]+) column ([0-9]+)", re.ASCII)
_ELEMENT = re.compile(r"\b(Statement)(?:\[([0-9]+)\])?(?:\.([A-Za-z]+))?|\b(Version|Id): ", re.ASCII)


def load_session_policy(path: Path) -> Document:
    """Return the document.

    Raises:
        InvalidFile: it is no session policy, is too large for one, or would leave nothing; with its line.
        GatepassError: the file cannot be read.
    """
    text, name = read_text(path), str(path)
    try:
        policy = parse_policy(text, PolicyKind.SESSION)
        found = parse_document(text)
        demand_size(found, ())
    except (MalformedPolicy, InvalidInput) as error:
        raise _invalid(name, text, error) from None
    if not policy.allows:
        what = "it allows nothing, so the session could do nothing"
        why = "a session may do what its role and its session policy both allow"
        raise InvalidFile((Problem((), what, why, "allow what the session is for", f"{name}:1:1"),))
    return found


def _invalid(name: str, text: str, error: InvalidInput) -> InvalidFile:
    what = error.what.removeprefix(f"{PolicyKind.SESSION.value}: ")
    found = _JSON_PLACE.search(what)
    place = f"{name}:{found[1]}:{found[2]}" if found is not None else _place(name, text, what)
    what = _JSON_PLACE.sub("", what)
    return InvalidFile((Problem((), what, error.why, error.next_step, place),))


def _place(name: str, text: str, what: str) -> str:
    """Return where the element stands that the words name; JSON is YAML, whose reader knows its lines."""
    try:
        source = parse_yaml(text, name)
    except InvalidInput:
        return f"{name}:1:1"
    found = _ELEMENT.search(what)
    if found is None:
        return source.place(())
    if found[4] is not None:
        return source.place((found[4],), of_key=True)
    # Places count statements from 1; one that stands without a list has no number in the file.
    listed = isinstance(source.data, dict) and isinstance(source.data.get("Statement"), list)
    number = (int(found[2]) - 1,) if found[2] is not None and listed else ()
    return source.place(("Statement", *number, *((found[3],) if found[3] is not None else ())))
