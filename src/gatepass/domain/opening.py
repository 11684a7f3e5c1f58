"""An opening of limited time: its end stands in a policy of its own, beside the trust, so that no scheduler is needed.

The trust decides only when a session begins. The denial here ends the sessions that are under
way in the same second, by AWS's clock (IAM User Guide, "aws:CurrentTime").
"""

from __future__ import annotations

from datetime import datetime

from gatepass.domain.documents import Document, policy
from gatepass.domain.role import OPENING_POLICY, Role
from gatepass.domain.trust import instant_text, read_instant

_SID = "OpeningIsOver"


def deny_from(until: datetime) -> Document:
    """Return the policy that denies everything from that instant on."""
    return policy(
        {
            "Sid": _SID,
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": instant_text(until)}},
        }
    )


def opened_until(role: Role) -> datetime | None:
    """Return when the opening ends or ended, or None when the role was opened without an end."""
    standing = role.inline.get(OPENING_POLICY)
    for statement in standing.statements if standing else []:
        match statement:
            case {"Sid": str(sid), "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": str(instant)}}} if (
                sid == _SID
            ):
                return read_instant(instant)
            case _:
                continue
    return None
