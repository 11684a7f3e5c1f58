"""Tell when the external IDs of a grant were last used, where CloudTrail tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatepass.domain.identifiers import ExternalId, GrantName, RoleArn
from gatepass.domain.trust import accepted_external_id, retiring_external_id
from gatepass.ports.entries import EntryLog, EntryRecord
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.rotate_factor import Rotated, rotation_status


@dataclass(frozen=True, slots=True)
class Uses:
    """How one role's rotation stands, and the last session that began with each external ID.

    Attributes:
        current: the last entry with the current ID; None when there was none.
        old: the last entry with the ID that is being replaced; None when there was none, or no rotation runs.
        opens_without: whether the role has no external ID of ours.
    """

    rotation: Rotated
    current: EntryRecord | None
    old: EntryRecord | None
    opens_without: bool

    @property
    def arn(self) -> RoleArn:
        """The role."""
        return self.rotation.arn


def last_uses(name: GrantName, roles: RoleDirectory, log: EntryLog) -> tuple[Uses, ...]:
    """Return the last uses for each role of the grant.

    Raises:
        NotThere: the account has no role of that grant.
        AccessRefused: the credentials may not read the log.
    """
    found = []
    for rotation, role in rotation_status(name, roles):
        entries = log.entries(rotation.arn)
        current, retiring = accepted_external_id(role.trust), retiring_external_id(role.trust)
        old = retiring.external_id if retiring is not None and rotation.old_until is not None else None
        found.append(Uses(rotation, _last(entries, current), _last(entries, old), current is None))
    return tuple(found)


def _last(entries: Sequence[EntryRecord], external_id: ExternalId | None) -> EntryRecord | None:
    if external_id is None:
        return None
    return next((entry for entry in entries if entry.external_id == external_id), None)
