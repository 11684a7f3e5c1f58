"""Programs that tests run for real; a missing one is said loudly, and where everything must be there, it fails."""

from __future__ import annotations

import os
import shutil
import warnings

import pytest

SHELLS = ("bash", "zsh", "fish")


def demand_program(name: str, how_to_get: str) -> str:
    """Return the path of the program, or skip the test; in continuous integration, fail it."""
    found = shutil.which(name)
    if found is None:
        told = f"{name} is not installed, and nothing is known about it: {how_to_get}"
        if os.environ.get("CI"):
            pytest.fail(told)
        warnings.warn(told, stacklevel=2)
        pytest.skip(told)
    return found


def demand_shell(name: str) -> str:
    """Return the path of the shell, as any program that tests run."""
    return demand_program(name, "apt-get install --no-install-recommends zsh fish")


def demand_terraform() -> str:
    """Return the path of terraform, as any program that tests run."""
    return demand_program("terraform", "https://developer.hashicorp.com/terraform/install")
