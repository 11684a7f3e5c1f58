"""In-memory twins of where policies and actions are read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.account_policies import AccountPolicies


@dataclass
class MemoryPolicies:
    """The policies of one account."""

    policies: AccountPolicies

    def account_policies(self) -> AccountPolicies:
        """Return what it was given."""
        return self.policies


@dataclass
class MemoryActions:
    """The actions of a few services."""

    by_service: Mapping[str, Sequence[str]]

    def services(self) -> Sequence[str]:
        """Return the services it was given."""
        return sorted(self.by_service)

    def actions(self, service: str) -> Sequence[str]:
        """Return a service's actions."""
        return self.by_service.get(service, ())
