"""The machine: its clock, its randomness, its facts."""

from __future__ import annotations

import os

from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.ports.machine import Clock, MachineFacts, Randomness


def clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def randomness() -> Randomness:
    """Return the operating system's randomness."""
    return SystemRandomness()


def machine_facts() -> MachineFacts:
    """Return what can be told of this machine."""
    from gatepass.adapters.this_machine import this_machine

    return this_machine()


def region() -> str | None:
    """Return the Region that the person chose, if any."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
