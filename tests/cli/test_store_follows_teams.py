"""Changing who serves a customer in the provider's file and applying it is enough: the shared store follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatepass.ports.secrets import SecretStore
from gatepass.wiring import stores
from tests.cli.rights_story import stage, typed
from tests.cli.test_team_commands import AUDIT, REGISTER, SUPPORT, Provider

KEPT = json.dumps({"role": SUPPORT, "factor": None})
MOVED = REGISTER.replace("support: [netops]", "support: [auditors]")


def opened(keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> SecretStore:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys[1])
    return stores.secret_store("ssm")


def test_a_second_factor_goes_to_the_team_that_the_register_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage(tmp_path) as cloud:
        provider = Provider(cloud)
        keys, register = provider.root, tmp_path / "customers.yml"
        store = opened(keys, monkeypatch)
        store.put("netops/acme-prod/support", KEPT)
        store.put("netops/acme-prod/audit", json.dumps({"role": AUDIT, "factor": None}))
        store.put("none-/acme-prod/audit", json.dumps({"role": SUPPORT, "factor": None}))
        register.write_text(MOVED, encoding="utf-8")

        planned = typed("plan customers.yml", keys)
        refused = typed("plan customers.yml --store vaults", keys)
        told = json.loads(typed("plan customers.yml --json", keys).text)["store"]
        came = typed("apply customers.yml --yes", keys)

        assert "store, SSM Parameter Store of account 111122223333 in us-east-1" in planned.text
        assert "2 second factors to hand to team auditors, 2 to take from team netops" in planned.text
        assert refused.code == 2
        assert {change["team"] for change in told["changes"]} == {"netops", "auditors", None}
        # What lay aside was another role's: it stays, and somebody has to look.
        assert came.code == 3, came.text
        assert "next: gatepass verify acme-prod/audit" in came.text
        audits = {"auditors/acme-prod/audit", "none-/acme-prod/audit", "none-/acme-prod/audit/netops"}
        assert store.names("") == {"auditors/acme-prod/support", *audits}
        assert store.get("auditors/acme-prod/support") == KEPT
        moved = [line for line in came.text.splitlines() if line.startswith("done")]
        assert "- second factor of acme-prod/support from team netops" in moved[2]
        assert "+ second factor of acme-prod/support to team auditors" in "".join(moved[-5:])


def test_another_file_takes_no_store(tmp_path: Path) -> None:
    access = 'gatepass: customer\nversion: 1\naccount: "444455556666"\ngrants: {}\n'
    (tmp_path / "access.yml").write_text(access, encoding="utf-8")
    with stage(tmp_path) as cloud:
        for command in ("plan access.yml --store file", "apply access.yml --store file"):
            came = typed(command, cloud.aws.root_credentials("444455556666"))
            assert came.code == 2
            assert "--store is for a provider's file" in came.text
