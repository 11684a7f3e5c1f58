"""Which outcomes of units the log of what was done keeps: those that changed something, and those that failed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gatepass.domain import audit_record
from gatepass.fleet.run import Order, Outcome
from gatepass.fleet.work import Result
from gatepass.usecases.record_deeds import Deed

_Facts = Mapping[str, str]

# When a unit that is done changed something, by its kind; of other kinds every one did.
_CHANGED: Mapping[str, Callable[[Order, _Facts], bool]] = MappingProxyType(
    {
        "verify": lambda _, facts: facts.get("outcome") in {"released", "placed"},
        "reconcile": lambda order, facts: bool(order.options.get("apply")) and facts.get("changes") != "0",
        "expire": lambda order, facts: bool(facts.get("told") or (order.options.get("apply") and facts.get("ended"))),
    }
)
_PROVIDERS = frozenset({"verify", "admit"})
# Words of ``domain.audit_words.NOTES`` for what a handshake came to.
_NOTES: Mapping[str, str] = MappingProxyType(
    {"quarantined": "quarantined", "shut": "did not open", "unknown": "not sound", "released": "second factor kept"}
)


def is_deed(order: Order, outcome: Outcome) -> bool:
    """Say whether the log keeps it."""
    match outcome.result.result:
        case Result.FAILED:
            return True
        case Result.DONE:
            return _CHANGED.get(order.kind, _always)(order, outcome.result.facts)
        case _:
            return False


def deed_of(order: Order, outcome: Outcome) -> Deed:
    """Return the outcome as the log keeps it, with no word of a cause, for causes quote what AWS said."""
    facts = outcome.result.facts
    customer, _, grant = outcome.subject.partition("/")
    failed = outcome.result.result is Result.FAILED
    return Deed(
        action=order.kind,
        side=order.options.get("side") or ("provider" if order.kind in _PROVIDERS else "customer"),
        outcome=audit_record.Outcome.FAILED if failed else audit_record.Outcome.DONE,
        customer=facts.get("customer") or facts.get("account") or customer,
        grant=facts.get("grant") or grant,
        after=facts.get("digest_after") or facts.get("digest_between") or "",
        note=_NOTES.get(facts.get("outcome", ""), ""),
    )


def record_id(run: str, outcome: Outcome) -> str:
    """Return the id of the outcome's record: the same however often a crash has it told."""
    told = f"{outcome.subject}/{outcome.result.result.value}"
    return f"{run}/{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _always(order: Order, facts: _Facts) -> bool:
    del order, facts
    return True
