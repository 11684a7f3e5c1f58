"""People, roles and calls in an embedded AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gatepass.sandbox.embedded import EmbeddedAws

PROVIDER = "111122223333"
CUSTOMER = "444455556666"
STRANGER = "777788889999"
RIGHT_ID = "gp1.7KQ2M9XW4T.right"

Statement = dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """Somebody's credentials."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def allow(*actions: str, resource: str | list[str] = "*", **more: object) -> Statement:
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str | list[str] = "*", **more: object) -> Statement:
    """Return a statement that denies."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


def trust(principal: str = f"arn:aws:iam::{PROVIDER}:root", external_id: str = RIGHT_ID) -> list[Statement]:
    """Return the statements of a trust policy as Gatepass writes them: the tags without the external ID."""
    who = {"AWS": principal}
    entering: Statement = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    if external_id:
        entering["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    marking = {"Effect": "Allow", "Principal": who, "Action": ["sts:TagSession", "sts:SetSourceIdentity"]}
    return [entering, marking]


def document(*statements: Statement) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@lru_cache(maxsize=512)
def client(aws: EmbeddedAws, service: str, keys: Keys, region: str = "us-east-1") -> Any:  # noqa: ANN401 - boto3's
    """Return a boto3 client of the holder of the keys, which tries once and leaves all checking to the sandbox."""
    return boto3.client(
        service,
        endpoint_url=aws.endpoint,
        region_name=region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        aws_session_token=keys.token,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def root(aws: EmbeddedAws, account: str) -> Keys:
    """Return the root keys of an account."""
    return Keys(*aws.root_credentials(account))


def user(aws: EmbeddedAws, account: str, name: str, *statements: Statement) -> Keys:
    """Make a user who may do what the statements say, and return its keys."""
    iam = client(aws, "iam", root(aws, account))
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(key["AccessKeyId"], key["SecretAccessKey"])


def role(
    aws: EmbeddedAws,
    name: str,
    *statements: Statement,
    account: str = CUSTOMER,
    trusts: list[Statement] | None = None,
    **options: Any,  # noqa: ANN401 - boto3's
) -> str:
    """Make a role that may do what the statements say, and return its ARN."""
    iam = client(aws, "iam", root(aws, account))
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*(trusts or trust())), **options)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document(*statements))
    return str(made["Arn"])


def enter(aws: EmbeddedAws, keys: Keys, arn: str, **options: Any) -> Keys:  # noqa: ANN401 - boto3's
    """Assume a role, by default with the right external ID."""
    wanted = {"RoleSessionName": "netops-1", "ExternalId": RIGHT_ID, **options}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = client(aws, "sts", keys).assume_role(RoleArn=arn, **given)["Credentials"]
    return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def identity(aws: EmbeddedAws, keys: Keys) -> str:
    """Return the ARN that sts:GetCallerIdentity shows."""
    return str(client(aws, "sts", keys).get_caller_identity()["Arn"])


def refused(call: Callable[..., object], *arguments: object, **options: object) -> tuple[str, str]:
    """Make a call that must be refused, and return the error's code and message."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **options)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def aws_command(aws: EmbeddedAws, keys: Keys | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real ``aws`` command."""
    beside = Path(sys.executable).with_name("aws")
    program = str(beside) if beside.exists() else shutil.which("aws")
    assert program is not None, "the aws command comes with the dev extra: make test installs it"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    if keys is not None:
        environment |= {"AWS_ACCESS_KEY_ID": keys.access_key_id, "AWS_SECRET_ACCESS_KEY": keys.secret_access_key}
        if keys.token is not None:
            environment["AWS_SESSION_TOKEN"] = keys.token
    return subprocess.run([program, *arguments], check=False, capture_output=True, text=True, env=environment)
