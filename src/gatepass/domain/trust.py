"""Trust policies: who may enter a role; written in one form, read tolerantly.

The form follows the AWS page "How to use an external ID when granting access to your AWS
resources to a third party" and keeps two rules that are easily missed. ``sts:ExternalId`` is a
condition key of sts:AssumeRole only, so session tags and source identity have a statement of
their own. And the principal is the account root narrowed by aws:PrincipalArn, which survives
that the provider deletes and re-creates a role; a role ARN as principal does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ExternalId, Partition

if TYPE_CHECKING:
    # A grant's module is large, and who only reads a kept second factor needs none of it.
    from gatepass.domain.grant import Grant

ENTER = "Enter"
ENTER_WITH_OLD = "EnterWithOldId"
_LABEL = "LabelSession"
_CLOSED = "Closed"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Retiring:
    """The external ID from before a rotation, and the instant from which it opens no more."""

    external_id: ExternalId = field(repr=False)
    until: datetime


def open_trust(
    grant: Grant,
    partition: Partition,
    external_id: ExternalId | None,
    *,
    retiring: Retiring | None = None,
    until: datetime | None = None,
) -> Document:
    """Return the trust policy that lets the grant's provider in with exactly this external ID.

    Without an ID the role opens to the provider's account alone; only a grant that says
    ``second_factor: none`` may ask for that, and anything else is a defect of the caller.

    Args:
        grant: who may enter, from where, and in which window.
        partition: the partition of the account.
        external_id: the current second factor.
        retiring: the one before it, which opens beside it for a while.
        until: the end of an opening of limited time; the window's own end holds if it is earlier.
    """
    if grant.needs_second_factor != (external_id is not None):
        raise ValueError("an external ID is given exactly when the grant needs one")
    principal = {"AWS": f"arn:{partition}:iam::{grant.provider}:root"}
    named = _named_principals(grant, partition)
    end = earliest(grant.window.end, until)
    statements = [_statement(ENTER, principal, "sts:AssumeRole", _conditions(grant, named, external_id, end))]
    if retiring is not None:
        old = _conditions(grant, named, retiring.external_id, earliest(end, retiring.until))
        statements.append(_statement(ENTER_WITH_OLD, principal, "sts:AssumeRole", old))
    label: dict[str, dict[str, object]] = {"ArnLike": {"aws:PrincipalArn": named}} if named else {}
    labels = _statement(_LABEL, principal, ["sts:SetSourceIdentity", "sts:TagSession"], label)
    return policy(*statements, labels)


def earliest(*instants: datetime | None) -> datetime | None:
    """Return the earliest of the instants that are given at all."""
    given = [instant for instant in instants if instant is not None]
    return min(given, default=None)


def _conditions(
    grant: Grant, named: list[str], external_id: ExternalId | None, end: datetime | None
) -> dict[str, dict[str, object]]:
    enter: dict[str, dict[str, object]] = {}
    if external_id is not None:
        enter["StringEquals"] = {"sts:ExternalId": external_id.reveal()}
    if named:
        enter["ArnLike"] = {"aws:PrincipalArn": named}
    if grant.requires_source_identity:
        enter["StringLike"] = {"sts:SourceIdentity": "?*"}
    if grant.source_networks:
        enter["IpAddress"] = {"aws:SourceIp": [str(network) for network in grant.source_networks]}
    if grant.window.begin is not None:
        enter["DateGreaterThanEquals"] = {"aws:CurrentTime": instant_text(grant.window.begin)}
    if end is not None:
        enter["DateLessThan"] = {"aws:CurrentTime": instant_text(end)}
    return enter


def closed_trust() -> Document:
    """Return the trust policy that lets nobody in, the account's own principals included."""
    return policy({"Sid": _CLOSED, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


def is_closed(trust: Document) -> bool:
    """Say whether the trust lets nobody in: it denies AssumeRole to everybody, or allows nothing at all."""
    statements = trust.statements
    shuts = any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and "sts:AssumeRole" in _texts(statement.get("Action"))
        and not statement.get("Condition")
        for statement in statements
    )
    return shuts or not any(statement.get("Effect") == "Allow" for statement in statements)


def accepted_external_id(trust: Document) -> ExternalId | None:
    """Return the external ID that the statement ``Enter`` asks for, or None when it asks for none or for several.

    Only our own statement is read: an ID that somebody wrote beside it was never drawn for this grant.
    """
    return _readable(_condition_value(trust, ENTER, "StringEquals", "sts:ExternalId"))


def sole_external_id(trust: Document) -> ExternalId | None:
    """Return the one external ID that a trust of others asks for with StringEquals, or None when it is not one."""
    found = set()
    for statement in trust.statements:
        condition = statement.get("Condition")
        if statement.get("Effect") != "Allow" or not isinstance(condition, dict):
            continue
        equals = condition.get("StringEquals")
        keys = equals.items() if isinstance(equals, dict) else ()
        found |= {json.dumps(value) for key, value in keys if str(key).lower() == "sts:externalid"}
    return _readable(json.loads(found.pop())) if len(found) == 1 else None


def retiring_external_id(trust: Document) -> Retiring | None:
    """Return the external ID from before a rotation and when it ends; it may have ended already."""
    old = _readable(_condition_value(trust, ENTER_WITH_OLD, "StringEquals", "sts:ExternalId"))
    until = read_instant(_condition_value(trust, ENTER_WITH_OLD, "DateLessThan", "aws:CurrentTime"))
    return Retiring(old, until) if old is not None and until is not None else None


def requires_source_identity(trust: Document) -> bool:
    """Say whether nobody enters by our statements without naming the engineer."""
    sids = [statement.get("Sid") for statement in trust.statements if statement.get("Action") == "sts:AssumeRole"]
    named = [_condition_value(trust, str(sid), "StringLike", "sts:SourceIdentity") for sid in sids]
    return bool(named) and all(value == "?*" for value in named)


def _condition_value(trust: Document, sid: str, operator: str, key: str) -> object:
    """Return what the allowing statement of that Sid asks for, or None."""
    for statement in trust.statements:
        if statement.get("Sid") == sid and statement.get("Effect") == "Allow":
            condition = statement.get("Condition")
            block = condition.get(operator) if isinstance(condition, dict) else None
            return block.get(key) if isinstance(block, dict) else None
    return None


def read_instant(value: object) -> datetime | None:
    """Return the instant that a condition of ours compares with, or None for any other value."""
    try:
        return datetime.strptime(str(value), _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None


def instant_text(instant: datetime) -> str:
    """Return the instant as IAM's date operators read it: ISO 8601, UTC, whole seconds."""
    return instant.astimezone(UTC).strftime(_INSTANT)


def _named_principals(grant: Grant, partition: Partition) -> list[str]:
    return [f"arn:{partition}:iam::{grant.provider}:{pattern.text}" for pattern in grant.principals]


def _statement(
    sid: str, principal: dict[str, str], action: str | list[str], condition: dict[str, dict[str, object]]
) -> dict[str, object]:
    """Return an Allow statement; an empty condition block is left out, as IAM would."""
    statement: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return statement


def _readable(value: object) -> ExternalId | None:
    """Return the ID, or None for what STS would never take: IAM saves such values all the same."""
    try:
        return ExternalId(value) if isinstance(value, str) else None
    except InvalidInput:
        return None


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
