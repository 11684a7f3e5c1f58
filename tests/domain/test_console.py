"""Where the console is: its sign-in in each partition, and the page of a service."""

from __future__ import annotations

import pytest

from gatepass.domain.console import ConsoleLink, SigninToken, console_link, destination, signin_endpoint
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import Partition
from gatepass.domain.region_name import RegionName

AWS = Partition("aws")


@pytest.mark.parametrize("service", ["", "s3/../iam", "evil.example", "S3", "a@b", "s3?x", "x" * 65, "-s3"])
def test_what_is_no_service_leads_nowhere(service: str) -> None:
    with pytest.raises(InvalidInput, match="no name of a service"):
        destination(AWS, service, None)


@pytest.mark.parametrize(
    ("partition", "service", "region", "page"),
    [
        ("aws", None, None, "https://console.aws.amazon.com/console/home"),
        ("aws", "s3", "eu-west-1", "https://console.aws.amazon.com/s3/home?region=eu-west-1"),
        ("aws", "ssm", None, "https://console.aws.amazon.com/systems-manager/home"),
        ("aws-cn", "ec2", "cn-north-1", "https://console.amazonaws.cn/ec2/home?region=cn-north-1"),
        ("aws-us-gov", None, "us-gov-west-1", "https://console.amazonaws-us-gov.com/console/home?region=us-gov-west-1"),
    ],
)
def test_a_services_page_is_in_the_roles_own_partition(
    partition: str, service: str | None, region: str | None, page: str
) -> None:
    assert destination(Partition(partition), service, RegionName(region) if region else None) == page


def test_each_partition_signs_in_at_its_own_address() -> None:
    assert [signin_endpoint(Partition(name)) for name in ("aws", "aws-cn", "aws-us-gov")] == [
        "https://signin.aws.amazon.com/federation",
        "https://signin.amazonaws.cn/federation",
        "https://signin.amazonaws-us-gov.com/federation",
    ]


def test_a_link_shows_itself_to_nobody_unasked() -> None:
    link = console_link("https://signin.aws.amazon.com/federation", SigninToken("S+E/C"), "https://x/?region=y")

    assert "S%2BE%2FC" in link.reveal()
    assert "Destination=https%3A%2F%2Fx%2F%3Fregion%3Dy" in link.reveal()
    for shown in (repr(link), str(link), repr(SigninToken("SECRET")), repr(ConsoleLink("SECRET"))):
        assert "S%2B" not in shown
        assert "SECRET" not in shown
