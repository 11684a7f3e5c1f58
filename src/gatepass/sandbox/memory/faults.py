"""Faults that a test has staged: which calls they hit, and what then goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Condition

EVERY_OPERATION = "*"
MOST_CALLS = 1_000_000

_OPERATION = re.compile(r"\*|[A-Z][A-Za-z0-9]{0,127}", re.ASCII)
_LONGEST_ARN = 2048


class FaultKind(Enum):
    """What goes wrong with a call that is hit."""

    THROTTLE = "throttle"
    DENIED = "denied"
    QUOTA = "quota"
    ERROR_BEFORE = "error-before"
    ERROR_AFTER = "error-after"
    LOST = "lost"
    HANG_BEFORE = "hang-before"
    HANG_AFTER = "hang-after"

    @property
    def has_effect(self) -> bool:
        """Whether the call is carried out all the same."""
        return self in _EFFECTIVE

    @property
    def is_silent(self) -> bool:
        """Whether the connection is closed in place of an answer."""
        return self is FaultKind.LOST or self.hangs

    @property
    def hangs(self) -> bool:
        """Whether the call is held until the faults are cleared."""
        return self in _HANGING


_EFFECTIVE = frozenset({FaultKind.ERROR_AFTER, FaultKind.LOST, FaultKind.HANG_AFTER})
_HANGING = frozenset({FaultKind.HANG_BEFORE, FaultKind.HANG_AFTER})


@dataclass(eq=False)
class StagedFault:
    """One fault, with what became of it so far.

    Attributes:
        kind: what goes wrong.
        operation: the operation that is hit, by AWS's name of it, or ``*`` for every one.
        principal: whose calls are hit, by the ARN that sts:GetCallerIdentity shows; empty for everybody's.
        after: how many matching calls pass first.
        times: how many of those that follow are hit.
        passed: how many have passed.
        hit: how many were hit.
        held: how many are being held now.
    """

    kind: FaultKind
    operation: str = EVERY_OPERATION
    principal: str = ""
    after: int = 0
    times: int = 1
    passed: int = field(default=0, init=False)
    hit: int = field(default=0, init=False)
    held: int = field(default=0, init=False)
    is_cleared: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Refuse what could never hit.

        Raises:
            ValueError: no operation is called that, or a number is out of range.
        """
        if not _OPERATION.fullmatch(self.operation):
            raise ValueError("operation is a name such as PutRolePolicy, or * for every operation")
        if len(self.principal) > _LONGEST_ARN:
            raise ValueError("principal is an ARN")
        if not 0 <= self.after <= MOST_CALLS or not 1 <= self.times <= MOST_CALLS:
            raise ValueError(f"after is 0 to {MOST_CALLS}, times is 1 to {MOST_CALLS}")

    def description(self) -> dict[str, object]:
        """Return how it was staged, in the form that `staged_fault` reads."""
        return {
            "kind": self.kind.value,
            "operation": self.operation,
            "principal": self.principal,
            "after": self.after,
            "times": self.times,
        }

    def facts(self) -> dict[str, object]:
        """Return how it was staged and what became of it."""
        return self.description() | {"passed": self.passed, "hit": self.hit, "held": self.held}


class StagedFaults:
    """The faults of one sandbox, in the order in which they were staged."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._faults: list[StagedFault] = []

    def stage(self, fault: StagedFault) -> None:
        """Let a fault hit from the next call on."""
        with self._changed:
            self._faults.append(fault)

    def all(self) -> list[dict[str, object]]:
        """Return the facts of every fault since the last clearing, used up or not."""
        with self._changed:
            return [fault.facts() for fault in self._faults]

    def due(self, operation: str, principal: str) -> StagedFault | None:
        """Return the fault that hits this call, and count the call; the earliest staged one goes first."""
        with self._changed:
            for fault in self._faults:
                if fault.operation not in (EVERY_OPERATION, operation) or fault.principal not in ("", principal):
                    continue
                if fault.passed < fault.after:
                    fault.passed += 1
                elif fault.hit < fault.times:
                    fault.hit += 1
                    return fault
        return None

    def hold(self, fault: StagedFault) -> None:
        """Hold a call until its fault is cleared."""
        with self._changed:
            fault.held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: fault.is_cleared)
            fault.held -= 1

    def wait_until_held(self, seconds: float) -> bool:
        """Return once a call is being held, or False when none is after so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: any(fault.held for fault in self._faults), seconds)

    def clear(self) -> None:
        """Forget every fault, and let go what is held."""
        with self._changed:
            for fault in self._faults:
                fault.is_cleared = True
            self._faults.clear()
            self._changed.notify_all()


def staged_fault(description: object) -> StagedFault:
    """Return the fault that a JSON object describes.

    Raises:
        ValueError: it describes none.
    """
    if not isinstance(description, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - what a person wrote, not a caller's type
    unknown = set(description) - {"kind", "operation", "principal", "after", "times"}
    if unknown:
        raise ValueError(f"a fault has no {min(unknown)}")
    kind = description.get("kind")
    if kind not in [each.value for each in FaultKind]:
        raise ValueError(f"kind is one of {', '.join(each.value for each in FaultKind)}")
    return StagedFault(
        FaultKind(kind),
        _text(description, "operation", EVERY_OPERATION),
        _text(description, "principal", ""),
        _number(description, "after", 0),
        _number(description, "times", 1),
    )


def _text(description: Mapping[str, object], name: str, usual: str) -> str:
    value = description.get(name, usual)
    if not isinstance(value, str):
        raise ValueError(f"{name} is a text")  # noqa: TRY004 - as above
    return value


def _number(description: Mapping[str, object], name: str, usual: int) -> int:
    value = description.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is a whole number")  # noqa: TRY004 - as above
    return value
