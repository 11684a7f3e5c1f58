"""How a role that another engine keeps differs from the file; its switch and its external IDs do not count."""

from __future__ import annotations

from gatepass.domain.change import Change, DeleteInline, EndOlderSessions, PutInline, TagRole, UntagRole
from gatepass.domain.documents import Document
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import ExternalId, Partition
from gatepass.domain.opening import opened_until
from gatepass.domain.plan import plan_role
from gatepass.domain.role import OPENING_POLICY, REVOKED_POLICY, SWITCH_POLICY, Role
from gatepass.domain.trust import accepted_external_id, closed_trust, is_closed, open_trust, retiring_external_id

# Of the switch's verbs, which work on every engine's role.
_OF_THE_SWITCH = (SWITCH_POLICY, OPENING_POLICY, REVOKED_POLICY)
# Stands where a trust asks for no external ID at all, so that it differs from every trust in AWS.
_NONE_THERE = ExternalId("none-is-asked-for")


def declared_trust(grant: Grant, partition: Partition, observed: Role) -> Document:
    """Return the trust that the file asks for, with the external IDs that the other engine has put there.

    It keeps what the engine decides: closed or open, and with which IDs.
    """
    trust = observed.trust
    if is_closed(trust):
        return closed_trust()
    until = opened_until(observed)
    if not grant.needs_second_factor:
        return open_trust(grant, partition, None, until=until)
    kept = accepted_external_id(trust) or _NONE_THERE
    return open_trust(grant, partition, kept, retiring=retiring_external_id(trust), until=until)


def drift(wanted: Role, observed: Role) -> tuple[Change, ...]:
    """Return what it would take to make the role as the file says; nothing for its switch, and nothing for tags."""
    return tuple(change for change in plan_role(wanted, observed) if not _is_not_the_files(change))


def _is_not_the_files(change: Change) -> bool:
    match change:
        case TagRole() | UntagRole() | EndOlderSessions():
            return True
        case PutInline(_, name, _) | DeleteInline(_, name):
            return name in _OF_THE_SWITCH
        case _:
            return False
