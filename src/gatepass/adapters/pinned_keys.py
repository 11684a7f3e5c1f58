"""Which key a customer knows of each provider, in a private file."""

from __future__ import annotations

import json
from pathlib import Path

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.json_text import read_json
from gatepass.domain.signed_file import PublicKey, parse_public_key
from gatepass.private_files import read_private, state_folder, write_private


class FileProviderPins:
    """Pins in the user's own state folder: another user, or another machine, has others."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder() / "providers") / "keys.json"

    def known_key(self, provider: AccountId) -> PublicKey | None:
        """Return the key that was pinned, if any."""
        return self._read().get(provider)

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        """Know the provider by this key from now on."""
        with sole_writer(self._path.parent):
            pins = self._read() | {provider: key}
            tree = {str(account): str(known) for account, known in sorted(pins.items())}
            write_private(self._path, json.dumps(tree, indent=2).encode())

    def _read(self) -> dict[AccountId, PublicKey]:
        try:
            content = read_private(self._path)
        except FileNotFoundError:
            return {}
        try:
            tree = read_json(content.decode())
            if isinstance(tree, dict):
                return {AccountId(account): parse_public_key(str(key)) for account, key in tree.items()}
        except (InvalidInput, UnicodeDecodeError):
            pass
        # Starting anew in silence would let any key pass for the provider's.
        raise Conflict(
            f"{self._path} is not used",
            why="it is not as Gatepass writes it, and it says which provider is known by which key",
            next_step=f"look who changed it; to compare every provider's key anew: rm {self._path}",
        )
