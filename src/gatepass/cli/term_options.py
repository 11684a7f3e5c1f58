"""Options that say on which terms a provider acts: lists, and policies in files."""

from __future__ import annotations

from pathlib import Path

import click

from gatepass.domain.documents import Document, parse_document
from gatepass.domain.grant import PrincipalPattern
from gatepass.wiring import file_access


class Words(click.ParamType[tuple[str, ...]]):
    """Words with commas between them: A,B."""

    name = "words"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the words, each once."""
        if isinstance(value, tuple):
            return value
        words = tuple(dict.fromkeys(word.strip() for word in str(value).split(",") if word.strip()))
        if not words:
            self.fail("name at least one, with commas between several: A,B", param, ctx)
        return words


def patterns(words: tuple[str, ...]) -> tuple[PrincipalPattern, ...]:
    """Return the principals that the words name."""
    return tuple(PrincipalPattern(word) for word in words)


def policy_of(path: Path | None) -> Document | None:
    """Return the policy in the file of JSON, or None without one."""
    return parse_document(file_access.read_text(path)) if path is not None else None
