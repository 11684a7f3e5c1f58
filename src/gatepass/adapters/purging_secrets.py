"""A secret store that lets sessions go which an older second factor opened: they are kept by another part of us."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gatepass.ports.secrets import SecretStore


class PurgingSecrets:
    """Another store; whoever changes something in it hears of the change through ``purge``."""

    def __init__(self, store: SecretStore, purge: Callable[[], object]) -> None:
        """Keep everything in ``store``."""
        self._store, self._purge = store, purge

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        return self._store.title

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        return self._store.get(name)

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, by name."""
        return self._store.get_all(names)

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        self._store.put(name, value)
        self._purge()

    def delete(self, name: str) -> None:
        """Forget the secret."""
        self._store.delete(name)
        self._purge()

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names of the secrets that lie under the prefix, without reading any secret."""
        return self._store.names(prefix)
