"""The configuration file of AWS's tools: read whole, replaced whole or not at all, a link to it kept."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from gatepass.domain.errors import Conflict, GatepassError

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700


class AwsConfigFile:
    """The file at a path, by default ``AWS_CONFIG_FILE`` or else ``~/.aws/config``."""

    def __init__(self, path: Path | None = None) -> None:
        """Use the path that is given, or the one that AWS's tools read."""
        given = os.environ.get("AWS_CONFIG_FILE")
        self._path = path or (Path(given).expanduser() if given else Path.home() / ".aws" / "config")

    @property
    def title(self) -> str:
        """Where it lies."""
        return str(self._path)

    def read(self) -> bytes:
        """Return what is in it; nothing when there is no such file."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._trouble("be read", error) from None

    def replace(self, before: bytes, after: bytes) -> None:
        """Write a new file beside the one that a link leads to, and put it in its place."""
        try:
            target = self._path.resolve()
            if not target.parent.exists():
                target.parent.mkdir(mode=_FOLDER_MODE, parents=True)
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _FILE_MODE
            descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            temporary = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    os.fchmod(file.fileno(), mode)
                    file.write(after)
                    file.flush()
                    os.fsync(file.fileno())
                if self.read() != before:
                    raise Conflict(
                        f"{self._path} was changed by somebody else meanwhile",
                        why="writing it now would undo that",
                        next_step="run the same command again",
                    )
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            raise self._trouble("be written", error) from None

    def _trouble(self, what: str, error: OSError | RuntimeError) -> GatepassError:
        return GatepassError(
            f"{self._path} cannot {what}",
            why=getattr(error, "strerror", None) or str(error),
            next_step="see to it that it is a file of your own, or name another: --config FILE",
        )
