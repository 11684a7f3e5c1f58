"""What stands in an account beside its roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gatepass.domain.identifiers import AccountId
from gatepass.domain.listing import Listing, RegionChoice, ResourceKind


class ResourceLister(Protocol):
    """The resources of one account, by the names of the catalogue and by CloudFormation type."""

    def kinds(self) -> Sequence[ResourceKind]:
        """Return what the catalogue has, by name.

        Raises:
            InvalidFile: the person's own entries have mistakes.
        """

    def kind_of_type(self, name: str) -> ResourceKind | None:
        """Return the kind that a CloudFormation type name means, or None for any other name."""

    def regions(self, kind: ResourceKind) -> RegionChoice:
        """Return the Regions of the account in which the kind can be asked for."""

    def list(self, kind: ResourceKind, region: str | None, *, detailed: bool) -> Listing:
        """Return every resource of the kind in the Region, or in the one that is set.

        Args:
            kind: what to list.
            region: the Region, or None for the one that is set.
            detailed: whether the further columns are wanted too.

        Raises:
            AccessRefused: the credentials may not list it.
            InvalidInput: there is no such type.
        """


class AccountNames(Protocol):
    """What the accounts of one's own organisation are called; names help people read and authorise nothing."""

    def names(self) -> Mapping[AccountId, str]:
        """Return the names; none where there is no organisation or the credentials may not read it."""
