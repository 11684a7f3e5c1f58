"""The files that the pages about platforms show are files that Gatepass takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.workspace_file import load_workspace_file
from gatepass.domain.grant import Grant
from gatepass.domain.workspace_setup import Platform
from tests.cli.test_docs import ROOT
from tests.platforms.quick import ACCESS, RECIPIENT
from tests.platforms.scene import RIGHTS

_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[str]:
    """Return the YAML that the page shows."""
    return _BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("page", "platform"), [("scalr.md", Platform.SCALR), ("hcp-terraform.md", Platform.HCP)])
def test_the_workspaces_file_of_a_page_is_taken(page: str, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    access = ACCESS.format(account="444455556666", provider="111122223333", recipient=RECIPIENT)
    (tmp_path / "repository/access.yml").write_text(access, encoding="utf-8")
    (shown,) = (block for block in blocks(page) if "gatepass: workspace" in block)
    (tmp_path / "workspace.yml").write_text(shown, encoding="utf-8")

    setup = load_workspace_file(tmp_path / "workspace.yml", {}).setup

    assert setup.platform is platform
    assert str(setup.own_access) == "platform"


def test_the_own_access_of_the_page_has_the_rights_that_runs_were_tried_with(tmp_path: Path) -> None:
    """tests/platforms runs Terraform with exactly these against an AWS that decides."""
    grant = _shown_grant(tmp_path)

    assert grant.keeps_roles
    assert grant.provider.digits == "919814621061"
    assert grant.custom_policy is not None
    shown = json.loads(grant.custom_policy.text)["Statement"]
    assert sorted((json.dumps(each["Resource"]), sorted(each["Action"])) for each in shown) == sorted(
        (json.dumps(each["Resource"]), sorted(each["Action"])) for each in RIGHTS["Statement"]
    )


def _shown_grant(folder: Path) -> Grant:
    (shown,) = (block for block in blocks("scalr.md") if "keeps_roles" in block)
    (folder / "own.yml").write_text(shown, encoding="utf-8")
    (grant,) = load_customer_file(folder / "own.yml").declaration.grants
    return grant
