"""The trust policy before, during and after a rotation of the second factor; everything else in it stays as it is."""

from __future__ import annotations

from datetime import datetime

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.trust import ENTER, ENTER_WITH_OLD, earliest, instant_text, read_instant


def rotated(trust: Document, fresh: ExternalId, old_until: datetime | None) -> Document:
    """Return the trust that opens with a fresh external ID, and with the one before until then.

    Args:
        trust: an open trust of ours, as it stands in AWS.
        fresh: the new external ID.
        old_until: from when on the old ID opens no more; None for at once.
    """
    statements: list[dict[str, object]] = []
    for statement in trust.statements:
        if statement.get("Sid") == ENTER_WITH_OLD:
            continue
        if statement.get("Sid") != ENTER:
            statements.append(statement)
            continue
        statements.append(_with(statement, "StringEquals", "sts:ExternalId", fresh.reveal()))
        if old_until is not None:
            end = earliest(_end(statement), old_until)
            old = _with(statement, "DateLessThan", "aws:CurrentTime", instant_text(end or old_until))
            statements.append({**old, "Sid": ENTER_WITH_OLD})
    return policy(*statements)


def without_old(trust: Document) -> Document:
    """Return the trust that opens with the current external ID only."""
    return policy(*(statement for statement in trust.statements if statement.get("Sid") != ENTER_WITH_OLD))


def _with(statement: dict[str, object], operator: str, key: str, value: str) -> dict[str, object]:
    condition = _conditions(statement)
    return {**statement, "Condition": {**condition, operator: {**condition.get(operator, {}), key: value}}}


def _end(statement: dict[str, object]) -> datetime | None:
    return read_instant(_conditions(statement).get("DateLessThan", {}).get("aws:CurrentTime"))


def _conditions(statement: dict[str, object]) -> dict[str, dict[str, object]]:
    condition = statement.get("Condition")
    return condition if isinstance(condition, dict) else {}
