"""Terraform with the stand-in, laid out once for all tests; without terraform they are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.terraform.runs import provider_mirror

MISSING = "terraform is not on PATH: no HCL module of terraform/ was run"


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the CLI configuration that finds the stand-in and nothing else."""
    if shutil.which("terraform") is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return provider_mirror(tmp_path_factory.mktemp("terraform"))
