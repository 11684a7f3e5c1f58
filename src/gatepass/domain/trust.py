"""Trust policies: who may enter a role; written in one form, read tolerantly.

The form follows the AWS page "How to use an external ID when granting access to your AWS
resources to a third party" and keeps two rules that are easily missed. ``sts:ExternalId`` is a
condition key of sts:AssumeRole only, so session tags and source identity have a statement of
their own. And the principal is the account root narrowed by aws:PrincipalArn, which survives
that the provider deletes and re-creates a role; a role ARN as principal does not.
"""

from __future__ import annotations

from datetime import UTC, datetime

from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import ExternalId, Partition

_ENTER = "Enter"
_LABEL = "LabelSession"
_CLOSED = "Closed"


def open_trust(grant: Grant, partition: Partition, external_id: ExternalId | None) -> Document:
    """Return the trust policy that lets the grant's provider in with exactly this external ID.

    Without an ID the role opens to the provider's account alone; only a grant that says
    ``second_factor: none`` may ask for that, and anything else is a defect of the caller.
    """
    if grant.needs_second_factor != (external_id is not None):
        raise ValueError("an external ID is given exactly when the grant needs one")
    principal = {"AWS": f"arn:{partition}:iam::{grant.provider}:root"}
    named = _named_principals(grant, partition)
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
    if grant.window.end is not None:
        enter["DateLessThan"] = {"aws:CurrentTime": instant_text(grant.window.end)}
    label: dict[str, dict[str, object]] = {"ArnLike": {"aws:PrincipalArn": named}} if named else {}
    return policy(
        _statement(_ENTER, principal, "sts:AssumeRole", enter),
        _statement(_LABEL, principal, ["sts:SetSourceIdentity", "sts:TagSession"], label),
    )


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
    for statement in trust.statements:
        if statement.get("Sid") != _ENTER or statement.get("Effect") != "Allow":
            continue
        condition = statement.get("Condition")
        equals = condition.get("StringEquals") if isinstance(condition, dict) else None
        value = equals.get("sts:ExternalId") if isinstance(equals, dict) else None
        return _readable(value)
    return None


def instant_text(instant: datetime) -> str:
    """Return the instant as IAM's date operators read it: ISO 8601, UTC, whole seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
