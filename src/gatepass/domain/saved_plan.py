"""A plan that was shown, kept so that exactly it can be applied later; there is no secret in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gatepass.domain.grant import Declaration
from gatepass.domain.role import Role


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What was planned.

    Attributes:
        declaration: the file as it was, with the custom policies in it and without the channels of notices.
        prune: whether roles that the file does not name were to be deleted.
        made_at: when it was shown.
        account_digest: what stood in the account then; see ``account_digest``.
        changes: what was shown, one line a change.
    """

    declaration: Declaration
    prune: bool
    made_at: datetime
    account_digest: str
    changes: tuple[str, ...]


def account_digest(roles: Iterable[Role]) -> str:
    """Return 64 hexadecimal digits that change whenever one of the roles does.

    External IDs are left out, so that nobody can try guesses of a weak one against the digest: a plan keeps
    whatever IDs a role has.
    """
    standing = sorted(json.dumps(_facts(role), sort_keys=True) for role in roles)
    return hashlib.sha256("\n".join(standing).encode()).hexdigest()


def _facts(role: Role) -> dict[str, object]:
    return {
        "name": str(role.name),
        "path": role.path,
        "trust": _without_ids(role.trust.data),
        "inline": {name: _without_ids(text.data) for name, text in role.inline.items()},
        "policies": sorted(str(policy) for policy in role.policies),
        "boundary": str(role.boundary) if role.boundary else None,
        "session_seconds": role.session_limit.total_seconds(),
        "tags": dict(role.tags),
    }


def _without_ids(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: "external ID" if str(key).lower() == "sts:externalid" else _without_ids(entry)
            for key, entry in value.items()
        }
    return [_without_ids(entry) for entry in value] if isinstance(value, list) else value
