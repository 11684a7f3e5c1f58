"""Run commands as a person types them: a process of their own, with a home of their own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from tests.cli.forked import run_forked

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Person:
    """Somebody at a terminal.

    Attributes:
        home: where files are and kept state goes.
        environment: what differs from an empty environment, such as access keys.
    """

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def types(self, command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command line; ``gatepass`` is this checkout's, with its imports done already."""
        words = shlex.split(command)
        if words[0] == "gatepass" and "PYTHONPATH" not in self.environment:
            return run_forked(words[1:], stdin, self.home, self._environment())
        argv = [sys.executable, "-m", "gatepass", *words[1:]] if words[0] == "gatepass" else words
        return subprocess.run(
            argv, check=False, input=stdin, text=True, cwd=self.home, env=self._environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def at_terminal(self, command: str) -> pexpect.spawn[str]:
        """Run the command at a terminal of its own, where it can ask."""
        words = shlex.split(command)
        return pexpect.spawn(
            sys.executable, ["-m", "gatepass", *words[1:]], cwd=str(self.home), env=self._environment(),
            encoding="utf-8", timeout=20, dimensions=(40, 160),
        )  # fmt: skip

    def at_terminal_of(self, argv: list[str], size: tuple[int, int]) -> pexpect.spawn[str]:
        """Run any program at a terminal of so many rows and columns."""
        return pexpect.spawn(
            argv[0], argv[1:], cwd=str(self.home), env=self._environment(), encoding="utf-8", timeout=30,
            dimensions=size,
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "AWS_CONFIG_FILE": str(self.home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "us-east-1",
            "NO_COLOR": "1",
            **self.environment,
        }
