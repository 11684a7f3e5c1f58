"""The local store of somebody whose commands run in a process of their own, looked into from a test."""

from __future__ import annotations

from pathlib import Path

from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.store_keys import StoreKeys


def store_in(folder: Path, words: str | None = None) -> FileSecrets:
    """Return a store in the folder ``secrets`` below this one, whose key is in ``keys`` or comes from the words."""
    chosen = {"GATEPASS_STORE_KEY": "file"} if words is None else {"GATEPASS_STORE_PASSPHRASE": words}
    return FileSecrets(folder / "secrets", StoreKeys(chosen, folder / "keys"))


def local_store(home: Path, config: str = ".config") -> FileSecrets:
    """Return the store of a person with this home, whose state is in ``state`` below it.

    Args:
        home: of the person.
        config: where the person's configuration is, below it.
    """
    keys = StoreKeys({"GATEPASS_STORE_KEY": "file"}, home / config / "gatepass" / "store-keys")
    return FileSecrets(home / "state" / "gatepass" / "secrets", keys)
