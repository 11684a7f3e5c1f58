"""What is sealed in a pass and kept in the provider's store: the second factor of each role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.domain.json_text import read_json
from gatepass.domain.trust import Retiring, instant_text, read_instant


@dataclass(frozen=True, slots=True)
class Factor:
    """What opens one role now, and what opens it too until a rotation is over."""

    external_id: ExternalId = field(repr=False)
    also_valid: Retiring | None = None


def sealed_text(factors: Mapping[RoleArn, Factor]) -> str:
    """Return what is to be sealed for these roles; it holds external IDs."""
    return json.dumps({str(arn): factor_data(factor) for arn, factor in factors.items()})


def parse_sealed_text(text: str) -> dict[RoleArn, Factor]:
    """Return what was sealed.

    Raises:
        InvalidInput: it is not as Gatepass seals it; nothing of it is in the error.
    """
    try:
        tree = read_json(text)
        if isinstance(tree, dict):
            return {RoleArn(arn): parse_factor(entry) for arn, entry in tree.items()}
    except InvalidInput:
        # Its words could repeat a part of what was sealed.
        pass
    raise _wrong()


def factor_data(factor: Factor) -> dict[str, object]:
    """Return one role's second factor as JSON data."""
    old = factor.also_valid
    also = {"external_id": old.external_id.reveal(), "until": instant_text(old.until)} if old is not None else None
    return {"external_id": factor.external_id.reveal(), "also_valid": also}


def parse_factor(tree: object) -> Factor:
    """Return one role's second factor from JSON data.

    Raises:
        InvalidInput: it is not as Gatepass writes it; nothing of it is in the error.
    """
    match tree:
        case {"external_id": str() as current, "also_valid": None, **rest} if not rest:
            return Factor(ExternalId(current))
        case {
            "external_id": str() as current,
            "also_valid": {"external_id": str() as old, "until": str() as end, **more},
            **rest,
        } if not rest and not more:
            until = read_instant(end)
            if until is not None:
                return Factor(ExternalId(current), Retiring(ExternalId(old), until))
    raise _wrong()


def _wrong() -> InvalidInput:
    return InvalidInput(
        "the second factor cannot be read",
        why="what was sealed or kept is not as Gatepass writes it",
        next_step="ask the customer for a new pass: gatepass pass GRANT -o FILE",
    )
