"""The changes that can be made to a role: each is one call to AWS, and each says what it does to a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from gatepass.domain.documents import Document
from gatepass.domain.identifiers import PolicyArn, RoleName
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.switch import deny_sessions_from_before


@dataclass(frozen=True, slots=True)
class CreateRole:
    """Make the role with its trust, limits of time and boundary, but without any permission."""

    role: Role

    @property
    def name(self) -> RoleName:
        """The role's name."""
        return self.role.name


@dataclass(frozen=True, slots=True)
class ReplaceTrust:
    """Exchange who may enter."""

    name: RoleName
    trust: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachPolicy:
    """Give the permissions of a managed policy."""

    name: RoleName
    policy: PolicyArn


@dataclass(frozen=True, slots=True)
class DetachPolicy:
    """Take the permissions of a managed policy away."""

    name: RoleName
    policy: PolicyArn


@dataclass(frozen=True, slots=True)
class PutInline:
    """Write an inline policy, replacing one of the same name."""

    name: RoleName
    policy_name: str
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteInline:
    """Delete an inline policy."""

    name: RoleName
    policy_name: str


@dataclass(frozen=True, slots=True)
class LimitSessions:
    """Set the longest session that the role gives."""

    name: RoleName
    session_limit: timedelta


@dataclass(frozen=True, slots=True)
class SetBoundary:
    """Set the permissions boundary."""

    name: RoleName
    boundary: PolicyArn


@dataclass(frozen=True, slots=True)
class RemoveBoundary:
    """Remove the permissions boundary."""

    name: RoleName


@dataclass(frozen=True, slots=True)
class TagRole:
    """Set tags, replacing those of the same key."""

    name: RoleName
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UntagRole:
    """Remove tags."""

    name: RoleName
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndOlderSessions:
    """Deny every session that began before now by AWS's clock, and let later ones act."""

    name: RoleName


@dataclass(frozen=True, slots=True)
class DeleteRole:
    """Delete the role, which holds nothing any more."""

    name: RoleName


Change = (
    CreateRole
    | ReplaceTrust
    | AttachPolicy
    | DetachPolicy
    | PutInline
    | DeleteInline
    | LimitSessions
    | SetBoundary
    | RemoveBoundary
    | TagRole
    | UntagRole
    | EndOlderSessions
    | DeleteRole
)


def after(role: Role, change: Change, aws_time: datetime) -> Role | None:  # noqa: C901, PLR0911, PLR0912 - one case a change
    """Return the role as it stands after the change, or None once it is deleted."""
    match change:
        case CreateRole(made):
            return made
        case ReplaceTrust(_, trust):
            return replace(role, trust=trust)
        case AttachPolicy(_, policy):
            return replace(role, policies=role.policies | {policy})
        case DetachPolicy(_, policy):
            return replace(role, policies=role.policies - {policy})
        case PutInline(_, policy_name, document):
            return replace(role, inline={**role.inline, policy_name: document})
        case DeleteInline(_, policy_name):
            return replace(role, inline={name: text for name, text in role.inline.items() if name != policy_name})
        case LimitSessions(_, session_limit):
            return replace(role, session_limit=session_limit)
        case SetBoundary(_, boundary):
            return replace(role, boundary=boundary)
        case RemoveBoundary():
            return replace(role, boundary=None)
        case TagRole(_, tags):
            return replace(role, tags={**role.tags, **tags})
        case UntagRole(_, keys):
            return replace(role, tags={key: tag for key, tag in role.tags.items() if key not in keys})
        case EndOlderSessions():
            return replace(role, inline={**role.inline, SWITCH_POLICY: deny_sessions_from_before(aws_time)})
        case DeleteRole():
            return None
        case _:
            assert_never(change)
