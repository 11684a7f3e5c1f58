"""What an account may hold, and what a plan would go beyond."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatepass.domain.identifiers import RoleName
from gatepass.domain.role import Role

# "IAM and AWS STS quotas", IAM User Guide: all inline policies of a role together, white space not counted; fixed.
LARGEST_INLINE = 10_240
# What the switch, an opening and a few revoked engineers need beside what is declared.
_RESERVED_INLINE = 1_000


@dataclass(frozen=True, slots=True)
class Quotas:
    """An account's own figures, from iam:GetAccountSummary.

    Attributes:
        roles: how many roles it may have.
        roles_now: how many it has.
        trust_size: the most characters of a trust policy, white space not counted.
        policies_per_role: how many managed policies a role may hold.
    """

    roles: int
    roles_now: int
    trust_size: int
    policies_per_role: int


def excesses(quotas: Quotas, wanted: Sequence[Role], created: Sequence[RoleName]) -> Iterator[str]:
    """Yield each quota that the wanted roles would go beyond, in words with both figures.

    Args:
        quotas: what the account may hold.
        wanted: the roles that would change.
        created: those among them that do not stand yet.
    """
    total = quotas.roles_now + len(created)
    if created and total > quotas.roles:
        yield f"{total} roles, and the account may have {quotas.roles}"
    for role in wanted:
        for what, size, limit in _of_role(role, quotas):
            if size > limit:
                yield f"role {role.name}: {size} {what}, and {limit} are allowed"


def _of_role(role: Role, quotas: Quotas) -> Iterable[tuple[str, int, int]]:
    inline = sum(document.size for document in role.inline.values()) + _RESERVED_INLINE
    return (
        ("characters of trust policy", role.trust.size, quotas.trust_size),
        ("managed policies", len(role.policies), quotas.policies_per_role),
        (f"characters of inline policies ({_RESERVED_INLINE} of them for the switch)", inline, LARGEST_INLINE),
    )
