"""In-memory twins of what admitting a pass needs: the provider's book, and calls inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.handed_pass import HandedPass
from gatepass.domain.identifiers import AccountId
from gatepass.domain.limits import VERIFIER
from gatepass.domain.role import LIMITS_POLICY
from gatepass.domain.session import Session
from gatepass.domain.signed_file import PublicKey


@dataclass
class MemoryAdmissionBook:
    """A provider's book that is forgotten with the process."""

    keys: dict[AccountId, PublicKey] = field(default_factory=dict)
    admitted: dict[str, datetime] = field(default_factory=dict)

    def known_key(self, customer: AccountId) -> PublicKey | None:
        """Return the key that was remembered."""
        return self.keys.get(customer)

    def was_admitted(self, pass_id: str) -> bool:
        """Say whether it was remembered."""
        return pass_id in self.admitted

    def remember(self, handed: HandedPass, key: PublicKey, now: datetime) -> None:
        """Keep both, and forget what nobody could admit any more."""
        self.keys[handed.customer] = key
        self.admitted = {one: end for one, end in self.admitted.items() if end > now}
        self.admitted[handed.id] = handed.usable_until + CLOCK_SKEW


@dataclass
class MemoryActTrial:
    """What sessions may do in the account: the verifier nothing, where the role's limits say so."""

    directory: MemoryRoles

    def may_act(self, session: Session) -> bool:
        """Look for the denial in the role's limits."""
        limits = self.directory.roles[session.role.name].inline.get(LIMITS_POLICY)
        return not (str(session.engineer) == VERIFIER and limits is not None and f'"{VERIFIER}"' in limits.text)
