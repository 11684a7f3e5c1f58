"""Policy documents as values: compared by meaning of their form, measured as IAM measures, never shown by accident."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import read_json

# JSON types as people call them.
_TYPE_NAMES = {
    dict: "an object",
    list: "a list",
    str: "text",
    int: "a number",
    bool: "true or false",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One IAM policy document in canonical form.

    Two documents are equal when they differ only in white space, in the order of keys and of
    lists of text, and in whether one text stands alone or in a list of one. The text may hold an
    external ID, so it stays out of ``repr``.
    """

    text: str = field(repr=False)

    @property
    def data(self) -> dict[str, object]:
        """The document as a fresh JSON object."""
        loaded = json.loads(self.text)
        if not isinstance(loaded, dict):  # ``document`` admits objects only
            raise TypeError("a policy document is an object")
        return loaded

    @property
    def size(self) -> int:
        """Characters as IAM counts them towards its quotas: without white space."""
        return sum(not character.isspace() for character in self.text)

    @property
    def statements(self) -> list[dict[str, object]]:
        """Its statements; whatever is not a statement at all is left out."""
        found = self.data.get("Statement", [])
        listed = found if isinstance(found, list) else [found]
        return [statement for statement in listed if isinstance(statement, dict)]


def document(data: Mapping[str, object]) -> Document:
    """Return the canonical document of a JSON object."""
    return Document(json.dumps(_canonical(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def policy(*statements: Mapping[str, object]) -> Document:
    """Return the document of the 2012 policy language with these statements."""
    return document({"Version": "2012-10-17", "Statement": list(statements)})


def parse_document(text: str) -> Document:
    """Return the canonical document of JSON text.

    Raises:
        InvalidInput: not JSON, a key twice in one object, nested too deeply, or not an object.
    """
    loaded = read_json(text)
    if not isinstance(loaded, dict):
        raise InvalidInput(
            f"not a policy document: {_TYPE_NAMES.get(type(loaded), 'a value')} instead of an object",
            why="a policy document is a JSON object with Version and Statement",
            next_step='begin it with {"Version": "2012-10-17", "Statement": [...]}',
        )
    try:
        return document(loaded)
    except RecursionError:
        raise InvalidInput(
            "the document is nested too deeply", why="no policy needs that", next_step="write it flatter"
        ) from None


def _canonical(value: object) -> object:
    """Sort lists of text and unwrap lists of one text; statements keep their order."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        texts = [entry for entry in value if isinstance(entry, str)]
        if len(texts) == len(value) and texts:
            return texts[0] if len(texts) == 1 else sorted(texts)
        return [_canonical(entry) for entry in value]
    return value
