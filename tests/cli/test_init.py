"""The first file: written once, right from the start, every key explained."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect
import pytest

from gatepass.adapters.customer_file import load_customer_file
from gatepass.adapters.customer_form import CustomerForm, GrantForm
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.render.first_file import first_file
from tests.cli.person import Person
from tests.conftest import Cloud

GIVEN = "--provider 111122223333 --account 444455556666"


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text("mine", encoding="utf-8")

    refused = Person(tmp_path).types(f"gatepass init customer {GIVEN}")

    assert refused.returncode == 1
    assert (tmp_path / "access.yml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "command",
    [
        "gatepass init customer",
        "gatepass init customer --account 444455556666",
        f"gatepass init customer nowhere/access.yml {GIVEN}",
        "gatepass init customer --provider 123 --account 444455556666",
        f"gatepass init customer {GIVEN} --grant 1st",
    ],
)
def test_without_what_it_must_know_nothing_is_written(tmp_path: Path, command: str) -> None:
    refused = Person(tmp_path).types(command)

    assert refused.returncode in (1, 2)
    assert "Traceback" not in refused.stdout
    assert not list(tmp_path.glob("*.yml"))


def test_the_written_file_has_no_mistake(tmp_path: Path) -> None:
    person = Person(tmp_path)

    assert person.types(f"gatepass init customer {GIVEN} --grant audit").returncode == 0
    assert person.types("gatepass check").returncode == 0


def test_every_key_is_explained_and_each_example_is_right(tmp_path: Path) -> None:
    text = first_file(AccountId("444455556666"), AccountId("111122223333"), GrantName("support"), "access.yml")
    used = re.sub(r"^(\s*)# ([a-z_]+: )", r"\1\2", text, flags=re.MULTILINE)
    (tmp_path / "policies").mkdir()
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}'
    (tmp_path / "policies" / "extra.json").write_text(policy, encoding="utf-8")
    (tmp_path / "access.yml").write_text(used, encoding="utf-8")

    (grant,) = load_customer_file(tmp_path / "access.yml").declaration.grants

    assert not grant.needs_second_factor
    for form in (CustomerForm, GrantForm):
        for key in form.model_fields:
            assert f"{key}:" in text, key


def test_the_account_is_that_of_the_credentials_and_the_provider_is_asked_for(cloud: Cloud, tmp_path: Path) -> None:
    admin = cloud.administrator(tmp_path)

    terminal = admin.at_terminal("gatepass init customer")
    terminal.expect("The provider's account number")
    terminal.sendline("111122223333")
    terminal.expect(pexpect.EOF)

    assert terminal.wait() == 0
    assert admin.types("gatepass plan").returncode == 3
