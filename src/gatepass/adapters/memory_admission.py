"""In-memory twin of calls inside a customer's account."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.adapters.memory import MemoryRoles
from gatepass.domain.limits import VERIFIER
from gatepass.domain.role import LIMITS_POLICY
from gatepass.domain.session import Session


@dataclass
class MemoryActTrial:
    """What sessions may do in the account: the verifier nothing, where the role's limits say so."""

    directory: MemoryRoles

    def may_act(self, session: Session) -> bool:
        """Look for the denial in the role's limits."""
        limits = self.directory.roles[session.role.name].inline.get(LIMITS_POLICY)
        return not (str(session.engineer) == VERIFIER and limits is not None and f'"{VERIFIER}"' in limits.text)
