"""Under the rights for exactly one file its administrator can do all of it, and nothing beyond it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gatepass.domain.store_calls import STORES
from tests.cli.rights_scenes import (
    APPLIED,
    BOUNDARY,
    EMERGENCY,
    FIRST,
    SECOND,
    SWITCHED,
    TOPIC,
    boundary,
    demand_refusal,
    demand_whole,
    hand_made,
    printed,
)
from tests.cli.rights_story import Policy, Step, Told, actions_of, holder, stage, tell, typed, unlisted
from tests.conftest import CUSTOMER, PROVIDER, Cloud

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

BOUNDED = f"""\
{SECOND}\
  audit:
    provider: "111122223333"
    permissions: [SecurityAudit, AmazonS3ReadOnlyAccess]
    boundary: {BOUNDARY}
notify: {{sns: "{TOPIC}"}}
"""


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cloud, Policy, Told]]:
    """The administrator whose every grant has a boundary, under the rights for exactly that file."""
    home = tmp_path_factory.mktemp("bounded")
    with stage(home) as cloud:
        boundary(cloud)
        cloud.client("sns", cloud.aws.root_credentials(CUSTOMER)).create_topic(Name="doors")
        (home / "access.yml").write_text(BOUNDED, encoding="utf-8")
        policy = printed("--policy customer --file access.yml", cloud)
        steps = (
            Step("plan", expected=3),
            Step("apply --yes --wait 0s", ("iam:AttachRolePolicy",)),
            Step("notify --test", ("sns:Publish",)),
            *SWITCHED,
            Step("open support --for 4h"),
            Step("withdraw support --yes"),
        )
        yield cloud, policy, tell(cloud, policy, steps, home)


def test_nothing_is_refused_under_the_rights_for_one_file(bounded: tuple[Cloud, Policy, Told]) -> None:
    _, policy, told = bounded

    demand_whole(told)
    for action, came in told.lacking.items():
        demand_refusal(came, action)
    assert "iam:DeleteRolePermissionsBoundary" not in actions_of(policy)


def test_an_adopted_role_is_within_the_rights_for_its_file_only(tmp_path: Path) -> None:
    """It stands under another path, which the file does not tell."""
    with stage(tmp_path) as cloud:
        hand_made(cloud)
        root = cloud.aws.root_credentials(CUSTOMER)
        (tmp_path / "access.yml").write_text(FIRST, encoding="utf-8")
        assert typed("adopt HandMade", root).code == 0
        without_file = holder(cloud, "without-file", printed("--policy customer", cloud))
        refused = typed("apply --yes --wait 0s", without_file)
        policy = printed("--policy customer --file access.yml", cloud)
        steps = (
            Step("apply --yes --wait 0s"),
            Step("plan"),
            Step("close HandMade --wait 0s"),
            Step("open HandMade"),
        )

        told = tell(cloud, policy, steps, tmp_path)

        demand_whole(told)
        assert refused.code == 1
        assert "role/old/HandMade because no identity-based policy allows" in refused.text
        escaping = cloud.client("iam", holder(cloud, "escaping", policy))
        cloud.client("iam", root).create_role(RoleName="NotHandMade", AssumeRolePolicyDocument=TRUST)
        with pytest.raises(ClientError, match="AccessDenied"):
            escaping.update_assume_role_policy(RoleName="NotHandMade", PolicyDocument=TRUST)


TOLD_AND_KEPT = f"""\
{FIRST}\
notify: {{sns: "{TOPIC}"}}
second_factor_store: secrets-manager
"""


def test_the_emergency_person_tells_and_keeps_as_the_file_says(tmp_path: Path) -> None:
    with stage(tmp_path) as cloud:
        root = cloud.aws.root_credentials(CUSTOMER)
        cloud.client("sns", root).create_topic(Name="doors")
        (tmp_path / "access.yml").write_text(TOLD_AND_KEPT, encoding="utf-8")
        assert typed(APPLIED.command, root).code == 0
        steps = tuple(replace(step, proves=(), before=None) for step in EMERGENCY)

        bare = tell(cloud, printed("--policy customer --switch-only", cloud), steps, tmp_path, prefix="bare")
        # The same story again: the pass that it writes is never overwritten.
        (tmp_path / "handed.json").unlink()
        told = tell(cloud, printed("--policy customer --switch-only --file access.yml", cloud), steps, tmp_path)

    assert any("not authorized to perform: sns:Publish" in came.text for _, came in bare.whole)
    assert any("secretsmanager:" in came.text for _, came in bare.whole)
    demand_whole(told)
    assert all("not authorized" not in came.text for _, came in told.whole)
    assert "sns:Publish" in told.made["close"]
    assert {verb: made - set(STORES["secrets-manager"]) for verb, made in unlisted(told).items()} == {
        verb: set() for verb in unlisted(told)
    }


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}],
    }
)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
AUDIT = f"ServiceProvider-{PROVIDER}-audit"
OURS = {"Path": "/gatepass/", "AssumeRolePolicyDocument": TRUST}
# What the administrator of a file whose every grant is bounded must not be able to do.
ESCAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "a role of ours without the boundary": ("create_role", {"RoleName": "x", **OURS}),
    "a role of ours with another boundary": ("create_role", {"RoleName": "x", "PermissionsBoundary": ADMIN, **OURS}),
    "a role elsewhere": (
        "create_role",
        {"RoleName": "x", "PermissionsBoundary": BOUNDARY, "AssumeRolePolicyDocument": TRUST},
    ),
    "a policy that the file does not name": ("attach_role_policy", {"RoleName": AUDIT, "PolicyArn": ADMIN}),
    "another boundary": ("put_role_permissions_boundary", {"RoleName": AUDIT, "PermissionsBoundary": ADMIN}),
    "no boundary": ("delete_role_permissions_boundary", {"RoleName": AUDIT}),
    "permissions on a role of ours that has no boundary": (
        "put_role_policy",
        {"RoleName": "bare", "PolicyName": "x", "PolicyDocument": TRUST},
    ),
    "a named policy on a role of ours that has no boundary": (
        "attach_role_policy",
        {"RoleName": "bare", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"},
    ),
    "a wider boundary policy": ("create_policy_version", {"PolicyArn": BOUNDARY, "PolicyDocument": TRUST}),
    "the trust of somebody else's role": (
        "update_assume_role_policy",
        {"RoleName": "foreign", "PolicyDocument": TRUST},
    ),
    "the tags of somebody else's role": ("tag_role", {"RoleName": "foreign", "Tags": [{"Key": "a", "Value": "b"}]}),
    "somebody else's role gone": ("delete_role", {"RoleName": "foreign"}),
    "a key of a user": ("create_access_key", {"UserName": "whole"}),
}


@pytest.fixture(scope="module")
def bounded_iam(bounded: tuple[Cloud, Policy, Told]) -> Any:  # noqa: ANN401 - boto3's
    """Return IAM as that administrator sees it, with a role of ours that has no boundary and one of somebody else."""
    cloud, policy, _ = bounded
    root = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    for name in ("bare", "spare"):
        root.create_role(RoleName=name, **OURS)
    root.create_role(RoleName="foreign", AssumeRolePolicyDocument=TRUST)
    return cloud.client("iam", holder(cloud, "escaping", policy))


@pytest.mark.parametrize("escape", ESCAPES)
def test_under_the_rights_for_one_file_nobody_gets(bounded_iam: Any, escape: str) -> None:  # noqa: ANN401 - boto3's
    operation, request = ESCAPES[escape]

    with pytest.raises(ClientError) as caught:
        getattr(bounded_iam, operation)(**request)

    assert caught.value.response["Error"]["Code"] == "AccessDenied"


def test_the_same_calls_within_the_limits_are_allowed(bounded_iam: Any) -> None:  # noqa: ANN401 - boto3's
    """So that what the refusals above show is the limits; the roles are others, for tests run in any order."""
    bounded_iam.create_role(RoleName="y", PermissionsBoundary=BOUNDARY, **OURS)
    bounded_iam.attach_role_policy(RoleName="y", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    bounded_iam.put_role_permissions_boundary(RoleName="spare", PermissionsBoundary=BOUNDARY)
    bounded_iam.put_role_policy(RoleName="spare", PolicyName="x", PolicyDocument=SOME_POLICY)
    bounded_iam.update_assume_role_policy(RoleName="spare", PolicyDocument=TRUST)


SOME_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
