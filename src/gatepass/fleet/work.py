"""What one unit of the fleet's work is, and what makes it durable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Protocol

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to do, for one subject.

    Attributes:
        kind: the kind of work, such as ``verify``.
        subject: whom it is about, such as ``acme-prod/support``.
        run: the run it belongs to.
    """

    kind: str
    subject: str
    run: str


class Steps(Protocol):
    """What makes one unit durable: what is done is remembered, and not done again after a crash."""

    def do(self, name: str, act: Callable[[], str]) -> str:
        """Do the step and return its text, or return what is remembered of it.

        A process that dies between the deed and its remembering does it once more: ``act`` is idempotent.
        The text is kept for as long as the run is: JSON or plain words, never an external ID or a credential.
        """
        ...

    def wait(self, duration: timedelta) -> None:
        """Wait; a process that starts again waits only for what is left."""
        ...

    def now(self) -> datetime:
        """Return this instant, in UTC; after a crash the one that was told first."""
        ...


class Result(Enum):
    """What became of a unit."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of a unit, in words for a person.

    Attributes:
        cause: what happened and why; the same words for the same cause, for a run stops when too many share one.
        next_step: one action, best a command to paste.
        facts: what else is worth keeping; never an external ID or a credential.
    """

    result: Result
    cause: str = ""
    next_step: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: _NONE)


Work = Callable[[Unit, Steps], UnitResult]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work, made ready for the options of one run.

    Attributes:
        name: what a person types, such as ``verify``.
        units: the subjects that a filter leaves; without a filter all of them.
        work: does one unit.
        only_reads: whether a unit may be done twice without harm, so that many go into one batch.
    """

    name: str
    units: Callable[[Mapping[str, str]], Sequence[str]]
    work: Work
    only_reads: bool = False


# What a run was started with, such as the register's file; kept with the run, so never anything secret.
Options = Mapping[str, str]
Kinds = Mapping[str, Callable[[Options], Kind]]
