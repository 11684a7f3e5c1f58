"""gatepass customers, init provider, schema provider and check as the provider's access lead types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pexpect
import pytest

from gatepass.adapters.provider_file import load_register
from gatepass.adapters.provider_form import CustomerForm, RegisterForm, TeamForm
from gatepass.domain.identifiers import AccountId
from gatepass.render.first_register import first_register
from tests.cli.person import Person

REGISTER = """\
# ours
gatepass: provider
version: 1
account: "111122223333"
teams:
  netops: {iam_groups: [NetOps]}
  secops: {iam_groups: [SecOps]}
customers:
  acme-prod:
    company: Acme
    account: "444455556666"
    key: 7KQ2M9XW4T
    roles: {support: arn:aws:iam::444455556666:role/gatepass/support}
    teams: {support: [netops]}
  acme-dev:   # not much used
    company: Acme
    account: "444455557777"
    key: 8KQ2M9XW4T
    roles: {audit: arn:aws:iam::444455557777:role/gatepass/audit}
    teams: {audit: [secops]}
  beta:
    account: "444455558888"
    key: 9KQ2M9XW4T
"""
ARN = "arn:aws:iam::555566667777:role/gatepass/HIO-DEV-EUW1-ServiceProvider-audit"


@pytest.fixture
def lead(tmp_path: Path) -> Person:
    """Return somebody with a register of three customers."""
    (tmp_path / "customers.yml").write_text(REGISTER, encoding="utf-8")
    return Person(tmp_path)


def text_of(lead: Person) -> str:
    return (lead.home / "customers.yml").read_text(encoding="utf-8")


def listed(lead: Person, options: str = "") -> list[str]:
    found = json.loads(lead.types(f"gatepass customers list --json {options}").stdout)
    return [customer["name"] for customer in found["customers"]]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("list --file none.yml", "there is no register none.yml"),
        ("list --team nteops", "did you mean netops?"),
        ("list --account 123", "'123' is not an AWS account ID"),
        ("show acme-prd", "did you mean acme-prod?"),
        ("show Acme", "'Acme' cannot name a customer"),
        ("remove gamma --yes", "the register has no customer gamma"),
        ("import none.csv --yes", "none.csv cannot be read"),
    ],
)
def test_a_wrong_word_is_told_and_nothing_changes(lead: Person, command: str, words: str) -> None:
    told = lead.types(f"gatepass customers {command}")

    assert told.returncode == 1
    assert words in told.stdout
    assert text_of(lead) == REGISTER


def test_a_register_with_a_mistake_is_not_used(lead: Person) -> None:
    (lead.home / "customers.yml").write_text(REGISTER.replace("[netops]", "[nteops]"), encoding="utf-8")

    for command in ("customers list", "customers show beta", "customers remove beta --yes"):
        told = lead.types(f"gatepass {command}")
        assert told.returncode == 1
        assert "customers.yml:14:23: there is no team nteops" in told.stdout
    assert lead.types("gatepass check customers.yml").returncode == 3


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("", ["acme-prod", "acme-dev", "beta"]),
        ("--company acme", ["acme-prod", "acme-dev"]),
        ("--account 444455558888", ["beta"]),
        ("--grant audit", ["acme-dev"]),
        ("--team netops", ["acme-prod"]),
        ("--team netops --grant audit", []),
    ],
)
def test_customers_are_listed_by_what_is_asked_for(lead: Person, options: str, names: list[str]) -> None:
    assert listed(lead, options) == names

    table = lead.types(f"gatepass customers list {options}").stdout
    assert f"{len(names)} of 3 customers" in table
    assert [line.split()[0] for line in table.splitlines() if re.match("acme|beta", line)] == names


def test_the_register_may_be_named_by_the_environment(lead: Person) -> None:
    (lead.home / "customers.yml").rename(lead.home / "ours.yml")
    lead.environment["GATEPASS_REGISTER"] = "ours.yml"

    assert len(listed(lead)) == 3


def test_a_customer_is_shown_whole(lead: Person) -> None:
    shown = lead.types("gatepass customers show acme-prod").stdout
    facts = json.loads(lead.types("gatepass customers show acme-prod --json").stdout)

    assert facts["teams"] == {"support": ["netops"]}
    for word in ("444455556666", "Acme", "7KQ2M9XW4T", facts["roles"]["support"], "for netops"):
        assert word in shown


def test_a_customer_is_removed_only_after_somebody_said_yes(lead: Person) -> None:
    assert lead.types("gatepass customers remove beta").returncode == 2
    refused = lead.at_terminal("gatepass customers remove beta")
    refused.expect("Take beta out")
    refused.sendline("n")
    refused.expect(pexpect.EOF)
    assert text_of(lead) == REGISTER

    assert lead.types("gatepass customers remove beta --yes").returncode == 0

    assert text_of(lead) == REGISTER[: REGISTER.index("  beta:")]


def test_with_a_customer_its_second_factors_go_and_nobody_elses(lead: Person) -> None:
    """Without a store that can be asked nothing is removed at all."""
    kept = lead.home / "state" / "gatepass" / "secrets"
    kept.mkdir(parents=True, mode=0o700)
    for folder in (kept, *kept.parents):
        if folder.is_relative_to(lead.home / "state"):
            folder.chmod(0o700)
    mine = ("netops.acme-prod.support", "none-.acme-prod.audit", "withheld-.acme-prod.support", "gone.acme-prod.x")
    others = ("netops.acme-dev.support", "provider.111122223333.keys", "customer.444455558888.support")
    for name in (*mine, *others):
        (kept / name).write_text("x", encoding="utf-8")
        (kept / name).chmod(0o600)

    refused = lead.types("gatepass customers remove acme-prod --yes")
    assert refused.returncode == 1
    assert text_of(lead) == REGISTER
    told = lead.types("gatepass customers remove acme-prod --yes --store file --json")

    assert told.returncode == 0, told.stdout
    assert '"netops/acme-prod/support"' in told.stdout
    assert {file.name for file in kept.iterdir()} - {".lock"} == set(others)
    assert "acme-prod" not in text_of(lead)
    assert lead.types("gatepass customers remove acme-dev --yes --keep-factors").returncode == 0
    assert {file.name for file in kept.iterdir()} - {".lock"} == set(others)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{ARN}\narn:aws:iam::5555:role/x\nnothing\n", ["list:2:1: 'arn:aws:iam::5555:role/x' is not the ARN of an IAM role", "list:3:1: that is not the ARN of an IAM role"]),
        ("name,role_arn,teem\n", ["list:1:1: unknown column: teem"]),
        ("name,name\n", ["list:1:1: two columns name", "list:1:1: there is no column role_arn"]),
        (f"role_arn,team\n{ARN},nteops\n{ARN},netops,x\n", ["list:3:1: this line has 3 columns and the head has 2"]),
        (f"role_arn,team\n{ARN},nteops\n", ["list:2:1: there is no team nteops"]),
        (f'role_arn\n"{ARN}\n', ["list:2:1: this is not CSV"]),
        (f"role_arn,account\n{ARN},444455556666\n", ["list:2:1: the role stands in account 555566667777, the line says 444455556666"]),
        (f"role_arn,name\n{ARN},acme-prod\n", ["list:2:1: acme-prod has account 444455556666"]),
        (f"role_arn,key\n{ARN},7kq2m9xw4t\n", ["list:2:1: account-555566667777 has the customer key of acme-prod"]),
        (f"role_arn,key\n{ARN},gp1.7KQ2M9XW4T.CODE\n", ["list:2:1: that is not a customer key"]),
        (f"role_arn,key\n{ARN},AAAABBBB\n{ARN},AAAABBBC\n", ["list:3:1: account-555566667777 has another customer key"]),
        (f"role_arn,grant\n{ARN},audit\n{ARN},help\n", ["list:3:1: the role of account-555566667777 for help is that of account-555566667777 for audit"]),
        ("role_arn,name\narn:aws:iam::444455558888:role/x,gamma\n", ["list:2:1: gamma has the account of beta"]),
        ("role_arn\narn:aws:iam::111122223333:role/x\n", ["list:2:1: the account of account-111122223333 is the provider's own"]),
        ("role_arn,grant\narn:aws:iam::444455556666:role/other,support\n", ["list:2:1: acme-prod has another role for support"]),
        ("# nobody\n", ["list:1:1: the list is empty"]),
    ],
)  # fmt: skip
def test_every_line_that_cannot_be_taken_is_told_and_nothing_is_written(
    lead: Person, text: str, told: list[str]
) -> None:
    (lead.home / "list").write_text(text, encoding="utf-8")

    refused = lead.types("gatepass customers import list --yes")

    assert refused.returncode == 1
    for words in told:
        assert words in refused.stdout
    assert "CODE" not in refused.stdout
    assert text_of(lead) == REGISTER


def test_a_list_is_taken_only_after_somebody_said_yes(lead: Person) -> None:
    (lead.home / "list").write_text(ARN, encoding="utf-8")

    asked = lead.types("gatepass customers import list")

    assert asked.returncode == 2
    assert f"+ account-555566667777  audit  {ARN}" in asked.stdout
    assert text_of(lead) == REGISTER


def test_a_list_of_arns_becomes_customers_named_after_account_and_role(lead: Person) -> None:
    other = "arn:aws:iam::555566667777:role/1/Our.Auditors_role"
    known = "arn:aws:iam::444455556666:role/gatepass/support"
    (lead.home / "list").write_text(f"# all\n\n{ARN}   # one\n{other}\n{known}\n", encoding="utf-8")

    taken = lead.types("gatepass customers import list --yes")

    assert taken.returncode == 0
    assert "in the register already: 1 line" in taken.stdout
    facts = json.loads(lead.types("gatepass customers show account-555566667777 --json").stdout)
    assert facts["roles"] == {"audit": ARN, "Our-Auditors-role": other}
    assert re.fullmatch("[0-9A-Z]{10}", facts["key"])
    assert text_of(lead).startswith(REGISTER)
    assert "there is nothing to add" in lead.types("gatepass customers import list --yes").stdout


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_spreadsheet_becomes_customers(lead: Person, separator: str) -> None:
    rows = (
        ("Name", "company", "account", "grant", "role_arn", "team", "key"),
        ("gamma", '"Gamma ""&"" Sons"', "555566667777", "audit", ARN, "netops secops", "GAMMAKEY"),
        ("gamma", "", "", "help", "arn:aws:iam::555566667777:role/help", "", ""),
        ("", "", "", "", "arn:aws:iam::444455558888:role/x-support", "netops", ""),
        ("acme-prod", "", "", "", "arn:aws:iam::444455556666:role/gatepass/support", "secops", ""),
    )
    text = "\ufeff" + "\r\n".join(separator.join(row) for row in rows)
    (lead.home / "list.csv").write_text(text, encoding="utf-8")

    taken = lead.types("gatepass customers import list.csv --yes")
    assert taken.returncode == 0
    assert "~ acme-prod  support  arn:aws:iam::444455556666:role/gatepass/support for secops" in taken.stdout

    found = json.loads(lead.types("gatepass customers list --json").stdout)
    facts = {customer["name"]: customer for customer in found["customers"]}
    assert facts["gamma"]["company"] == 'Gamma "&" Sons'
    assert facts["gamma"]["key"] == "GAMMAKEY"
    assert facts["gamma"]["teams"] == {"audit": ["netops", "secops"]}
    assert set(facts["gamma"]["roles"]) == {"audit", "help"}
    assert facts["beta"]["roles"] == {"x-support": "arn:aws:iam::444455558888:role/x-support"}
    assert facts["beta"]["key"] == "9KQ2M9XW4T"
    assert facts["acme-prod"]["teams"] == {"support": ["netops", "secops"]}
    assert "# not much used" in text_of(lead)


def test_a_register_is_checked_without_asking_aws(lead: Person) -> None:
    checked = lead.types("gatepass check customers.yml")

    assert checked.returncode == 0
    assert "3 customers, 2 teams, no mistakes" in checked.stdout


def test_a_first_register_is_not_written_over_another(lead: Person) -> None:
    assert lead.types("gatepass init provider --account 111122223333").returncode == 1
    assert text_of(lead) == REGISTER


def test_a_first_register_has_no_mistake_and_takes_customers(tmp_path: Path) -> None:
    lead = Person(tmp_path)
    (tmp_path / "list").write_text(ARN, encoding="utf-8")

    assert lead.types("gatepass init provider --account 111122223333").returncode == 0
    assert lead.types("gatepass check customers.yml").returncode == 0
    assert lead.types("gatepass customers import list --yes").returncode == 0

    written = (tmp_path / "customers.yml").read_text(encoding="utf-8")
    assert listed(lead) == ["account-555566667777"]
    lines = iter(written.splitlines())
    first = first_register(AccountId("111122223333"), "customers.yml")
    assert all(line in lines for line in first.splitlines())


def test_every_key_of_a_register_is_explained_and_each_example_is_right(tmp_path: Path) -> None:
    text = first_register(AccountId("111122223333"), "customers.yml")
    used = re.sub(r"^  # ( *[a-z_-]+:(?: |$))", r"  \1", text, flags=re.MULTILINE)
    path = tmp_path / "customers.yml"
    path.write_text(used, encoding="utf-8")

    (customer,) = load_register(path).register.customers.values()

    assert len(customer.teams) == 1
    for form in (RegisterForm, TeamForm, CustomerForm):
        for key in form.model_fields:
            assert f"{key}:" in text, key


def test_the_schema_of_a_register_is_printed(tmp_path: Path) -> None:
    printed = json.loads(Person(tmp_path).types("gatepass schema provider").stdout)

    assert "CustomerForm" in printed["$defs"]
