"""Where AWS's services answer: in every partition where botocore says, or where the environment says."""

from __future__ import annotations

import boto3
import pytest

from gatepass.adapters.aws_endpoints import endpoint
from gatepass.domain.errors import InvalidInput

REGION = "eu-west-1"


@pytest.mark.parametrize("service", ["sts", "ssm", "secretsmanager"])
def test_services_answer_where_botocore_knows_them(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for region in ("eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1"):
        place = endpoint(service, region)
        known = boto3.client(service, region_name=region, aws_access_key_id="A", aws_secret_access_key="B")
        assert f"{place.scheme}://{place.host_header}" == known.meta.endpoint_url


@pytest.mark.parametrize("url", ["ftp://x", "x", "https://", "https://user@host", "https://host:port", "https://:1"])
def test_an_endpoint_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(InvalidInput, match="AWS_ENDPOINT_URL holds no address"):
        endpoint("sts", REGION)


def test_an_endpoint_may_have_a_path_and_a_port_and_a_service_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://[::1]:8443/aws/")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", "http://vault.example")

    sts, ssm = endpoint("sts", REGION), endpoint("ssm", REGION)

    assert (sts.host, sts.port, sts.path, sts.host_header) == ("::1", 8443, "/aws/", "[::1]:8443")
    assert (ssm.scheme, ssm.host_header) == ("http", "vault.example")
    assert ssm.path == "/"
