"""An in-memory twin of an account's resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatepass.domain.errors import GatepassError
from gatepass.domain.listing import Listing, RegionChoice, ResourceKind


@dataclass
class MemoryResources:
    """What can be listed in an account.

    Attributes:
        known: the kinds.
        found: the list, or the error, by Region; None stands for the Region that is set.
        choice: the Regions of the account.
    """

    known: Sequence[ResourceKind]
    found: Mapping[str | None, Listing | GatepassError]
    choice: RegionChoice = field(default_factory=lambda: RegionChoice(()))

    def kinds(self) -> Sequence[ResourceKind]:
        """Return the kinds."""
        return self.known

    def kind_of_type(self, name: str) -> ResourceKind | None:
        """Return a kind for every name with colons."""
        return ResourceKind(name, "cloudcontrol", type=name) if "::" in name else None

    def regions(self, kind: ResourceKind) -> RegionChoice:
        """Return the Regions of the account."""
        del kind
        return self.choice

    def list(self, kind: ResourceKind, region: str | None, *, detailed: bool) -> Listing:
        """Return the list of the Region, or raise its error."""
        del kind, detailed
        found = self.found[region]
        if isinstance(found, GatepassError):
            raise found
        return found
