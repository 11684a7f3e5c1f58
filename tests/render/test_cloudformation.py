"""The template of CloudFormation: clean, whole, without anything secret, and without pitfalls of its functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.decode import decode_str

from gatepass.domain.documents import policy
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, Window
from gatepass.domain.identifiers import AccountId, GrantName, Partition, PolicyArn, RoleName
from gatepass.render.cloudformation import cloudformation_template, cloudformation_text
from gatepass.render.cloudformation_names import grant_names
from gatepass.render.cloudformation_yaml import yaml_text
from gatepass.usecases.resolve_offline import resolve_offline
from tests.cli.person import Person
from tests.people import BOUNDARY, CUSTOMER, GRANT, MORNING, PROVIDER, declaration
from tests.render.engine_documents import Template

AWS = Partition()
FREE = replace(GRANT, name=GrantName("net-ops"), needs_second_factor=False)
HOME = policy(
    {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::x/${aws:username}/*", f"arn:aws:sqs:*:{CUSTOMER}:q"],
    }
)
RICH = replace(GRANT, custom_policy=HOME, boundary=BOUNDARY, window=Window(None, MORNING))


def template_of(file: Declaration, *, stack_set: bool = False) -> Any:  # noqa: ANN401 - JSON
    return cloudformation_template(file, AWS, resolve_offline(file, AWS, lambda: None), stack_set=stack_set)


def text_of(file: Declaration, *, stack_set: bool = False) -> str:
    return cloudformation_text(file, AWS, resolve_offline(file, AWS, lambda: None), stack_set=stack_set)


def test_a_stack_in_another_account_than_the_files_makes_nothing() -> None:
    elsewhere = Template(template_of(declaration(RICH, FREE)), {}, account="999900001111")

    assert elsewhere.roles() == {}
    assert elsewhere.outputs() == []


def test_an_old_external_id_without_its_end_or_without_a_new_one_is_refused_before_anything_is_made() -> None:
    """It would not open, and nobody would know why."""
    template = template_of(declaration(GRANT))
    old, until = {"SupportExternalIdOld": "old-one"}, {"SupportExternalIdOldUntil": "2026-11-27T18:00:00Z"}
    new = {"SupportExternalId": "new-one"}

    assert len(Template(template, old | new).complaints()) == 1
    assert len(Template(template, old | until).complaints()) == 1
    assert Template(template, old | until | new).complaints() == []
    assert Template(template, {}).complaints() == []


def test_more_grants_than_a_template_holds_are_refused() -> None:
    grants = [replace(GRANT, name=GrantName(f"g{number}")) for number in range(67)]

    with pytest.raises(Conflict, match="one template does not hold 67 grants"):
        template_of(declaration(*grants))
    template_of(declaration(*grants[:66]))


def test_a_role_that_stands_already_is_not_made_a_second_time() -> None:
    with pytest.raises(Conflict, match="which stands already"):
        template_of(declaration(replace(GRANT, adopted=RoleName("Legacy"))))


@pytest.mark.parametrize("stack_set", [False, True])
def test_the_template_is_clean_by_cfn_lint_and_says_what_was_meant(stack_set: bool) -> None:  # noqa: FBT001 - a parameter
    file = declaration(RICH, FREE)
    text = text_of(file, stack_set=stack_set)

    assert lint(text) == []
    read, problems = decode_str(text)
    assert not problems
    assert read == template_of(file, stack_set=stack_set)
    assert text == text_of(file, stack_set=stack_set)


def test_external_ids_have_parameters_that_are_not_echoed_and_no_value() -> None:
    parameters = template_of(declaration(RICH))["Parameters"]

    for name in ("SupportExternalId", "SupportExternalIdOld"):
        assert parameters[name]["NoEcho"] is True
        assert parameters[name]["Default"] == ""


def test_a_stack_set_names_no_account_but_each_accounts_own() -> None:
    file = declaration(RICH, FREE)
    template = template_of(file, stack_set=True)

    role = Template(template, {}, account="999900001111").roles()["ServiceProvider-111122223333-support"]

    assert str(CUSTOMER) not in text_of(file, stack_set=True)
    assert role["PermissionsBoundary"] == "arn:aws:iam::999900001111:policy/PartnerBoundary"
    permissions = next(each for each in role["Policies"] if each["PolicyName"] == "gatepass-permissions")
    assert permissions["PolicyDocument"]["Statement"][0]["Resource"] == [
        "arn:aws:s3:::x/${aws:username}/*",
        "arn:aws:sqs:*:999900001111:q",
    ]


def test_a_variable_of_iam_beside_the_account_stays_a_variable_of_iam() -> None:
    both = policy({"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{CUSTOMER}:user/${{aws:username}}"})
    template = template_of(declaration(replace(GRANT, custom_policy=both)), stack_set=True)

    (role,) = Template(template, {}, account="999900001111").roles().values()

    document = role["Policies"][1]["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == "arn:aws:iam::999900001111:user/${aws:username}"


def test_no_two_grants_share_a_name_in_the_template() -> None:
    """Parameters and resources share one space of names."""
    written = [
        "net-ops",
        "NetOps2",
        "net",
        "ops",
        "support",
        "support-external-id",
        "support-external-id-old",
        "support-role",
    ]
    for grants in (written, ["a-b", "ab", "a01b", "a-0b"]):
        names = grant_names([GrantName(each) for each in grants])
        everything = [
            name for each in names for name in (each.role, each.external_id, each.old_id, each.old_id_until, each.door)
        ]
        assert len({name.lower() for name in everything}) == len(everything)
        assert all(name.isalnum() for name in everything)


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "~", "1e3", "0x1", "2026-11-22", "a: b", "a #b", "- a", "a:", " a", "a ", "*", "&a", "!a", "é", '"', "\\", "\n", "%a", "@a", "`", ""]
)  # fmt: skip
def test_every_text_is_read_as_the_text_it_was(text: str) -> None:
    (read, problems) = decode_str(
        yaml_text({"Value": text, "List": [text], "Function": {"Fn::Equals": [text, {"Ref": "A"}]}})
    )

    assert not problems
    assert read == {"Value": text, "List": [text], "Function": {"Fn::Equals": [text, {"Ref": "A"}]}}


def test_the_partition_is_the_one_that_was_asked_for() -> None:
    file = declaration(Grant(GRANT.name, PROVIDER, ("SecurityAudit",)))
    china = Partition("aws-cn")

    text = cloudformation_text(file, china, resolve_offline(file, china, lambda: None))

    assert "arn:aws:" not in text
    assert "arn:aws-cn:iam::aws:policy/SecurityAudit" in text


FILE = """gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit, PartnerReading, SecurityAuditt]
"""


def test_a_policy_that_nobody_knows_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(FILE)

    told = Person(tmp_path).types("gatepass render cloudformation")

    assert told.returncode == 1
    assert "access.yml:7:34: no managed policy PartnerReading is known" in told.stdout
    assert "did you mean SecurityAudit? else write its ARN" in told.stdout
    assert "AWSTemplateFormatVersion" not in told.stdout


def test_the_command_writes_a_template_again_and_nothing_of_others(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(FILE.replace(", PartnerReading, SecurityAuditt", ""))
    person = Person(tmp_path)

    assert person.types("gatepass render cloudformation -o out").returncode == 0
    again = person.types("gatepass render cloudformation -o out")
    (tmp_path / "out" / "gatepass.yaml").write_text("ours")
    refused = person.types("gatepass render cloudformation -o out")

    assert again.returncode == 0
    assert "openssl rand" in again.stdout
    assert refused.returncode == 1
    assert "is not overwritten" in refused.stdout


def test_external_ids_are_never_printed(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(FILE.replace(", PartnerReading, SecurityAuditt", ""))

    told = Person(tmp_path).types("gatepass render cloudformation --with-external-id")
    of_many = Person(tmp_path).types("gatepass render cloudformation --stack-set --with-external-id -o out")

    assert told.returncode == of_many.returncode == 2
    assert "say where with -o DIR" in told.stdout
    assert "each account of a stack set needs its own" in of_many.stdout


def test_arns_of_policies_mean_themselves() -> None:
    own = "arn:aws:iam::444455556666:policy/team/Own"
    file = declaration(Grant(GRANT.name, AccountId("111122223333"), (own, "ViewOnlyAccess", "job-function/Billing")))

    assert resolve_offline(file, AWS, lambda: None) == {
        own: PolicyArn(own),
        "ViewOnlyAccess": PolicyArn("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
        "job-function/Billing": PolicyArn("arn:aws:iam::aws:policy/job-function/Billing"),
    }
