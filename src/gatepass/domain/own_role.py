"""A role out of an account's policies, read as one of Gatepass."""

from __future__ import annotations

from gatepass.domain.account_policies import Holder
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.role import SESSION_LIMIT_NOT_READ, Role


def own_role(role: Holder, trust: Document) -> Role | None:
    """Return the role as one of Gatepass, or None when it is somebody else's."""
    arn = RoleArn(role.arn)
    own = Role(arn.name, trust, SESSION_LIMIT_NOT_READ, arn.path, inline=role.inline, tags=role.tags)
    return own if own.is_ours else None
