"""An embedded AWS for the tests of a module, with the people of every story in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from hypothesis import settings

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.person import Person

# Each session of boto3 would read the models of services anew, a second for some.
botocore.session.create_loader = cache(botocore.session.create_loader)

# A slow machine is no failure: no test is timed.
settings.register_profile("gatepass", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("gatepass")


def pytest_configure(config: pytest.Config) -> None:
    """Try more examples where minutes may be spent."""
    if "or not thorough" in config.option.markexpr:
        settings.load_profile("thorough")


CUSTOMER = "444455556666"
PROVIDER = "111122223333"
ENTER = '["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]'


@dataclass(frozen=True)
class Cloud:
    """The embedded AWS, with the ways tests need into it."""

    aws: EmbeddedAws

    def client(self, service: str, keys: tuple[str, str], token: str | None = None) -> Any:  # noqa: ANN401 - boto3's
        """Return a boto3 client of the holder of the keys."""
        return boto3.client(
            service, endpoint_url=self.aws.endpoint, region_name="us-east-1",
            aws_access_key_id=keys[0], aws_secret_access_key=keys[1], aws_session_token=token,
        )  # fmt: skip

    def user(self, account: str, name: str, statement: str) -> tuple[str, str]:
        """Make an IAM user with one policy statement, given as JSON without its Effect, and return a key."""
        iam = self.client("iam", self.aws.root_credentials(account))
        iam.create_user(UserName=name)
        document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
        iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def person(self, home: Path, keys: tuple[str, str]) -> Person:
        """Return somebody at a terminal whose environment holds the keys."""
        home.mkdir(parents=True, exist_ok=True)
        return Person(
            home,
            {
                "AWS_ENDPOINT_URL": self.aws.endpoint,
                "AWS_ACCESS_KEY_ID": keys[0],
                "AWS_SECRET_ACCESS_KEY": keys[1],
            },
        )

    def administrator(self, home: Path) -> Person:
        """Return the customer's administrator."""
        return self.person(home, self.aws.root_credentials(CUSTOMER))


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Return an AWS with nothing in it."""
    with EmbeddedAws() as aws:
        yield Cloud(aws)
