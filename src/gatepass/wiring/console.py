"""The AWS console: its sign-in, and the browser to show it in."""

from __future__ import annotations

from gatepass.domain.identifiers import Partition
from gatepass.ports.console import Browser, Federation
from gatepass.wiring.machine import clock


def federation(partition: Partition) -> Federation:
    """Return the sign-in of the partition.

    Raises:
        InvalidInput: the environment names one that no credentials may be sent to.
    """
    from gatepass.adapters.federation import AwsFederation, federation_endpoint

    return AwsFederation(federation_endpoint(partition))


def browser() -> Browser:
    """Return the person's browser."""
    from gatepass.adapters.browser_page import BrowserPage

    return BrowserPage(clock())
