"""One IAM role of ours as it stands or should stand: trust, limits, permissions, tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gatepass.domain.documents import Document, policy
from gatepass.domain.identifiers import ROLE_PATH, PolicyArn, RoleName

# Names of the inline policies of a role of ours; one idea each, so that one call moves one thing.
SWITCH_POLICY = "gatepass-switch"
LIMITS_POLICY = "gatepass-limits"
OPENING_POLICY = "gatepass-opening"
REVOKED_POLICY = "gatepass-revoked"
PERMISSIONS_POLICY = "gatepass-permissions"

# Tags of a role of ours.
GRANT_TAG = "gatepass:grant"
PROVIDER_TAG = "gatepass:provider"
DIGEST_TAG = "gatepass:declared"
ENGINE_TAG = "gatepass:engine"
CUSTOMER_KEY_TAG = "gatepass:customer-key"
# Marks a role that was here before and was adopted; its value is the role's own name, so that a copy of the tags
# on another role means nothing.
ADOPTED_TAG = "gatepass:adopted"
_TAG_PREFIX = "gatepass:"

# The value of ENGINE_TAG for roles that these commands write themselves.
DIRECT_ENGINE = "direct"

# Stands where the session limit of a role was not read, which costs a call of its own; no role can have it.
SESSION_LIMIT_NOT_READ = timedelta(0)


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role; its trust and inline documents may hold an external ID and stay out of ``repr``."""

    name: RoleName
    trust: Document = field(repr=False)
    session_limit: timedelta
    path: str = ROLE_PATH
    policies: frozenset[PolicyArn] = frozenset()
    inline: Mapping[str, Document] = field(default_factory=dict, repr=False)
    boundary: PolicyArn | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether the role names its grant, and stands under our path or was adopted."""
        adopted = self.tags.get(ADOPTED_TAG) == self.name.text
        return GRANT_TAG in self.tags and (self.path == ROLE_PATH or adopted)

    @property
    def engine(self) -> str:
        """What writes this role: ``direct``, ``terraform`` or ``cloudformation``."""
        return self.tags.get(ENGINE_TAG, DIRECT_ENGINE)


def is_our_tag(key: str) -> bool:
    """Say whether the tag is one that Gatepass keeps itself."""
    return key.startswith(_TAG_PREFIX)


def denials_of(document: Document) -> Document | None:
    """Return the document without what it allows, or None when nothing is left of it."""
    denials = [statement for statement in document.statements if statement.get("Effect") == "Deny"]
    if not denials:
        return None
    return document if len(denials) == len(document.statements) else policy(*denials)
