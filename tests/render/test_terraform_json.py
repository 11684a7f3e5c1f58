"""The configuration for Terraform in JSON, and the root module that calls ours."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gatepass.domain.documents import policy
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName, Partition, RoleName
from gatepass.render.engine_roles import how_to_draw
from gatepass.render.terraform_json import terraform_json
from gatepass.render.terraform_root import terraform_root
from gatepass.usecases.resolve_offline import resolve_offline
from tests.cli.person import Person
from tests.conftest import PROVIDER, Cloud
from tests.people import BOUNDARY, GRANT, declaration
from tests.programs import demand_terraform
from tests.render.doors import enters
from tests.render.engine_documents import run_terraform, terraform_documents
from tests.terraform.runs import Terraform, provider_mirror

AWS = Partition()
SCHEMA = Path(__file__).parents[1] / "terraform" / "schema.json"
FREE = replace(GRANT, name=GrantName("net-ops"), needs_second_factor=False)
RICH = replace(
    GRANT,
    boundary=BOUNDARY,
    custom_policy=policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}),
    customer_key="7KQ2M9XW4T",
)


def text_of(file: Declaration) -> str:
    return terraform_json(file, AWS, resolve_offline(file, AWS, lambda: None))


def test_a_role_that_stands_already_is_not_made_a_second_time() -> None:
    with pytest.raises(Conflict, match="which stands already"):
        text_of(declaration(replace(GRANT, adopted=RoleName("Legacy"))))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"external_ids": {"suport": ["right-one"]}}, "names a grant that there is not"),
        ({"external_ids": {"support": ["one", "two", "three"]}}, "or two different ones"),
        ({"external_ids": {"support": ["same", "same"]}}, "or two different ones"),
        ({"external_ids": {"support": ["with space"]}}, "no spaces"),
        ({"external_ids": {"net-ops": ["surplus-one"]}}, "say second_factor: none"),
        ({"overlap_ends": {"support": "tomorrow"}}, "Write the instant in UTC"),
    ],
)
def test_wrong_values_stop_terraform_with_words_that_show_no_external_id(
    values: dict[str, object], words: str, tmp_path: Path
) -> None:
    demand_terraform()

    with pytest.raises(AssertionError) as caught:
        terraform_documents(text_of(declaration(GRANT, FREE)), {"wrong": values}, tmp_path)

    said = " ".join(str(caught.value).split())
    assert words in said
    assert "one" not in re.findall(r"[a-z-]+-one|with space", said)
    assert not re.search(r"right-one|with space|surplus-one", said)


def test_only_what_the_provider_knows_is_written() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    of_terraform = {"count", "for_each", "depends_on", "lifecycle"}
    written = json.loads(text_of(declaration(RICH, FREE)))

    assert written["provider"]["aws"].keys() <= schema["provider"].keys()
    for kind, resources in written["resource"].items():
        known = {name for name, one in schema["resources"][kind].items() if one.get("optional") or one.get("required")}
        needed = {name for name, one in schema["resources"][kind].items() if one.get("required")}
        for resource in resources.values():
            assert needed <= resource.keys() - of_terraform <= known


def test_nothing_is_allowed_before_it_is_limited() -> None:
    resources = json.loads(text_of(declaration(RICH)))["resource"]

    denials = ["aws_iam_role_policy.support_limits", "aws_iam_role_policy.support_switch"]
    assert resources["aws_iam_role_policy"]["support_permissions"]["depends_on"] == denials
    assert resources["aws_iam_role_policy_attachment"]["support"]["depends_on"] == denials
    assert "depends_on" not in resources["aws_iam_role_policy"]["support_limits"]


def test_an_id_can_be_drawn_with_openssl_under_the_providers_key(tmp_path: Path) -> None:
    person = Person(tmp_path)
    own, offered = (
        person.types(f"sh -c '{how_to_draw(each)}'".replace("'gp1", '"gp1').replace("\\n'", '\\n"'))
        for each in (GRANT, RICH)
    )

    assert re.fullmatch(r"gp1\.[0-9A-F]{16}\.[0-9A-F]{32}\n", own.stdout)
    assert re.fullmatch(r"gp1\.7KQ2M9XW4T\.[0-9A-F]{32}\n", offered.stdout)


def test_the_root_module_takes_odd_paths_as_texts(tmp_path: Path) -> None:
    demand_terraform()
    (tmp_path / "main.tf").write_text(terraform_root(declaration(), '../a "b" ${c}/access.yml', "./m${x}"))

    run_terraform(tmp_path, "fmt", "-check")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    (tmp_path / "access.yml").write_text(
        'gatepass: customer\nversion: 1\naccount: "444455556666"\n'
        'grants:\n  support: {provider: "111122223333", permissions: [SecurityAudit]}\n'
    )
    return Person(tmp_path)


def test_without_credentials_nothing_secret_is_rendered(person: Person) -> None:
    told = person.types("gatepass render terraform-json --with-external-id -o out")

    assert told.returncode == 1
    assert not list(person.home.glob("out/*tfvars*"))


def test_what_a_rendered_configuration_makes_opens_with_the_right_id_only(cloud: Cloud, person: Person) -> None:
    """Taken over from gatepass apply: the values that AWS holds are written for the owner alone, and never printed."""
    demand_terraform()
    admin = cloud.administrator(person.home)
    assert admin.types("gatepass apply access.yml --yes").returncode == 0
    told = admin.types("gatepass render terraform-json --with-external-id -o out")
    values = person.home / "out" / "external-ids.auto.tfvars.json"
    external_id = json.loads(values.read_text())["external_ids"]["support"][0]
    assert admin.types("gatepass withdraw support --yes").returncode == 0

    place = Terraform(
        person.home / "out", provider_mirror(person.home / "mirror"), admin.environment | {"AWS_REGION": "us-east-1"}
    )
    place.says("init")
    place.says("apply -auto-approve")
    again = place.types("plan -detailed-exitcode")

    assert external_id not in told.stdout
    assert "Terraform's state" in told.stdout
    assert values.stat().st_mode & 0o077 == 0
    assert again.returncode == 0, again.stdout
    engineer = cloud.user(PROVIDER, "netops-1", '{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}')
    refused = [enters(cloud, engineer, "support", each) for each in (None, "gp1.WRONG.WRONG")]
    assert refused == [False, False]
    assert enters(cloud, engineer, "support", external_id)
    values.unlink()
    place.says("apply -auto-approve")
    assert not enters(cloud, engineer, "support", external_id)
