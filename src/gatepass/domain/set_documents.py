"""The inline policy of a team's permission set: the ways into customers' roles, and its second factors in the store.

The ways are packed as for any team; one statement more lets it read what lies under its own name, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, Partition, RoleArn
from gatepass.domain.packing import PolicySizes, pack, roles_of
from gatepass.domain.register import TeamName
from gatepass.domain.team_access import STORE_SID, store_statement
from gatepass.domain.team_reach import is_arns_only, reach_of

Statement = dict[str, object]

_PLACE = re.compile(r"arn:([a-z-]+):ssm:\*:(\d{12}):parameter/", re.ASCII)
_EMPTY = policy().size


@dataclass(frozen=True, slots=True)
class SetDocument:
    """What the policy of a permission set says.

    Attributes:
        ways: the document that lets into roles.
        store: the statement that lets read the team's second factors; None where there is none.
    """

    ways: Document
    store: Statement | None

    @property
    def whole(self) -> Document:
        """Both, as Identity Center keeps it."""
        return self.ways if self.store is None else policy(*self.ways.statements, self.store)


def parts_of(document: Document, team: str) -> SetDocument:
    """Return the parts of a document; a statement about the store that is not this team's stays where it is."""
    statements = document.statements
    last = statements[-1] if statements else {}
    own = _own_store(last, team) if last.get("Sid") == STORE_SID else None
    if own is None or policy(last) != policy(own):
        return SetDocument(document, None)
    return SetDocument(policy(*statements[:-1]), own)


def reached_by(document: Document, team: str) -> frozenset[RoleArn]:
    """Return the roles that a document of ours lets into; what is not wholly of our form counts for nothing."""
    return roles_of([parts_of(document, team).ways])


def room_beside(store: Statement, sizes: PolicySizes) -> PolicySizes:
    """Return how large the ways may be where the statement about the store stands beside them."""
    # The comma that parts it from the others.
    return PolicySizes(sizes.largest - (policy(store).size - _EMPTY) - 1, sizes.most)


def allowed_by_both(old: Document | None, new: Document | None, team: str, sizes: PolicySizes) -> Document | None:
    """Return a policy that allows only what both allow: one of them where it does, None where there is nothing."""
    if old is None or new is None:
        return None
    before, after = parts_of(old, team), parts_of(new, team)
    store = before.store if before.store == after.store else None
    ways = _ways_of_both(before.ways, after.ways, room_beside(store, sizes) if store else sizes)
    return SetDocument(ways, store).whole if ways is not None else None


def _ways_of_both(old: Document, new: Document, sizes: PolicySizes) -> Document | None:
    before, after = reach_of(old), reach_of(new)
    if before is None or after is None or before.own_name != after.own_name:
        return None
    shared = before.roles & after.roles
    if shared in (before.roles, after.roles):
        return old if shared == before.roles else new
    if not shared:
        return None
    packed = pack(shared, sizes, own_name=after.own_name, arns_only=is_arns_only(new))
    return packed.documents[0] if packed.overflow is None else None


def _own_store(statement: Statement, team: str) -> Statement | None:
    """Return the statement as it would be written for this team in the account that it names."""
    listed = statement.get("Resource")
    places = [_PLACE.match(each) for each in (listed if isinstance(listed, list) else []) if isinstance(each, str)]
    found = next((place for place in places if place is not None), None)
    if found is None:
        return None
    try:
        return store_statement(Partition(found[1]), AccountId(found[2]), TeamName(team))
    except InvalidInput:
        return None
