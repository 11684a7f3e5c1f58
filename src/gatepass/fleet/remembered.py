"""What is remembered of a step: its text, or the error that it met, told the same way the second time."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)

_REFUSALS: dict[str, type[AccessRefused]] = {each.__name__: each for each in (AccessRefused, CredentialsRefused)}
_OTHERS: dict[str, type[GatepassError]] = {
    each.__name__: each for each in (Conflict, InvalidInput, NotAnswered, NotThere)
}
_log = logging.getLogger("dbos.gatepass")


class Unforeseen(Exception):
    """An error that nobody foresaw; only its type is told, for its words could quote anything."""


def to_remember(act: Callable[[], str]) -> str:
    """Do the step, and return its text or its error as JSON."""
    try:
        return json.dumps({"text": act()})
    except GatepassError as error:
        facts = {"type": type(error).__name__, "what": error.what, "why": error.why, "next": error.next_step}
        if isinstance(error, AccessRefused):
            facts["code"] = error.code
        return json.dumps({"error": facts})
    except Exception as error:  # noqa: BLE001 - remembered by its type, and told as a fault of ours
        _log.exception("a step failed in a way that nobody foresaw")
        return json.dumps({"error": {"type": "", "what": type(error).__name__}})


def remembered(kept: str) -> str:
    """Return the text that is remembered, or raise the error."""
    facts = json.loads(kept)
    if "error" in facts:
        raise _error(facts["error"])
    return str(facts["text"])


def _error(kept: dict[str, str]) -> Exception:
    if not kept["type"]:
        return Unforeseen(kept["what"])
    what, why, next_step = kept["what"], kept["why"], kept["next"]
    if kept["type"] in _REFUSALS:
        return _REFUSALS[kept["type"]](what, why=why, next_step=next_step, code=kept["code"])
    return _OTHERS.get(kept["type"], GatepassError)(what, why=why, next_step=next_step)
