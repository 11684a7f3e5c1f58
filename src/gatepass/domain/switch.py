"""The switch in the customer's hand: what stands in AWS for open and closed, and how it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import EngineerName
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.session import LONGEST_SESSION
from gatepass.domain.trust import instant_text, is_closed, read_instant

# AWS's Date header and aws:TokenIssueTime count whole seconds. A session that began in the very
# second of the header, but before the trust was written, would slip through a comparison with
# that second; so the line is drawn one second later and nobody is told the new ID before it.
CLOCK_STEP = timedelta(seconds=1)
_FAR_AHEAD = datetime.max.replace(tzinfo=UTC)


class Position(Enum):
    """Where the switch of one role stands."""

    OPEN = "open"
    CLOSED = "closed"
    HALF_CLOSED = "half closed"
    CHANGING = "changing"


@dataclass(frozen=True, slots=True)
class Doors:
    """The two halves of a switch: may sessions begin, may sessions act.

    Attributes:
        is_changing: an apply holds the sessions while it changes who may enter, or stopped doing so;
            running it again lets them act again.
    """

    trust_is_closed: bool
    role_is_denied: bool
    is_changing: bool = False

    @property
    def position(self) -> Position:
        """Closed when both halves are, open when neither is."""
        if self.is_changing and not self.trust_is_closed:
            return Position.CHANGING
        if self.trust_is_closed and self.role_is_denied:
            return Position.CLOSED
        return Position.HALF_CLOSED if self.trust_is_closed or self.role_is_denied else Position.OPEN


_CHANGING = "Changing"


def deny_everything() -> Document:
    """Return the switch policy of a closed role: no session, old or new, can make another call."""
    return policy({"Sid": "Closed", "Effect": "Deny", "Action": "*", "Resource": "*"})


def deny_while_changing() -> Document:
    """Return the switch policy that holds every session while an apply changes who may enter.

    Its own Sid tells it from a closed door, so that an apply that was stopped can be finished
    by the next one, which must never open what a person has closed.
    """
    return policy({"Sid": _CHANGING, "Effect": "Deny", "Action": "*", "Resource": "*"})


def deny_sessions_from_before(aws_time: datetime) -> Document:
    """Return the switch policy that ends every session begun up to the second that ``aws_time`` names.

    Args:
        aws_time: AWS's own clock, read from the Date header of an answer; ours may be off.
    """
    return policy(_deny_until(_line_after(aws_time), "OlderSessionsEnd", {}))


def deny_sessions_of(engineer: EngineerName, aws_time: datetime, standing: Document | None) -> Document:
    """Return the policy that ends the sessions of single engineers, this one's begun up to the second of ``aws_time``.

    It is a policy beside the switch, so that it never stands in place of a closed door's.

    Args:
        engineer: the source identity of the sessions.
        aws_time: AWS's own clock.
        standing: the policy as it stands; others' sessions stay ended, and a line that is older than any session
            can be is left out.
    """
    line = _line_after(aws_time)
    kept = [
        statement
        for statement in (standing.statements if standing else [])
        if _engineer_of(statement) != engineer.text and _line_of(statement) > line - LONGEST_SESSION
    ]
    return policy(*kept, _deny_until(line, "", {"StringEquals": {"aws:SourceIdentity": engineer.text}}))


def _line_after(aws_time: datetime) -> datetime:
    return aws_time.replace(microsecond=0) + CLOCK_STEP


def _deny_until(line: datetime, sid: str, further: dict[str, object]) -> dict[str, object]:
    """Return the denial of all sessions issued before the line."""
    return {
        **({"Sid": sid} if sid else {}),
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": instant_text(line)}, **further},
    }


def _engineer_of(statement: dict[str, object]) -> object:
    """Return whose sessions a statement ends."""
    return _compared(statement, "StringEquals", "aws:SourceIdentity")


def _line_of(statement: dict[str, object]) -> datetime:
    """Return the line of a statement; one that cannot be read counts as far ahead, so that it stays."""
    return read_instant(_compared(statement, "DateLessThan", "aws:TokenIssueTime")) or _FAR_AHEAD


def _compared(statement: dict[str, object], operator: str, key: str) -> object:
    condition = statement.get("Condition")
    block = condition.get(operator) if isinstance(condition, dict) else None
    return block.get(key) if isinstance(block, dict) else None


def doors(role: Role) -> Doors:
    """Read both halves of the switch from a role as it stands."""
    return read_doors(role.trust, role.inline.get(SWITCH_POLICY))


def read_doors(trust: Document, switch: Document | None) -> Doors:
    """Read both halves of the switch from the two documents that make it."""
    denials = [statement for statement in switch.statements if _denies_everything(statement)] if switch else []
    changing = bool(denials) and all(statement.get("Sid") == _CHANGING for statement in denials)
    return Doors(trust_is_closed=is_closed(trust), role_is_denied=bool(denials), is_changing=changing)


def _denies_everything(statement: dict[str, object]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Action") == "*"
        and statement.get("Resource") == "*"
        and not statement.get("Condition")
    )
