"""The names of an organisation's accounts."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from gatepass.adapters.memory import MemoryNames
from gatepass.adapters.organization_accounts import OrganizationAccounts
from gatepass.domain.errors import AccessRefused
from gatepass.domain.identifiers import AccountId
from gatepass.ports.resources import AccountNames
from tests.conftest import CUSTOMER, PROVIDER, Cloud


def _names(cloud: Cloud, keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> OrganizationAccounts:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    return OrganizationAccounts(
        boto3.Session(aws_access_key_id=keys[0], aws_secret_access_key=keys[1], region_name="us-east-1")
    )


def test_keys_that_aws_does_not_know_are_refused(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AccessRefused):
        _names(cloud, ("AKIAIOSFODNN7EXAMPLE", "wrong"), monkeypatch).names()


def test_an_account_in_no_organisation_has_no_names(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _names(cloud, cloud.aws.root_credentials(CUSTOMER), monkeypatch).names() == {}


def test_who_may_not_list_the_organisation_gets_no_names(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.client("organizations", cloud.aws.root_credentials(CUSTOMER)).create_organization(FeatureSet="ALL")
    keys = cloud.user(CUSTOMER, "reader", '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}')

    assert _names(cloud, keys, monkeypatch).names() == {}


@pytest.fixture(params=["memory", "aws"])
def organisation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[AccountNames, str]]:
    """Return the names of an organisation with one member, and the member's number."""
    if request.param == "memory":
        yield MemoryNames({AccountId(PROVIDER): "Payments (prod)"}), PROVIDER
        return
    cloud: Cloud = request.getfixturevalue("cloud")
    service = cloud.client("organizations", cloud.aws.root_credentials(CUSTOMER))
    service.create_organization(FeatureSet="ALL")
    made = service.create_account(AccountName="Payments (prod)", Email="member@example.com")["CreateAccountStatus"]
    yield _names(cloud, cloud.aws.root_credentials(CUSTOMER), monkeypatch), str(made["AccountId"])


def test_the_accounts_of_an_organisation_bear_their_names(organisation: tuple[AccountNames, str]) -> None:
    names, member = organisation

    assert names.names()[AccountId(member)] == "Payments (prod)"
