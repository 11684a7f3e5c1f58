"""What every role of ours is denied by what its grant declares, whatever its permissions say."""

from __future__ import annotations

from gatepass.domain.documents import Document, policy
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import ROLE_PATH, AccountId, Partition, RoleArn
from gatepass.domain.trust import instant_text

# The principal as which a provider proves that a role cannot be misused: it can enter and do nothing.
VERIFIER = "gatepass-verifier"

_FENCE = "RolesOfGatepassStay"


def limits_policy(grant: Grant, partition: Partition, account: AccountId, own: RoleArn | None = None) -> Document:
    """Return the inline policy of denials: the verifier, our own roles, and the window.

    The window stands here beside the trust because the trust decides only when a session
    begins; this ends the sessions that are under way in the same second.

    Args:
        grant: the window.
        partition: the partition of the account.
        account: whose roles are fenced off.
        own: the role itself, where it was adopted and stands under another path, or keeps other roles.
    """
    others = [f"arn:{partition}:iam::{account}:role{ROLE_PATH}*"]
    # What keeps the others can change them, and never itself.
    roles = [*(others if own is None or not grant.keeps_roles else []), *([str(own)] if own else [])]
    statements: list[dict[str, object]] = [
        {
            "Sid": "VerifierDoesNothing",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceIdentity": VERIFIER}},
        },
        {
            # A session that could change these roles could undo its own revocation.
            "Sid": _FENCE,
            "Effect": "Deny",
            "NotAction": ["iam:Get*", "iam:List*"],
            "Resource": roles,
        },
    ]
    if grant.window.begin is not None:
        statements.append(_deny_by_clock("NotYet", "DateLessThan", instant_text(grant.window.begin)))
    if grant.window.end is not None:
        statements.append(_deny_by_clock("Over", "DateGreaterThanEquals", instant_text(grant.window.end)))
    return policy(*statements)


def fences_off_all(limits: Document) -> bool:
    """Say whether these denials keep a role's sessions from changing any role of ours."""
    listed = [entry for one in limits.statements if one.get("Sid") == _FENCE for entry in _texts(one.get("Resource"))]
    return any(entry.endswith(f":role{ROLE_PATH}*") for entry in listed)


def _texts(value: object) -> list[str]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)]


def both_limits(old: Document, new: Document) -> Document:
    """Return the denials of both: what stands while one is exchanged for the other."""
    merged = [*new.statements]
    merged += [
        {key: entry for key, entry in old_one.items() if key != "Sid"}
        for old_one in old.statements
        if old_one not in merged
    ]
    return policy(*merged)


def _deny_by_clock(sid: str, operator: str, instant: str) -> dict[str, object]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {"aws:CurrentTime": instant}},
    }
