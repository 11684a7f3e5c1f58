"""A real browser without a window, for pages that people read."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Chromium:
    """Chromium, started anew for each page and gone afterwards.

    Attributes:
        program: where it is.
        profile: a folder of its own.
    """

    program: str
    profile: Path

    def dom(self, page: Path) -> str:
        """Return the page as the browser has understood it."""
        return self._run("--dump-dom", page.as_uri())

    def screenshot(self, page: Path, picture: Path, width: int = 1280) -> None:
        """Write what a person would see into a PNG."""
        self._run(f"--screenshot={picture}", f"--window-size={width},2400", page.as_uri())

    def print(self, page: Path, document: Path) -> None:
        """Write what a printer would get into a PDF."""
        self._run(f"--print-to-pdf={document}", "--no-pdf-header-footer", page.as_uri())

    def _run(self, *words: str) -> str:
        finished = subprocess.run(
            [
                self.program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                "--disable-background-networking", f"--user-data-dir={self.profile}", *words,
            ],
            check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        return finished.stdout


def chromium_on_path(profile: Path) -> Chromium:
    """Return the browser; without one the test is skipped, but on a build server it fails."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is not None:
        return Chromium(program, profile)
    if os.environ.get("CI"):
        pytest.fail("there is no chromium on this build server's PATH")
    pytest.skip("there is no chromium on the PATH: apt-get install chromium")
