"""What AWS answers in place of a call that a staged fault spoils."""

from __future__ import annotations

from gatepass.sandbox.memory.faults import FaultKind
from gatepass.sandbox.rights.principals import Caller
from gatepass.sandbox.wire.operations import Operation
from gatepass.sandbox.wire.refusals import Fault, Refusal

_FAULTS: dict[FaultKind, Fault] = {
    FaultKind.THROTTLE: Fault.THROTTLED,
    FaultKind.QUOTA: Fault.QUOTA_EXCEEDED,
    FaultKind.ERROR_BEFORE: Fault.INTERNAL,
    # Nobody hears this one; it stands in the event log.
    FaultKind.HANG_BEFORE: Fault.INTERNAL,
}


def refusal_before(kind: FaultKind, operation: Operation, caller: Caller) -> Refusal | None:
    """Return the refusal of a call that is not carried out, or None when the fault lets it be carried out."""
    if kind.has_effect:
        return None
    if kind is FaultKind.DENIED:
        words = f"User: {caller.arn} is not authorized to perform: {operation.action}"
        return Refusal(Fault.ACCESS_DENIED, words)
    return Refusal(_FAULTS[kind])
