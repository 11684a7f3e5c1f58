"""Starting the sandbox's process, and waiting for its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from gatepass.domain.errors import Conflict, GatepassError
from gatepass.sandbox.process.runtime import Facts, RuntimeFolder

# The line before the three parts of an error in the log.
STARTED_BADLY = "--- not started"
NOT_SAVED = "not saved: "

_START_SECONDS = 20.0
_STOP_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.02
# moto would act on its own variables, and botocore look for a profile that only its user has.
_KEPT_OUT = ("AWS_", "MOTO_")


def launch(folder: RuntimeFolder, *, port: int | None, state_file: Path | None) -> Facts:
    """Start the sandbox in the background, and return how it is reached once it answers.

    Raises:
        Conflict: it cannot start; the process said why.
    """
    command = [sys.executable, "-m", "gatepass.sandbox.process", "--folder", str(folder.path)]
    command += ["--port", str(port)] if port is not None else []
    command += ["--state", str(state_file)] if state_file is not None else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_OUT)}
    log = os.open(folder.log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    finally:
        os.close(log)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        facts = folder.facts_of(process.pid)
        if facts is not None:
            # The process outlives this one; nobody waits for it here.
            process.returncode = 0
            return facts
        if process.poll() is not None:
            return _other_or_failure(folder)
        time.sleep(_LOOK_AGAIN_SECONDS)
    process.kill()
    process.wait()
    raise Conflict("the sandbox does not start", why="it took too long", next_step=f"see {folder.log_file}")


def wait_until_stopped(folder: RuntimeFolder, facts: Facts) -> list[str]:
    """Wait until the sandbox is gone, and return what it could not save.

    Raises:
        Conflict: it does not end.
    """
    deadline = time.monotonic() + _STOP_SECONDS
    while folder.is_held():
        if time.monotonic() > deadline:
            raise Conflict(
                "the sandbox does not stop", why="it was told to and still runs", next_step=f"kill {facts.pid}"
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
    return [line for line in _log_lines(folder) if line.startswith(NOT_SAVED)]


def _other_or_failure(folder: RuntimeFolder) -> Facts:
    """Return the sandbox that was quicker to start, or say why this one did not."""
    deadline = time.monotonic() + _START_SECONDS
    while folder.is_held() and time.monotonic() < deadline:
        facts = folder.facts()
        if facts is not None:
            return facts
        time.sleep(_LOOK_AGAIN_SECONDS)
    lines = _log_lines(folder)
    if STARTED_BADLY in lines:
        what, why, next_step = (*lines[lines.index(STARTED_BADLY) + 1 :], "", "", "")[:3]
        raise Conflict(what, why=why, next_step=next_step)
    raise GatepassError("the sandbox ended while starting", next_step=f"see {folder.log_file}")


def _log_lines(folder: RuntimeFolder) -> list[str]:
    return folder.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
