"""The link to the console: it carries everything but the second factor, and nothing that signs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import Partition
from gatepass.render.quick_create import quick_create_link
from tests.cli.person import Person

URL = "https://acme.s3.eu-central-1.amazonaws.com/a b/gatepass.yaml"
FILE = """gatepass: customer
version: 1
account: "444455556666"
grants:
  support: {provider: "111122223333", permissions: [SecurityAudit]}
"""


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.s3.amazonaws.com/t.yaml",
        "https://example.com/t.yaml",
        "https://s3.amazonaws.com.example.com/t.yaml",
        "https://acme.s3.amazonaws.com/",
        "https://acme.s3.amazonaws.com/t.yaml?X-Amz-Signature=abc",
        "https://user@acme.s3.amazonaws.com/t.yaml",
        "https://acme.s3.amazonaws.com/t.yaml#&param_SupportExternalId=x",
        "https://[",
        "",
    ],
)
def test_what_is_no_plain_url_of_s3_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        quick_create_link(url, "gatepass", "eu-central-1", Partition())

    assert "X-Amz-Signature" not in f"{caught.value.what}{caught.value.why}{caught.value.next_step}"


def test_a_stacks_name_carries_no_parameter_into_the_link() -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a stack"):
        quick_create_link(URL, "x&param_SupportExternalId=y", "eu-central-1", Partition())


@pytest.mark.parametrize(
    ("partition", "host"),
    [("aws", "eu-central-1.console.aws.amazon.com"), ("aws-cn", "eu-central-1.console.amazonaws.cn")],
)
def test_the_link_leads_to_the_template_and_holds_no_parameter(partition: str, host: str) -> None:
    link = urlsplit(quick_create_link(URL, "gatepass-1", "eu-central-1", Partition(partition)))

    path, _, query = link.fragment.partition("?")
    assert link.hostname == host
    assert path == "/stacks/quickcreate"
    assert parse_qs(query) == {"templateURL": [URL], "stackName": ["gatepass-1"]}


def test_the_command_says_that_everything_can_be_edited(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(FILE)

    told = Person(tmp_path).types(
        "gatepass render quick-create --template-url https://a.s3.us-east-1.amazonaws.com/t.yaml"
    )

    assert told.returncode == 0
    assert "stackName=gatepass-444455556666" in told.stdout
    assert "can change every value" in told.stdout
    assert "gatepass doors" in told.stdout
    assert "openssl rand" in told.stdout
