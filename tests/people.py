"""Values that many tests begin from: the accounts, a grant, a role, a directory in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, GrantName, PolicyArn

PROVIDER = AccountId("111122223333")
CUSTOMER = AccountId("444455556666")
OTHER_PROVIDER = AccountId("999900001111")
SUPPORT = GrantName("support")
MORNING = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

POLICY_NAMES = (
    "AmazonS3FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "SecurityAudit",
    "ReadOnlyAccess",
    "AdministratorAccess",
)
MANAGED = {PolicyArn(f"arn:aws:iam::aws:policy/{name}"): name for name in POLICY_NAMES}
BOUNDARY = PolicyArn("arn:aws:iam::444455556666:policy/PartnerBoundary")
MANAGED[BOUNDARY] = "PartnerBoundary"

GRANT = Grant(SUPPORT, PROVIDER, ("AmazonS3FullAccess", "AmazonEC2ReadOnlyAccess"))


def declaration(*grants: Grant) -> Declaration:
    """Return a file of the customer with these grants, by default the support grant."""
    return Declaration(CUSTOMER, grants or (GRANT,))


def memory_roles() -> MemoryRoles:
    """Return an empty customer account with AWS's policies."""
    return MemoryRoles(CUSTOMER, MemoryClock(MORNING), MANAGED)


def randomness() -> MemoryRandomness:
    """Return words that differ."""
    return MemoryRandomness()
