"""Who can do what in an account, by which way in, now and later: one set, so that more and less can be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gatepass.decision.policy import Policy
from gatepass.domain.identifiers import ExternalId, PolicyArn, RoleName
from gatepass.domain.role import Role
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from tests.people import OTHER_PROVIDER, PROVIDER
from tests.usecases.judge import may_do, may_enter

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

ENGINEER = f"arn:aws:iam::{PROVIDER}:user/netops-1"
COLLEAGUE = f"arn:aws:iam::{PROVIDER}:user/helpdesk-1"
OTHER_ENGINEER = f"arn:aws:iam::{OTHER_PROVIDER}:user/netops-1"
STRANGER = "arn:aws:iam::777788889999:user/eve"
# Whoever proves that a role cannot be misused may enter it, and must never be able to do anything.
VERIFIER = f"arn:aws:iam::{PROVIDER}:user/gatepass-verifier"
PEOPLE = (ENGINEER, COLLEAGUE, OTHER_ENGINEER, STRANGER, VERIFIER)

# Ways in.
OLD_ID = "the ID from before"
RETIRING_ID = "the ID from before the rotation"
NEW_ID = "a new ID"
NO_ID = "no ID"
OLD_SESSION = "a session from before"

ACTIONS = ("s3:GetObject", "s3:PutObject", "ec2:DescribeInstances", "sqs:SendMessage")
ENTERS = "enters"
LONG_SESSION = "enters for 4 h"
AHEAD = {"now": timedelta(), "in 90 min": 90 * MINUTE, "in 3 h": 3 * HOUR, "in 30 h": 30 * HOUR}
# When the sessions from before began. One may be of an opening that is over: it must not come back to life.
SESSIONS_BEGAN = (-90 * MINUTE, -MINUTE)

# Who, by which way in, can do what, and when.
Access = frozenset[tuple[str, str, str, str]]


Keys = Mapping[str, frozenset[ExternalId | None]]


@dataclass(frozen=True)
class Past:
    """What was there when a verb began.

    Attributes:
        start: when it began.
        keys: the external IDs that were handed out, by the way in that they open.
        names: the roles that could have live sessions.
    """

    start: datetime
    keys: Keys = field(repr=False)
    names: frozenset[RoleName] = frozenset()


def past(roles: Collection[Role], start: datetime) -> Past:
    """Return the past of a verb that begins with these roles."""
    return Past(start, _keys_to(roles), frozenset(role.name for role in roles))


def _keys_to(roles: Collection[Role]) -> Keys:
    current = (accepted_external_id(role.trust) for role in roles)
    retiring = (retiring_external_id(role.trust) for role in roles)
    return {
        OLD_ID: frozenset(found for found in current if found is not None),
        RETIRING_ID: frozenset(found.external_id for found in retiring if found is not None),
        NO_ID: frozenset({None}),
    }


def access(roles: Collection[Role], before: Past, now: datetime, managed: Mapping[PolicyArn, Policy]) -> Access:
    """Return who can do what to the roles as they stand.

    Args:
        roles: all of an account's that providers may enter.
        before: what people hold.
        now: the instant of judgement.
        managed: the text of every managed policy.
    """
    asked_for = frozenset().union(*_keys_to(roles).values())
    keys = {**before.keys, NEW_ID: asked_for - frozenset().union(*before.keys.values())}
    sessions = [before.start + began for began in SESSIONS_BEGAN]
    found = set()
    for role in roles:
        for who in PEOPLE:
            lives = role.name in before.names and who in (ENGINEER, COLLEAGUE)
            for when, ahead in AHEAD.items():
                then = now + ahead
                ways = [way for way, ids in keys.items() if any(may_enter(role, who, one, then) for one in ids)]
                if who != VERIFIER:
                    found |= {(who, way, ENTERS, when) for way in ways}
                if who != VERIFIER and role.session_limit >= 4 * HOUR:
                    found |= {(who, way, LONG_SESSION, when) for way in ways}
                for action in ACTIONS:
                    if ways and may_do(role, who, action, then, then, managed):
                        found |= {(who, way, action, when) for way in ways}
                    if lives and any(may_do(role, who, action, began, then, managed) for began in sessions):
                        found.add((who, OLD_SESSION, action, when))
    return frozenset(found)
