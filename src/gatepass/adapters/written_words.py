"""What the values of both files that people write are made with."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import WithJsonSchema

from gatepass.domain.errors import InvalidInput


def kind_of_file(kind: str) -> Callable[[object], str]:
    """Return what lets only the word pass by which a file of that kind begins."""

    def demand(value: object) -> str:
        if value != kind:
            raise InvalidInput(
                f"this is not a {kind}'s file",
                why=f"a {kind}'s file begins with: gatepass: {kind}",
                next_step=f"name the right file, or write: gatepass: {kind}",
            )
        return kind

    return demand


def schema(**keywords: object) -> WithJsonSchema:
    """Return the JSON Schema of one value."""
    return WithJsonSchema(keywords)
