"""What the provider's shared store keeps for one grant of one customer: its second factor, or why it is withheld."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.json_text import read_json
from gatepass.domain.sealed_factors import Factor, factor_data, parse_factor
from gatepass.domain.trust import instant_text, read_instant


@dataclass(frozen=True, slots=True)
class KeptFactor:
    """What opens the role; the factor is None where the role asks for none."""

    role: RoleArn
    factor: Factor | None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Stands in place of a second factor while the role must not be entered."""

    why: str
    since: datetime


def kept_text(kept: KeptFactor | Quarantine) -> str:
    """Return the value for the store; it may hold an external ID."""
    if isinstance(kept, Quarantine):
        return json.dumps({"quarantined": True, "why": kept.why, "since": instant_text(kept.since)})
    return json.dumps({"role": str(kept.role), "factor": factor_data(kept.factor) if kept.factor else None})


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
            case {"role": str() as role, "factor": factor, **rest} if not rest:
                return KeptFactor(RoleArn(role), parse_factor(factor) if factor is not None else None)
    except InvalidInput:
        # Its words could repeat a part of what is kept.
        pass
    raise InvalidInput(
        "what the store keeps for this role cannot be read",
        why="it is not as Gatepass writes it",
        next_step="ask the customer for a new pass and admit it: gatepass admit PASS",
    )
