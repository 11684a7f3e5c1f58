"""Secrets in private files of this machine, one file each."""

from __future__ import annotations

import os
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.errors import Conflict
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value, is_secret_name, names_under
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class FileSecrets:
    """A folder that only its owner may enter, with one file that only its owner may read for each secret."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._folder = folder or state_folder() / "secrets"

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        return str(self._folder)

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        path = self._path(name)
        if not os.path.lexists(self._folder):
            return None
        make_private_folder(self._folder)
        try:
            return read_private(path).decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise Conflict(
                f"{path} is not used", why="it is no text as Gatepass writes it", next_step=f"rm {path}"
            ) from None

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        path = self._path(name)
        demand_secret_value(value)
        with sole_writer(self._folder):
            write_private(path, value.encode())

    def delete(self, name: str) -> None:
        """Forget the secret."""
        path = self._path(name)
        with sole_writer(self._folder):
            path.unlink(missing_ok=True)

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix."""
        if not os.path.lexists(self._folder):
            return names_under(prefix, ())
        make_private_folder(self._folder)
        # What has no name of ours is the lock, or what a writing that was stopped left.
        found = (path.name.replace(".", "/") for path in self._folder.iterdir())
        return names_under(prefix, filter(is_secret_name, found))

    def _path(self, name: str) -> Path:
        demand_secret_name(name)
        # No name holds a dot, so no two names make one file.
        return self._folder / name.replace("/", ".")
