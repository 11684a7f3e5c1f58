"""What can be listed in an account."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatepass.domain.listing import ResourceKind
from gatepass.domain.session import Session
from gatepass.domain.table import Table
from gatepass.ports.resources import ResourceLister
from gatepass.wiring.own_account import connected, connected_with


def resources(session: Session | None, region: str | None) -> ResourceLister:
    """Return what the session can list, or the person's own credentials outside one."""
    from gatepass.adapters.aws_resources import AwsResources

    return AwsResources(connected_with(session.credentials) if session else connected(), region)


def resource_kinds() -> Sequence[ResourceKind]:
    """Return what can be listed, by name; nobody is asked.

    Raises:
        InvalidFile: the person's own catalogue has mistakes.
    """
    from gatepass.adapters.catalogue import catalogue

    return [entry.kind for entry in catalogue().values()]


def item_query(expression: str) -> Callable[[object], tuple[object, Table]]:
    """Return a function that answers a JMESPath expression over the items of a list, plainly and as a table.

    Raises:
        InvalidInput: it is none.
    """
    from gatepass.adapters.item_paths import ItemPath, as_table, plain

    path = ItemPath(expression)

    def answer(items: object) -> tuple[object, Table]:
        found = plain(path.of(items))
        return found, as_table(found)

    return answer
