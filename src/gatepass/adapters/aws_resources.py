"""The resources of an account, listed by boto3 as the catalogue says or through Cloud Control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import boto3

from gatepass.adapters.aws_calls import AwsCalls, Calls
from gatepass.adapters.catalogue import Entry, catalogue
from gatepass.adapters.catalogue_steps import Steps
from gatepass.adapters.cloud_control import type_items, type_kind, type_table
from gatepass.adapters.item_paths import ItemPath, cell_text, plain
from gatepass.adapters.regions import enabled_regions, where_offered
from gatepass.domain.listing import Listing, RegionChoice, ResourceKind
from gatepass.domain.table import Table

# Where AWS's global services answer, and a Region as good as any for the rest.
_ANY_REGION = "us-east-1"


class AwsResources:
    """What one set of credentials can list."""

    def __init__(self, session: boto3.Session, region: str | None = None) -> None:
        """Use the credentials of the boto3 session, in its own Region unless another is given."""
        self._session = session
        self._region = region or session.region_name or _ANY_REGION
        self._lock = Lock()

    def kinds(self) -> Sequence[ResourceKind]:
        """Return the kinds of the catalogue, by name."""
        return [entry.kind for entry in catalogue().values()]

    def kind_of_type(self, name: str) -> ResourceKind | None:
        """Return the kind of a CloudFormation type name, or None for any other name."""
        return type_kind(name)

    def regions(self, kind: ResourceKind) -> RegionChoice:
        """Return the Regions of the account in which the kind can be asked for."""
        found = enabled_regions(self._calls(None), self._session, self._region)
        return where_offered(found, kind.service, self._session, self._region)

    def list(self, kind: ResourceKind, region: str | None, *, detailed: bool) -> Listing:
        """Return every resource of the kind in the Region, or in the one chosen at the beginning."""
        calls = self._calls(region)
        entry = catalogue().get(kind.name)
        if entry is None:
            items = type_items(kind.name, calls, [each.kind.type for each in catalogue().values()])
            return Listing(type_table(items), tuple(items))
        return entry_listing(entry, calls, catalogue(), detailed=detailed)

    def _calls(self, region: str | None) -> AwsCalls:
        return AwsCalls(self._session, region or self._region, self._lock)


def entry_listing(entry: Entry, calls: Calls, entries: Mapping[str, Entry], *, detailed: bool) -> Listing:
    """Return every resource of an entry, whoever answers the calls."""
    steps = Steps(calls, entries, datetime.now(UTC).date())
    items = steps.items(entry, detailed=detailed)
    columns = entry.columns(detailed=detailed)
    paths = [ItemPath(entry.paths[column]) for column in columns]
    rows = tuple(tuple(cell_text(path.of(item)) for path in paths) for item in items)
    return Listing(Table(columns, rows), tuple(_shown(item, entry) for item in items), tuple(steps.gaps))


def _shown(item: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    """Return the item as queries may see it."""
    shown: dict[str, Any] = plain({key: value for key, value in item.items() if key not in entry.hide})
    return shown
