"""Accounts, people and buckets in a running sandbox, for stories and tests."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

# The accounts of every example.
PROVIDER = "111122223333"
CUSTOMER = "444455556666"
STRANGER = "777788889999"

ENTER = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key of somebody in the sandbox."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running sandbox, and the right to hand out its accounts' root keys."""

    endpoint: str
    token_file: Path

    def root(self, account: str) -> Keys:
        """Return the root keys of the account, which exists from then on."""
        request = urllib.request.Request(  # noqa: S310 - the endpoint is the sandbox's own, on 127.0.0.1
            f"{self.endpoint}/_sandbox/accounts/{account}",
            method="POST",
            headers={"X-Sandbox-Token": self.token_file.read_text(encoding="utf-8").strip()},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            found = json.load(answer)
        return Keys(found["AccessKeyId"], found["SecretAccessKey"])

    def client(self, keys: Keys, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """Return a boto3 client of the holder of the keys."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
        )

    def add_user(
        self,
        account: str,
        name: str,
        actions: tuple[str, ...],
        resource: str,
        denied: Mapping[str, object] | None = None,
    ) -> Keys:
        """Make an IAM user who may do the actions on the resource, and return an access key of his.

        Args:
            account: whose user it is.
            name: the user.
            actions: what is allowed.
            resource: on what.
            denied: a further statement, which denies.
        """
        iam = self.client(self.root(account), "iam")
        iam.create_user(UserName=name)
        statements = [{"Effect": "Allow", "Action": list(actions), "Resource": resource}, *([denied] if denied else [])]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Keys(key["AccessKeyId"], key["SecretAccessKey"])

    def add_to_group(self, account: str, group: str, user: str) -> None:
        """Make an IAM group with one user in it."""
        iam = self.client(self.root(account), "iam")
        iam.create_group(GroupName=group)
        iam.add_user_to_group(GroupName=group, UserName=user)

    def add_buckets(self, account: str, *names: str) -> None:
        """Make S3 buckets in the account."""
        s3 = self.client(self.root(account), "s3")
        for name in names:
            s3.create_bucket(Bucket=name)
