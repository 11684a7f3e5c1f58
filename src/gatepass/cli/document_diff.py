"""Old and new text of a policy document side by side, without any external ID in it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

import click

from gatepass.domain.documents import Document

_CONTEXT_LINES = 2
_COLOURS = {"+": "green", "-": "red"}


def diff_lines(old: Document | None, new: Document | None) -> Iterator[str]:
    """Yield the lines that differ, led by - for the old and + for the new text, with a little around them."""
    masks: dict[str, str] = {}
    before, after = (_lines(document, masks) for document in (old, new))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(_CONTEXT_LINES))
    for index, group in enumerate(groups):
        if index:
            yield "  ..."
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from (f"  {line}" for line in before[old_from:old_to])
                continue
            yield from (_coloured("-", line) for line in before[old_from:old_to])
            yield from (_coloured("+", line) for line in after[new_from:new_to])


def _coloured(sign: str, line: str) -> str:
    return click.style(f"{sign} {line}", fg=_COLOURS[sign])


def _lines(document: Document | None, masks: dict[str, str]) -> list[str]:
    if document is None:
        return []
    return json.dumps(_masked(document.data, masks), indent=2, ensure_ascii=False).split("\n")


def _masked(value: object, masks: dict[str, str], key: str = "") -> object:
    """Replace external IDs by words that tell one from another."""
    if isinstance(value, dict):
        return {name: _masked(entry, masks, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_masked(entry, masks, key) for entry in value]
    if key.lower() == "sts:externalid" and isinstance(value, str):
        return masks.setdefault(value, "the external ID" if not masks else f"another external ID ({len(masks) + 1})")
    return value
