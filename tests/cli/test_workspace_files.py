"""A workspace's first file, its schema and its check, as a person types them; nobody is asked anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatepass.adapters.workspace_file import load_workspace_file
from gatepass.adapters.workspace_form import KEYS_OF, RepositoryForm, WorkspaceForm
from gatepass.domain.workspace_setup import Platform
from gatepass.render.first_workspace import first_workspace
from tests.cli.person import Person

ACCESS = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support: {provider: "111122223333", permissions: [SecurityAudit]}
"""


def test_it_is_not_written_over_another_file_nor_for_a_customers_file_with_mistakes(tmp_path: Path) -> None:
    person = Person(tmp_path)
    assert person.types("gatepass init workspace --platform scalr").returncode == 2
    (tmp_path / "access.yml").write_text(ACCESS.replace("SecurityAudit", "a b"), encoding="utf-8")
    mistaken = person.types("gatepass init workspace --platform scalr")
    (tmp_path / "workspace.yml").write_text("mine", encoding="utf-8")
    taken = person.types("gatepass init workspace --platform scalr")

    assert mistaken.returncode == 1
    assert "access.yml:5:53" in mistaken.stdout
    assert taken.returncode == 1
    assert (tmp_path / "workspace.yml").read_text(encoding="utf-8") == "mine"


def test_what_is_written_has_no_mistake_and_is_checked_and_told_by_its_kind(tmp_path: Path) -> None:
    person = Person(tmp_path)
    (tmp_path / "access.yml").write_text(ACCESS, encoding="utf-8")
    assert person.types("gatepass init workspace inner.yml --platform hcp").returncode == 0

    checked = person.types("gatepass check inner.yml --json")

    assert checked.returncode == 0
    facts = json.loads(checked.stdout)
    assert (facts["platform"], facts["workspace"], facts["grants"]) == ("hcp", "access-444455556666", ["support"])
    schema = json.loads(person.types("gatepass schema workspace").stdout)
    assert schema["properties"]["platform"]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("access", ["access.yml", "the customer's file: #1.yml"])
def test_every_key_is_explained_and_each_example_is_right(platform: Platform, access: str, tmp_path: Path) -> None:
    text = first_workspace(platform, "access-444455556666", access, "workspace.yml")
    used = re.sub(r"^(\s*)# ([a-z_]+: )", r"\1\2", text, flags=re.MULTILINE)
    (tmp_path / access).write_text(ACCESS, encoding="utf-8")
    for name, written in (("first.yml", text), ("whole.yml", used)):
        (tmp_path / name).write_text(written, encoding="utf-8")

    first = load_workspace_file(tmp_path / "first.yml", {"TFE_ORGANIZATION": "acme"}).setup
    whole = load_workspace_file(tmp_path / "whole.yml", {}).setup

    assert (first.own_access, first.terraform_version) == (None, None)
    assert whole.own_access is not None
    assert (whole.schedule is not None) == (platform is Platform.SCALR)
    (other,) = set(Platform) - {platform}
    keys = set(WorkspaceForm.model_fields) | set(RepositoryForm.model_fields)
    for key in keys - set(KEYS_OF[other]):
        assert f"{key}:" in text, key
