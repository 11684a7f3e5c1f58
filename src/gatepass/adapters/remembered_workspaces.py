"""The platform's ids of workspaces that were used before, in private files of the cache; nothing secret is there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from gatepass.adapters.json_api_documents import read_tree
from gatepass.adapters.warm_answers import cache_folder
from gatepass.domain.errors import Conflict
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.private_files import make_private_folder, read_private, write_private


@dataclass(frozen=True, slots=True)
class Remembered:
    """The ids of one workspace.

    Attributes:
        workspace: its own.
        doors: of its variable.
        mark: of the tag that marks it as ours; empty where a platform's tags have none.
    """

    workspace: str
    doors: str
    mark: str = ""


class RememberedWorkspaces:
    """What was found before; it may be stale, so it is proved each time, and nothing fails for want of it."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep it in the folder, by default in the user's cache."""
        self._folder = folder or Path(cache_folder()) / "workspaces"

    def get(self, setup: WorkspaceSetup) -> Remembered | None:
        """Return what is remembered of it; None where that is nothing, or cannot be read."""
        try:
            tree = read_tree(read_private(self._path(setup)))
            found = Remembered(str(tree["workspace"]), str(tree["doors"]), str(tree.get("mark", "")))
        except (OSError, ValueError, KeyError, Conflict):
            return None
        return found if found.workspace and found.doors else None

    def put(self, setup: WorkspaceSetup, found: Remembered) -> None:
        """Remember it; where nothing can be written nothing is kept."""
        if self.get(setup) == found:
            return
        try:
            make_private_folder(self._folder)
            write_private(self._path(setup), json.dumps(asdict(found)).encode())
        except (OSError, Conflict):
            return

    def forget(self, setup: WorkspaceSetup) -> None:
        """Forget it."""
        try:
            self._path(setup).unlink(missing_ok=True)
        except OSError:
            return

    def _path(self, setup: WorkspaceSetup) -> Path:
        names = [setup.platform.value, setup.hostname, setup.owner, setup.environment, setup.workspace]
        return self._folder / hashlib.sha256(json.dumps(names).encode()).hexdigest()[:32]
