"""What this person was told already, as empty private files, so that a hint is given once and not each time."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gatepass.adapters.kept_sessions import this_terminal
from gatepass.domain.errors import Conflict
from gatepass.private_files import make_private_folder, state_folder

# Of a terminal that is gone nobody asks again; so many are kept, and the oldest make room.
_MOST_KEPT = 500


class ToldOnce:
    """The hints that were given."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._folder = (folder or state_folder()) / "told"

    def is_new_here(self, hint: str) -> bool:
        """Say whether this person was never given the hint, and remember that it is given now."""
        return self._is_new(hint)

    def is_new_in_terminal(self, hint: str) -> bool:
        """Say whether it was not given in this terminal, and remember that it is given now."""
        return self._is_new(f"{hint}-{hashlib.sha256(this_terminal().encode()).hexdigest()[:16]}")

    def _is_new(self, name: str) -> bool:
        try:
            make_private_folder(self._folder)
            self._make_room()
        except (OSError, Conflict):
            # Where nothing can be remembered, a hint too many does no harm.
            return True
        try:
            os.close(os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        except FileExistsError:
            return False
        except OSError:
            return True
        return True

    def _make_room(self) -> None:
        found = list(self._folder.iterdir())
        if len(found) >= _MOST_KEPT:
            found.sort(key=lambda path: path.lstat().st_mtime)
            for path in found[: _MOST_KEPT // 2]:
                path.unlink(missing_ok=True)
