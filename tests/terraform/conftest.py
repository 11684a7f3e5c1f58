"""Terraform with the stand-in, laid out once for all tests; without terraform they are skipped, loudly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import demand_terraform
from tests.terraform.runs import provider_mirror


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the CLI configuration that finds the stand-in and nothing else."""
    demand_terraform()
    return provider_mirror(tmp_path_factory.mktemp("terraform"))
