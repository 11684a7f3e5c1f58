"""The Region that somebody chose for this terminal, in a private file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gatepass.adapters.kept_sessions import this_terminal
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.region_name import RegionName
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class ChosenRegion:
    """The choice of ``gatepass region``, until the environment names another Region than when it was made."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        name = hashlib.sha256(this_terminal().encode()).hexdigest()[:32]
        self._path = (folder or state_folder()) / "terminals" / f"{name}.region"

    def choose(self, region: RegionName) -> None:
        """Keep the choice.

        Raises:
            GatepassError: it cannot be written.
        """
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, f"{region}\n{environment_region() or ''}\n".encode())
        except OSError as error:
            raise GatepassError(
                f"{self._path} cannot be written: {error.strerror}",
                why="the Region of this terminal is kept there",
                next_step="make the folder writable, or set AWS_REGION yourself",
            ) from None

    def chosen(self) -> str | None:
        """Return the choice; None when there is none, or when AWS_REGION was changed since."""
        try:
            region, over = read_private(self._path).decode().split("\n")[:2]
            # What was written by hand goes nowhere, least of all into a host name.
            name = str(RegionName(region))
        except (FileNotFoundError, InvalidInput, ValueError):
            return None
        return name if over == (environment_region() or "") else None

    def region(self) -> str | None:
        """Return the Region to use: the choice, else the environment's, if any."""
        return self.chosen() or environment_region()

    def take(self) -> str | None:
        """Return the choice and forget it: from here on the shell's environment holds it."""
        found = self.chosen()
        self._path.unlink(missing_ok=True)
        return found


def environment_region() -> str | None:
    """Return the Region that the environment names."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None
