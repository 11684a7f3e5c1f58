"""What a customer and its provider do with a workspace, from the platform's own access to the end of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gatepass.domain.command_calls import CALLS
from tests.cli.handover import SECRET, done, refused
from tests.conftest import CUSTOMER, PROVIDER
from tests.platforms.fake.platform import Api
from tests.platforms.scene import RIGHTS, Scene

ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-support"
PASS = f"passes/{CUSTOMER}-support.pass.json"
RECEIPT = f"receipts/{CUSTOMER}-support.receipt.json"
_EXTERNAL_ID = re.compile(r"gp1\.[A-Z0-9]+\.[A-Z0-9]+")
_WAITS_FOR_RECEIPT = 3


def sets_up(scene: Scene) -> None:
    """The platform's own access is applied by hand, the workspace is set up and runs, and the provider admits."""
    done(scene.admin, "gatepass apply own.yml --yes --wait 0s")
    refused(scene.cron, f"{scene.verb} setup --yes", "nobody could ask account")
    assert scene.platform.count("POST") == 0

    with no_more_than_listed(scene):
        said = done(scene.admin, f"{scene.verb} setup --yes")
    assert f"role support: {ROLE}" in said
    assert not _EXTERNAL_ID.search(said)

    done(scene.cron, f"{scene.verb} outputs --pass support -o acme.pass.json")
    scene.carries("acme.pass.json")
    done(scene.lead, "gatepass admit acme.pass.json --name acme-prod --team support=netops --yes")
    assert scene.enters()


def rotates_with_receipt(scene: Scene, *, by_fleet: bool = False) -> None:
    """The nightly job rotates, without AWS credentials; the old external ID goes when the receipt has come."""
    before = kept_by_provider(scene)
    rotate = f"{scene.verb} rotate --passes passes --receipts receipts"
    told = scene.cron.types(rotate)
    assert told.returncode == _WAITS_FOR_RECEIPT, told.stdout
    assert opens(scene, before)
    assert "waiting for the receipt" in scene.cron.types(rotate).stdout

    scene.carries(PASS)
    (scene.lead.home / "receipts").mkdir(exist_ok=True)
    (scene.lead.home / RECEIPT).unlink(missing_ok=True)
    if by_fleet:
        done(scene.lead, "gatepass fleet admit passes --receipts receipts")
    else:
        done(scene.lead, f"gatepass admit {PASS} -o {RECEIPT} --yes")
    scene.carries(RECEIPT, back=True)
    assert "finished: only the new second factor opens" in done(scene.cron, rotate)

    after = kept_by_provider(scene)
    assert before != after
    assert not opens(scene, before)
    assert opens(scene, after)
    assert scene.enters()


def rotates_with_both_sides(scene: Scene) -> None:
    """Whoever has both sides' credentials needs no second visit: the provider's half is played, and the old ID goes."""
    before = kept_by_provider(scene)
    done(scene.admin, f"{scene.verb} rotate --passes passes --provider-profile lead")
    assert not opens(scene, before)
    assert opens(scene, kept_by_provider(scene))


def runs_by_schedule(scene: Scene) -> None:
    """What somebody changed by hand is put right at three in the morning; HCP Terraform has no clock of its own."""
    iam = scene.cloud.client("iam", scene.cloud.aws.root_credentials(CUSTOMER))
    iam.delete_role_policy(RoleName=ROLE.rpartition("/")[2], PolicyName="gatepass-limits")
    at_three = datetime.now(UTC).replace(hour=3, minute=0)
    begun = len(scene.platform.fire_schedules(at_three))
    assert begun == (scene.platform.api is Api.SCALR)
    if not begun:
        done(scene.cron, f"{scene.verb} run --wait")
    scene.platform.wait_for_runs()
    assert "gatepass-limits" in iam.list_role_policies(RoleName=ROLE.rpartition("/")[2])["PolicyNames"]


def rotates_own_access(scene: Scene) -> None:
    """How the platform itself enters changes under it, and its next run goes well."""
    refused(scene.cron, f"{scene.verb} rotate --own-access own.yml", "no AWS credentials of account")
    before = own_external_id(scene)
    with no_more_than_listed(scene):
        done(scene.admin, f"{scene.verb} rotate --own-access own.yml")
    after = own_external_id(scene)
    assert before != after
    assert len(after) == 1


def cannot_change_its_own_role(scene: Scene) -> None:
    """What the platform runs may change the others' roles, and never the one by which it enters."""
    (external_id,) = own_external_id(scene)
    sts: Any = scene.cloud.client("sts", scene.platform_keys)
    role = _own_role(scene)
    arn = f"arn:aws:iam::{CUSTOMER}:role/gatepass/{role}"
    inside = sts.assume_role(RoleArn=arn, RoleSessionName="run", ExternalId=external_id)["Credentials"]
    iam = scene.cloud.client("iam", (inside["AccessKeyId"], inside["SecretAccessKey"]), inside["SessionToken"])
    assert iam.get_role(RoleName=role)
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.delete_role_policy(RoleName=role, PolicyName="gatepass-limits")
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(RIGHTS))


def closes_and_opens(scene: Scene) -> None:
    """Closed by a run nobody enters; opened it takes a new pass."""
    done(scene.cron, f"{scene.verb} close workspace.yml support")
    assert not scene.enters()
    done(scene.cron, f"{scene.verb} open workspace.yml support --passes passes")
    assert not scene.enters()
    scene.carries(PASS)
    done(scene.lead, f"gatepass admit {PASS} --yes")
    assert scene.enters()


def is_removed(scene: Scene) -> None:
    """A last run deletes the roles, and nothing of ours is left on the platform."""
    refused(scene.cron, f"{scene.verb} remove --yes", "roles stand in the state")
    done(scene.cron, f"{scene.verb} remove --destroy --yes")
    assert not scene.enters()
    assert scene.platform.objects.all("workspaces") == []
    iam = scene.cloud.client("iam", scene.cloud.aws.root_credentials(CUSTOMER))
    assert [each["RoleName"] for each in iam.list_roles(PathPrefix="/gatepass/")["Roles"]] == [_own_role(scene)]


def nothing_secret_lies_about(scene: Scene) -> None:
    """No external ID stands in a URL, in a file of the repository, or in the log; no token in any of them."""
    assert scene.platform.urls_with("gp1.") == []
    texts = [path.read_text(encoding="utf-8") for path in (scene.admin.home / "repository").glob("*.*")]
    texts.append(done(scene.cron, "gatepass audit log --json"))
    assert not any(_EXTERNAL_ID.search(text) or scene.platform.token in text for text in texts)


@contextmanager
def no_more_than_listed(scene: Scene) -> Iterator[None]:
    """Let the administrator ask AWS for no more than the list of least rights says."""
    since = len(scene.cloud.aws.events())
    yield
    asked = set()
    for event in scene.cloud.aws.events()[since:]:
        identity: Any = event["userIdentity"]
        if identity.get("type") == "Root" and identity.get("accountId") == CUSTOMER:
            asked.add(f"{str(event['eventSource']).partition('.')[0]}:{event['eventName']}")
    assert asked - {"sts:GetCallerIdentity"} <= set(CALLS[scene.platform.api.value])
    assert "iam:GetAccountAuthorizationDetails" in asked or "iam:UpdateAssumeRolePolicy" in asked


def kept_by_provider(scene: Scene) -> str:
    """Return the external ID that the provider's teams read."""
    ssm = scene.cloud.client("ssm", scene.cloud.aws.root_credentials(PROVIDER))
    text = ssm.get_parameter(Name=SECRET, WithDecryption=True)["Parameter"]["Value"]
    found = _EXTERNAL_ID.findall(text)
    return str(found[0])


def opens(scene: Scene, external_id: str) -> bool:
    """Say whether the role opens with this external ID, as the engineer asks."""
    sts: Any = scene.cloud.client("sts", _engineer_keys(scene))
    try:
        sts.assume_role(RoleArn=ROLE, RoleSessionName="maria", SourceIdentity="maria", ExternalId=external_id)
    except ClientError:
        return False
    return True


def own_external_id(scene: Scene) -> list[str]:
    """Return the external IDs by which the platform itself gets in."""
    iam = scene.cloud.client("iam", scene.cloud.aws.root_credentials(CUSTOMER))
    trust = iam.get_role(RoleName=_own_role(scene))["Role"]["AssumeRolePolicyDocument"]
    return sorted(set(_EXTERNAL_ID.findall(json.dumps(trust))))


def _own_role(scene: Scene) -> str:
    return f"ServiceProvider-{scene.platform_account}-platform"


def _engineer_keys(scene: Scene) -> tuple[str, str]:
    environment = scene.engineer.environment
    return environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
