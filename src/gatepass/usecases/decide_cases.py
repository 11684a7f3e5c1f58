"""Decide written cases one by one, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gatepass.decision.cases import decide_case, parse_case
from gatepass.decision.evaluate import Decision
from gatepass.decision.grammar import Number
from gatepass.domain.errors import InvalidInput

# What Python reads as a number without asking for more room.
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """One case with its decision.

    Attributes:
        id: what the case calls itself, text or number; ``None`` when it does not say.
    """

    line: int
    id: str | int | None
    decision: Decision = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusedCase:
    """A line that is not a case, or has a document that AWS would refuse to save."""

    line: int
    error: InvalidInput


def decide_lines(lines: Iterable[bytes]) -> Iterator[DecidedCase | RefusedCase]:
    """Decide each line of JSON; a bad one is told and the rest still decided. Blank lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield decide_line(number, line)
            except InvalidInput as error:
                yield RefusedCase(number, error)


def decide_line(number: int, line: bytes) -> DecidedCase:
    """Decide one case.

    Raises:
        MalformedPolicy: not JSON, or the case has a document that AWS would refuse to save.
        InvalidInput: the case is not of the form.
    """
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("not text in UTF-8", why="JSON is written in UTF-8", next_step="save it as UTF-8") from None
    case = parse_case(text)
    return DecidedCase(number, _id(case.get("id")), decide_case(case))


def _id(value: object) -> str | int | None:
    if isinstance(value, Number) and len(value) <= _LONGEST_NUMBER and value.lstrip("-").isdecimal():
        return int(value)
    return str(value) if isinstance(value, str) else None
