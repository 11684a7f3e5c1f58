"""Where a running sandbox is found: its runtime folder, and who may hold it."""

from __future__ import annotations

import fcntl
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from gatepass.domain.errors import Conflict
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private

_HOLD_ATTEMPTS = 20
_HOLD_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Facts:
    """What a running sandbox says of itself; nothing in it is secret."""

    endpoint: str
    admin_token_file: str
    pid: int


@dataclass(frozen=True, slots=True)
class RuntimeFolder:
    """The folder that a sandbox and its commands share."""

    path: Path

    @property
    def facts_file(self) -> Path:
        """Where a running sandbox says how it is reached."""
        return self.path / "sandbox.json"

    @property
    def token_file(self) -> Path:
        """Where a running sandbox keeps the token of its admin path."""
        return self.path / "admin-token"

    @property
    def log_file(self) -> Path:
        """Where a running sandbox says what went wrong."""
        return self.path / "sandbox.log"

    @property
    def lock_file(self) -> Path:
        """What a sandbox holds for as long as it runs; the kernel lets go of it, however the sandbox ends."""
        return self.path / "lock"

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            Conflict: others may enter what is there.
        """
        make_private_folder(self.path)

    def hold(self) -> IO[bytes]:
        """Take the lock, and return what keeps it.

        Raises:
            Conflict: another sandbox holds it.
        """
        file = self.lock_file.open("ab")
        # Whoever looks whether the lock is held has it for a moment.
        for _ in range(_HOLD_ATTEMPTS):
            if _locked(file):
                return file
            time.sleep(_HOLD_PAUSE_SECONDS)
        file.close()
        raise Conflict(
            "the sandbox was not started",
            why=f"another one holds {self.lock_file}",
            next_step="gatepass sandbox status",
        )

    def is_held(self) -> bool:
        """Tell whether a sandbox runs, or is about to."""
        if not self.lock_file.exists():
            return False
        with self.lock_file.open("ab") as file:
            return not _locked(file)

    def facts(self) -> Facts | None:
        """Return what the running sandbox says, or ``None`` when none runs or it does not answer yet."""
        return self._written_facts() if self.is_held() else None

    def facts_of(self, pid: int) -> Facts | None:
        """Return what the sandbox in a process says, or ``None`` when it does not answer yet."""
        facts = self._written_facts()
        return facts if facts is not None and facts.pid == pid else None

    def _written_facts(self) -> Facts | None:
        try:
            return Facts(**json.loads(read_private(self.facts_file)))
        except FileNotFoundError:
            return None

    def token(self) -> str:
        """Return the token of the admin path."""
        return read_private(self.token_file).decode()

    def announce(self, facts: Facts) -> None:
        """Write how the sandbox is reached; from then on it is found."""
        write_private(self.facts_file, json.dumps(asdict(facts)).encode())

    def keep_token(self, token: str) -> None:
        """Write the token of the admin path."""
        write_private(self.token_file, token.encode())

    def clear(self) -> None:
        """Remove what a sandbox left: its facts and its token."""
        self.facts_file.unlink(missing_ok=True)
        self.token_file.unlink(missing_ok=True)


def runtime_folder() -> RuntimeFolder:
    """Return the folder of this user's sandbox, under `XDG_STATE_HOME`."""
    return RuntimeFolder(state_folder() / "sandbox")


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
