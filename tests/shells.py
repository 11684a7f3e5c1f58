"""The real shells that tests run; a missing one is said loudly, and where everything must be there, it fails."""

from __future__ import annotations

import os
import shutil
import warnings

import pytest

SHELLS = ("bash", "zsh", "fish")


def demand_shell(name: str) -> str:
    """Return the path of the shell, or skip the test; in continuous integration, fail it."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed: apt-get install --no-install-recommends zsh fish")
        warnings.warn(f"{name} is not installed; nothing is known about it", stacklevel=2)
        pytest.skip(f"{name} is not installed: apt-get install --no-install-recommends zsh fish")
    return found
