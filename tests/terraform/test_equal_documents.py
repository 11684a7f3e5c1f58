"""What the HCL builds is what gatepass apply would write, document by document."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.customer_form import CustomerForm, GrantForm, NamingForm, WindowForm
from gatepass.domain.documents import parse_document
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import ExternalId, Partition
from gatepass.domain.known_accounts import PRESETS
from gatepass.domain.role import DIGEST_TAG, ENGINE_TAG, LIMITS_POLICY, PERMISSIONS_POLICY
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import Retiring, closed_trust, open_trust
from gatepass.domain.wanted import wanted_role
from tests.terraform.declared import written_files
from tests.terraform.runs import HCL, Terraform

_POLICIES = HCL / "modules/service-provider-access/policies"
_NEW, _OLD = "gp1.KEY7KQ2M9XW.new/id=1", "gp1.KEY7KQ2M9XW.old"
_OVERLAP_ENDS = datetime(2026, 6, 1, 12, tzinfo=UTC)
_AWS = Partition()

_ROOT = """
variable "ids" {
  type      = map(map(list(string)))
  sensitive = true
}
variable "ends" { type = map(map(string)) }
module "policies" {
  for_each     = var.ends
  source       = "./policies"
  file         = each.key
  external_ids = var.ids[each.key]
  overlap_ends = each.value
}
output "built" {
  sensitive = true
  value = jsonencode({
    for file, each in module.policies :
    file => { roles = each.roles, trusts = each.trusts, switch = each.switch_closed }
  })
}
"""


@dataclass(frozen=True)
class _Case:
    """One grant, on both sides.

    Attributes:
        ids: the external IDs that Terraform is given for it.
        built: what the HCL made of it.
    """

    declaration: Declaration
    grant: Grant
    ids: list[str]
    built: dict[str, Any]

    @property
    def trust(self) -> object:
        """The trust that the direct engine writes for these IDs."""
        if self.grant.needs_second_factor and not self.ids:
            return closed_trust()
        current = ExternalId(self.ids[0]) if self.ids else None
        retiring = Retiring(ExternalId(self.ids[1]), _OVERLAP_ENDS) if len(self.ids) == 2 else None
        return open_trust(self.grant, _AWS, current, retiring=retiring)


def _ids_of(number: int, grant: Grant) -> list[str]:
    """Give grants in turn one external ID, two, and none."""
    return ([_NEW], [_NEW, _OLD], [])[number % 3] if grant.needs_second_factor else []


@pytest.fixture(scope="module")
def cases(configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> list[_Case]:
    """Return every grant of the examples and of the drawn files, built in one run of terraform."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(_POLICIES, folder / "policies")
    (folder / "main.tf").write_text(_ROOT, encoding="utf-8")
    files = {
        str(path): load_customer_file(path).declaration
        for path in (HCL / "examples/customer/example.yml", *written_files(folder / "files"))
    }
    ids = {file: {str(each.name): _ids_of(number, each) for number, each in enumerate(written.grants)
                  if each.needs_second_factor} for file, written in files.items()}  # fmt: skip
    end = _OVERLAP_ENDS.isoformat()
    ends = {file: {name: end for name, given in named.items() if len(given) == 2} for file, named in ids.items()}
    terraform = Terraform(folder, configuration)
    terraform.says("init")
    terraform.says("apply -auto-approve", ids=ids, ends=ends)
    built = json.loads(terraform.says("output -raw built"))
    return list(_paired(files, ids, built))


def _paired(files: dict[str, Declaration], ids: dict[str, Any], built: dict[str, Any]) -> Iterator[_Case]:
    for file, written in files.items():
        for grant in written.grants:
            name = str(grant.name)
            made = {**built[file]["roles"][name], "trust": built[file]["trusts"][name], "switch": built[file]["switch"]}
            yield _Case(written, grant, ids[file].get(name, []), made)


def test_enough_different_grants_are_compared(cases: list[_Case]) -> None:
    assert len(cases) >= 60
    assert {len(case.ids) for case in cases} == {0, 1, 2}
    assert any(case.grant.custom_policy for case in cases)
    assert any(case.grant.window.end for case in cases)
    assert any(not case.grant.needs_second_factor for case in cases)


def test_trust_policies_are_equal_open_overlapping_and_closed(cases: list[_Case]) -> None:
    for case in cases:
        assert parse_document(case.built["trust"]) == case.trust, case.grant


def test_all_else_of_the_roles_is_equal_but_who_keeps_them(cases: list[_Case]) -> None:
    for case in cases:
        key = case.grant.customer_key or (ExternalId(case.ids[0]).customer_key if case.ids else None)
        wanted = wanted_role(
            case.declaration, case.grant, _AWS, policies=frozenset(), trust=closed_trust(), customer_key=key
        )
        built = case.built

        assert built["name"] == str(wanted.name)
        assert built["session_seconds"] == wanted.session_limit.total_seconds()
        assert built["boundary"] == (str(wanted.boundary) if wanted.boundary else None)
        assert built["permissions"] == list(case.grant.permissions)
        assert parse_document(built["limits"]) == wanted.inline[LIMITS_POLICY]
        own = parse_document(built["custom_policy"]) if built["custom_policy"] else None
        assert own == wanted.inline.get(PERMISSIONS_POLICY)
        assert {**built["tags"], DIGEST_TAG: ""} == {**wanted.tags, ENGINE_TAG: "terraform", DIGEST_TAG: ""}
        assert built["is_closed"] == (case.grant.needs_second_factor and not case.ids)


def test_the_switch_of_a_closed_role_is_the_one_that_close_writes(cases: list[_Case]) -> None:
    assert parse_document(cases[0].built["switch"]) == deny_everything()


def test_the_hcl_knows_every_vendor_that_a_file_may_name() -> None:
    known = json.loads((_POLICIES / "known_providers.json").read_text(encoding="utf-8"))

    assert known == {name: preset.account.digits for name, preset in PRESETS.items()}


def test_the_hcl_knows_every_key_of_the_customers_file() -> None:
    hcl = (_POLICIES / "problems.tf").read_text(encoding="utf-8")
    block = hcl[hcl.index("known_keys = {") : hcl.index("}\n")]
    listed = {
        line.split("=")[0].strip(): set(json.loads(line.split("=", 1)[1]))
        for line in block.splitlines()[1:]
        if "=" in line
    }

    forms: dict[str, type[BaseModel]] = {
        "file": CustomerForm,
        "grant": GrantForm,
        "window": WindowForm,
        "naming": NamingForm,
    }
    assert listed == {
        name: {field.alias or key for key, field in form.model_fields.items()} for name, form in forms.items()
    }
