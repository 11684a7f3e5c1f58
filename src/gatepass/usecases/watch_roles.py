"""See how roles were before they are changed, and how they are then, without asking AWS for anything more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping

from gatepass.decision.request import EXTERNAL_ID
from gatepass.domain.audit_record import digest
from gatepass.domain.change import Change, CreateRole, DeleteInline, DeleteRole, PutInline, ReplaceTrust
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn, RoleArn, RoleName
from gatepass.domain.quotas import Quotas
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.ports.roles import Inventory, RoleDirectory, Sighting

_EXTERNAL_ID = re.compile(r"gp1\.[A-Za-z0-9.-]+", re.IGNORECASE | re.ASCII)

# The trust and the switch policies.
_State = tuple[Document | None, Document | None]
# Takes a role's name and the digests of how it was and how it is.
HearRole = Callable[[RoleName, str, str], None]


class WatchedRoles:
    """Another directory of roles; how a role was last sighted before and after its changes is heard."""

    def __init__(self, roles: RoleDirectory, hear: HearRole) -> None:
        """Watch what is done by way of this one."""
        self._roles, self._hear = roles, hear
        # As they were first seen, and as they are now.
        self._before: dict[RoleName, _State] = {}
        self._now: dict[RoleName, _State] = {}
        self._changed: set[RoleName] = set()

    def owner(self) -> tuple[Partition, AccountId]:
        """Return whose account this is."""
        return self._roles.owner()

    def inventory(self, adopted: Collection[RoleName] = ()) -> Inventory:
        """Return what stands in the account."""
        return self._roles.inventory(adopted)

    def standing(self) -> Mapping[RoleArn, Role]:
        """Return our roles as they stand."""
        found = self._roles.standing()
        for role in found.values():
            self._see(role.name, (role.trust, role.inline.get(SWITCH_POLICY)))
        return found

    def quotas(self) -> Quotas | None:
        """Return what the account may hold."""
        return self._roles.quotas()

    def policy_text(self, policy: PolicyArn) -> Document | None:
        """Return the text of a managed policy."""
        return self._roles.policy_text(policy)

    def sight(self, name: RoleName) -> Sighting:
        """Return the switch of one role as it stands now."""
        seen = self._roles.sight(name)
        self._see(name, (seen.trust, seen.switch))
        return seen

    def managed_policies(self) -> Mapping[PolicyArn, str]:
        """Return every managed policy that can be attached."""
        return self._roles.managed_policies()

    def make(self, change: Change) -> None:
        """Make one change."""
        self._roles.make(change)
        name = change.name
        known = self._now.get(name)
        match change:
            case CreateRole():
                self._now[name] = change.role.trust, None
            case ReplaceTrust() if known is not None:
                self._now[name] = change.trust, known[1]
            case PutInline() if known is not None and change.policy_name == SWITCH_POLICY:
                self._now[name] = known[0], change.document
            case DeleteInline() if known is not None and change.policy_name == SWITCH_POLICY:
                self._now[name] = known[0], None
            case DeleteRole():
                self._now[name] = None, None
            case _:
                pass
        self._changed.add(name)
        self._tell(name)

    def _see(self, name: RoleName, state: _State) -> None:
        self._now[name] = state
        if name in self._changed:
            self._tell(name)
        else:
            self._before[name] = state

    def _tell(self, name: RoleName) -> None:
        before, now = self._before.get(name), self._now.get(name)
        self._hear(name, state_digest(*before) if before else "", state_digest(*now) if now else "")


def state_digest(trust: Document | None, switch: Document | None) -> str:
    """Return the digest of a role's trust and switch policies with every external ID left out of them.

    Whoever has the log could try weak external IDs against a digest that they were in.
    """
    documents = [each.data if each is not None else None for each in (trust, switch)]
    return digest(json.dumps(_masked(documents), sort_keys=True, separators=(",", ":")))


def _masked(value: object) -> object:
    match value:
        case dict():
            return {key: "****" if key.lower() == EXTERNAL_ID else _masked(each) for key, each in value.items()}
        case list():
            return [_masked(each) for each in value]
        case str():
            return _EXTERNAL_ID.sub("****", value)
        case _:
            return value
