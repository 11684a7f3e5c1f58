"""A secret store for many threads: each asks by a connection of its own, so that no answer reaches another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from gatepass.ports.secrets import SecretStore


class EachThreadsSecrets:
    """A store that is made once for every thread that uses it."""

    def __init__(self, make: Callable[[], SecretStore]) -> None:
        """Use what ``make`` returns, in the thread that made it only."""
        self._make, self._made = make, threading.local()

    @property
    def title(self) -> str:
        """Where the secrets lie, in words for a person."""
        return self._own().title

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        return self._own().get(name)

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, by name."""
        return self._own().get_all(names)

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        self._own().put(name, value)

    def delete(self, name: str) -> None:
        """Forget the secret; deleting what is gone is a success."""
        self._own().delete(name)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names of the secrets that lie under the prefix, without reading any secret."""
        return self._own().names(prefix)

    def _own(self) -> SecretStore:
        found: SecretStore | None = getattr(self._made, "store", None)
        if found is None:
            found = self._made.store = self._make()
        return found
