"""The switch in the customer's hand: what stands in AWS for open and closed, and how it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gatepass.domain.documents import Document, policy
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.trust import instant_text, is_closed

# AWS's Date header and aws:TokenIssueTime count whole seconds. A session that began in the very
# second of the header, but before the trust was written, would slip through a comparison with
# that second; so the line is drawn one second later and nobody is told the new ID before it.
CLOCK_STEP = timedelta(seconds=1)


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
    line = instant_text(aws_time.replace(microsecond=0) + CLOCK_STEP)
    return policy(
        {
            "Sid": "OlderSessionsEnd",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": line}},
        }
    )


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
