"""What a careful reviewer would say about a grant before it is applied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from gatepass.domain.grant import Grant

# Managed policies that let a session change who may do what.
_POWER_OVER_IAM = frozenset({"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"})


class Severity(Enum):
    """How much a finding weighs."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: a stable id, what is so, why it matters, what to do."""

    id: str
    severity: Severity
    grant: str
    what: str
    why: str
    next_step: str


def review(grant: Grant, now: datetime) -> Iterator[Finding]:
    """Yield what is worth saying about the grant, the weightiest first."""
    name = str(grant.name)
    names = {permission.rsplit("/", 1)[-1] for permission in grant.permissions}
    if not grant.needs_second_factor:
        yield Finding(
            "no-second-factor",
            Severity.HIGH,
            name,
            "the role opens without an external ID",
            "anyone who can make the provider act for him reaches this account (the confused deputy)",
            "leave second_factor out, or set it to required",
        )
    if names & _POWER_OVER_IAM and grant.boundary is None:
        yield Finding(
            "iam-without-boundary",
            Severity.HIGH,
            name,
            f"{', '.join(sorted(names & _POWER_OVER_IAM))} without a permissions boundary",
            "a session could make itself users, keys and roles that outlive the grant",
            "set boundary: to a policy that keeps IAM out of reach",
        )
    if "ReadOnlyAccess" in names:
        yield Finding(
            "reads-data",
            Severity.MEDIUM,
            name,
            "ReadOnlyAccess reads data: objects, tables, parameters",
            "most audits need settings only",
            "prefer SecurityAudit or ViewOnlyAccess",
        )
    if grant.window.has_ended(now):
        yield Finding(
            "window-over",
            Severity.MEDIUM,
            name,
            "the window is over",
            "nobody can enter, and the role still stands",
            f"gatepass withdraw {name}, or give the window a later end",
        )
    if not grant.requires_source_identity:
        yield Finding(
            "name-not-required",
            Severity.LOW,
            name,
            "sessions may begin without naming the engineer",
            "Gatepass names the engineer always; another tool of the provider need not",
            "set require_source_identity: true",
        )
