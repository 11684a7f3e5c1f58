"""The partition that a person works in, as far as it can be known without asking AWS."""

from __future__ import annotations

from gatepass.domain.identifiers import Partition
from gatepass.wiring import machine

# The beginnings of Region names tell it.
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def chosen_partition() -> Partition:
    """Return the partition of the Region that the person chose, by default ``aws``."""
    region = machine.region() or ""
    return Partition(next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws"))
