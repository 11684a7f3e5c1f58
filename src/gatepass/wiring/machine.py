"""The machine: its clock, its randomness, its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepass.adapters.system import SystemClock, SystemRandomness

if TYPE_CHECKING:
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
    """Return the Region that the person chose, if any: by ``gatepass region``, else in the environment."""
    from gatepass.adapters.chosen_region import ChosenRegion

    return ChosenRegion().region()
