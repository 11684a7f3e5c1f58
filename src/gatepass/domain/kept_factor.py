"""What the provider's shared store keeps for one grant of one customer: its second factor, or why it is withheld."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.json_text import read_json
from gatepass.domain.sealed_factors import Factor, factor_data, parse_factor
from gatepass.domain.trust import instant_text, read_instant

# AWS's parameters of the usual tier take 4 KB.
_MOST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class KeptFactor:
    """What opens the role; the factor is None where the role asks for none.

    Attributes:
        terms: on which terms the role lets in, as the admitted pass said them; they only help to explain a refusal,
            and are empty where nobody kept them.
    """

    role: RoleArn
    factor: Factor | None
    terms: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Stands in place of a second factor while the role must not be entered."""

    why: str
    since: datetime


def kept_text(kept: KeptFactor | Quarantine) -> str:
    """Return the value for the store; it may hold an external ID."""
    if isinstance(kept, Quarantine):
        return json.dumps({"quarantined": True, "why": kept.why, "since": instant_text(kept.since)})
    data = {"role": str(kept.role), "factor": factor_data(kept.factor) if kept.factor else None}
    whole = json.dumps(data | ({"terms": dict(kept.terms)} if kept.terms else {}))
    return whole if len(whole) <= _MOST_CHARACTERS else json.dumps(data)


def parse_kept(text: str) -> KeptFactor | Quarantine:
    """Return what the store keeps.

    Raises:
        InvalidInput: it is not as Gatepass writes it; nothing of it is in the error.
    """
    try:
        match read_json(text):
            case {"quarantined": True, "why": str() as why, "since": str() as instant, **rest} if not rest:
                since = read_instant(instant)
                if since is not None:
                    return Quarantine(why, since)
            case {"role": str() as role, "factor": factor, **rest} if set(rest) <= {"terms"}:
                terms = rest.get("terms", {})
                if isinstance(terms, dict):
                    return KeptFactor(RoleArn(role), parse_factor(factor) if factor is not None else None, terms)
    except InvalidInput:
        # Its words could repeat a part of what is kept.
        pass
    raise InvalidInput(
        "what the store keeps for this role cannot be read",
        why="it is not as Gatepass writes it",
        next_step="ask the customer for a new pass and admit it: gatepass admit PASS",
    )
