"""The data sources, read through boto3 as the real provider does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress

from tests.terraform.standin.kinds import IAM
from tests.terraform.standin.values import Attributes

# Where AWS keeps its own policies.
_AWS_PATHS = ("/", "/job-function/", "/service-role/", "/aws-service-role/")


class NotFound(Exception):
    """What was asked for is not there, or not once."""


def _caller_identity(iam: IAM, sts: IAM, asked: Attributes) -> Attributes:
    del iam
    who = sts.get_caller_identity()
    told = {"id": who["Account"], "account_id": who["Account"], "arn": who["Arn"], "user_id": who["UserId"]}
    return asked | told


def _partition(iam: IAM, sts: IAM, asked: Attributes) -> Attributes:
    del iam, sts
    told = {"id": "aws", "partition": "aws", "dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws"}
    return asked | told


def _policy(iam: IAM, sts: IAM, asked: Attributes) -> Attributes:
    del sts
    found = _named(iam, asked["name"], asked["path_prefix"] or "/")
    if len(found) != 1:
        raise NotFound(f"reading IAM Policy ({asked['name']}): {'too many results' if found else 'empty result'}")
    one = found[0]
    told = {"id": one["Arn"], "arn": one["Arn"], "path": one["Path"], "policy_id": one["PolicyId"]}
    return asked | told | {"description": "", "attachment_count": one["AttachmentCount"], "tags": {}, "policy": ""}


def _named(iam: IAM, name: str, prefix: str) -> list[Attributes]:
    """Return the policies of that name.

    The real provider lists all of them; the sandbox takes a second and a half for that.
    """
    found = [
        policy
        for page in iam.get_paginator("list_policies").paginate(Scope="Local", PathPrefix=prefix)
        for policy in page["Policies"]
        if policy["PolicyName"] == name
    ]
    for path in _AWS_PATHS:
        if path.startswith(prefix):
            with suppress(iam.exceptions.NoSuchEntityException):
                found.append(iam.get_policy(PolicyArn=f"arn:aws:iam::aws:policy{path}{name}")["Policy"])
    return found


def _roles(iam: IAM, sts: IAM, asked: Attributes) -> Attributes:
    del sts
    pages = iam.get_paginator("list_roles").paginate(PathPrefix=asked["path_prefix"] or "/")
    pattern = re.compile(asked["name_regex"] or "")
    found = [role for page in pages for role in page["Roles"] if pattern.search(role["RoleName"])]
    names, arns = [role["RoleName"] for role in found], [role["Arn"] for role in found]
    return asked | {"id": "roles", "names": names, "arns": arns}


def _role(iam: IAM, sts: IAM, asked: Attributes) -> Attributes:
    del sts
    try:
        role = iam.get_role(RoleName=asked["name"])["Role"]
    except iam.exceptions.NoSuchEntityException:
        raise NotFound(f"reading IAM Role ({asked['name']}): couldn't find resource") from None
    return asked | {
        "id": role["RoleName"],
        "arn": role["Arn"],
        "assume_role_policy": json.dumps(role["AssumeRolePolicyDocument"]),
        "create_date": role["CreateDate"].isoformat(),
        "description": role.get("Description", ""),
        "max_session_duration": role["MaxSessionDuration"],
        "path": role["Path"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
        "unique_id": role["RoleId"],
    }


DATA_SOURCES: dict[str, Callable[[IAM, IAM, Attributes], Attributes]] = {
    "aws_caller_identity": _caller_identity,
    "aws_partition": _partition,
    "aws_iam_policy": _policy,
    "aws_iam_role": _role,
    "aws_iam_roles": _roles,
}
