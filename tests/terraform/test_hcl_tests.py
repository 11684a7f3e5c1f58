"""The modules' own tests run without credentials, here as elsewhere on the real provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.runs import Terraform, copied


@pytest.mark.parametrize("module", ["service-provider-access", "customer-access"])
def test_the_modules_own_tests_pass(configuration: Path, tmp_path: Path, module: str) -> None:
    modules = copied("customer", tmp_path).parents[1] / "modules"
    terraform = Terraform(modules / module, configuration)
    terraform.says("init")

    said = terraform.says("test")

    assert "0 failed" in said
    assert "Success! 0 passed" not in said
