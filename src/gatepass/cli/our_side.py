"""What explains a refused door: the register's entry, the team's store, the engineer's own policies, the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gatepass.ports.secrets import SecretStore
from gatepass.usecases.find_way_in import WayIn
from gatepass.wiring import machine, own_account

if TYPE_CHECKING:
    from gatepass.usecases.explain_refusal import OurSide


def our_side(way: WayIn | None = None, secrets: SecretStore | None = None) -> Callable[[], OurSide]:
    """Return what gives our own side; nothing is read or imported before a door is refused."""

    def given() -> OurSide:
        from gatepass.usecases.explain_refusal import OurSide

        return OurSide(machine.clock().now(), way, secrets, own_account.own_policies)

    return given
