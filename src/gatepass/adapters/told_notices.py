"""Which coming ends were told, in a private file, so that an hourly run tells each of them once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.notice import Told
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class KeptTold:
    """What was told from this machine, by this user."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder()) / "told-notices.json"

    def told(self) -> frozenset[Told]:
        """Return what was kept; nothing before the first time."""
        try:
            text = read_private(self._path).decode()
            return frozenset(_told(entry) for entry in json.loads(text)["told"])
        except FileNotFoundError:
            return frozenset()
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(
                f"{self._path} cannot be read",
                why="it is not as Gatepass writes it",
                next_step=f"delete it, and coming ends are told once more: rm {self._path}",
            ) from None

    def put(self, told: frozenset[Told]) -> None:
        """Keep exactly these."""
        entries = sorted((str(one.role), one.until.astimezone(UTC).isoformat(), one.channel) for one in told)
        plain = [{"role": role, "until": until, "channel": channel} for role, until, channel in entries]
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, json.dumps({"told": plain}).encode())
        except OSError as error:
            raise GatepassError(
                f"{self._path} cannot be written: {error.strerror}",
                why="without it every run would tell the same again",
                next_step="make the folder writable, or set XDG_STATE_HOME to one that is",
            ) from None


def _told(entry: dict[str, str]) -> Told:
    until = datetime.fromisoformat(entry["until"])
    if until.tzinfo is None:
        raise ValueError(entry["until"])
    return Told(RoleArn(entry["role"]), until.astimezone(UTC), str(entry["channel"]))
