"""The customer's three commands, run for real: what they make opens and closes as what gatepass apply makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from gatepass.sandbox.embedded import EmbeddedAws
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud
from tests.terraform.runs import Terraform, copied

_OVERLAP_ENDS = "2099-01-01T00:00:00Z"
_FIRST, _SECOND, _THIRD = "gp1.7KQ2M9XW4T.first", "gp1.7KQ2M9XW4T.second", "gp1.7KQ2M9XW4T.third"
_ROLE = "ServiceProvider-111122223333-support"
_NO_CHANGES, _CHANGES = 0, 2


@dataclass
class _Scene:
    """A customer with Terraform, and a provider's engineer.

    Attributes:
        iam: the customer's administrator.
        arns: the role of each grant.
    """

    cloud: Cloud
    terraform: Terraform
    home: Path
    iam: Any
    sts: Any
    arns: dict[str, str]

    def enters(self, grant: str, external_id: str | None) -> Any:  # noqa: ANN401 - boto3's
        """Return the session of the engineer, None when AWS refuses."""
        given = {"ExternalId": external_id} if external_id else {}
        asked = {"RoleArn": self.arns[grant], "RoleSessionName": "ann", "SourceIdentity": "ann", **given}
        try:
            keys = self.sts.assume_role(**asked)["Credentials"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return None
        return self.cloud.client("s3", (keys["AccessKeyId"], keys["SecretAccessKey"]), keys["SessionToken"])

    def applies(self, **external_ids: list[str]) -> str:
        """Apply with these external IDs, of which a second one opens for long, and return what Terraform says."""
        ends = {name: _OVERLAP_ENDS for name, given in external_ids.items() if len(given) > 1}
        given = {"audit": [], **external_ids}
        return self.terraform.says("apply -auto-approve", external_ids=given, overlap_ends=ends)

    def inline(self) -> list[str]:
        """Return the names of the role's inline policies."""
        names: list[str] = self.iam.list_role_policies(RoleName=_ROLE)["PolicyNames"]
        return sorted(names)

    def acts(self, session: Any) -> bool:  # noqa: ANN401 - boto3's
        """Say whether a session can make a call."""
        try:
            session.list_buckets()
        except ClientError:
            return False
        return True


@contextmanager
def _customer(configuration: Path, home: Path) -> Iterator[_Scene]:
    """Return the example, applied by exactly the three commands."""
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        keys = aws.root_credentials(CUSTOMER)
        place = {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        terraform = Terraform(copied("customer", home / "hcl"), configuration, place)
        ids = {"support": [_FIRST], "audit": []}
        terraform.says("init")
        terraform.says("plan -out=customer.plan", external_ids=ids)
        terraform.says("apply customer.plan")
        arns = json.loads(terraform.says("output -json role_arns"))
        engineer = cloud.user(PROVIDER, "ann", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
        yield _Scene(cloud, terraform, home, cloud.client("iam", keys), cloud.client("sts", engineer), arns)


def test_the_example_opens_rotates_closes_and_goes_as_terraform_is_told(configuration: Path, tmp_path: Path) -> None:
    """One life of one role: each step begins where the last one ended, so they are one test."""
    with _customer(configuration, tmp_path) as scene:
        _the_modules_are_formatted_and_valid(scene)
        _the_role_opens_with_its_external_id_and_not_without(scene)
        _a_grant_with_an_empty_list_is_closed(scene)
        _a_second_plan_has_nothing_to_do(scene)
        _a_rotation_overlaps_and_what_others_changed_is_put_right(scene)
        _a_door_closed_in_an_emergency_stays_closed_through_an_apply_that_names_it(scene)
        _emptying_the_variable_takes_the_closed_door_over_and_a_new_id_opens_it(scene)
        _destroying_takes_the_roles_away_even_while_one_is_closed_from_outside(scene)


def _the_modules_are_formatted_and_valid(scene: _Scene) -> None:
    scene.terraform.says("validate")
    scene.terraform.says("fmt -check -recursive ../..")


def _the_role_opens_with_its_external_id_and_not_without(scene: _Scene) -> None:
    assert scene.enters("support", None) is None
    assert scene.enters("support", _SECOND) is None
    assert scene.enters("support", _FIRST.swapcase()) is None

    assert scene.acts(scene.enters("support", _FIRST))


def _a_grant_with_an_empty_list_is_closed(scene: _Scene) -> None:
    assert scene.enters("audit", None) is None
    assert scene.enters("audit", _FIRST) is None


def _a_second_plan_has_nothing_to_do(scene: _Scene) -> None:
    done = scene.terraform.types("plan -detailed-exitcode", external_ids={"support": [_FIRST], "audit": []})

    assert done.returncode == _NO_CHANGES, done.stdout


def _a_rotation_overlaps_and_what_others_changed_is_put_right(scene: _Scene) -> None:
    scene.iam.update_role(RoleName=_ROLE, MaxSessionDuration=43200)
    scene.iam.detach_role_policy(RoleName=_ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    scene.iam.delete_role_policy(RoleName=_ROLE, PolicyName="gatepass-limits")
    anybody = {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}
    opened = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    scene.iam.update_assume_role_policy(RoleName=_ROLE, PolicyDocument=opened)
    scene.iam.tag_role(RoleName=_ROLE, Tags=[{"Key": "owner", "Value": "nobody"}])

    said = scene.applies(support=[_SECOND, _FIRST])

    assert "1 added" not in said.split("Apply complete!")[0]
    assert scene.iam.get_role(RoleName=_ROLE)["Role"]["MaxSessionDuration"] == 7200
    assert scene.inline() == ["gatepass-limits"]
    assert {"Key": "owner", "Value": "security"} in scene.iam.list_role_tags(RoleName=_ROLE)["Tags"]
    assert scene.enters("support", _THIRD) is None
    assert scene.acts(scene.enters("support", _FIRST))
    assert scene.acts(scene.enters("support", _SECOND))
    for text in (_FIRST, _SECOND):
        assert text not in said


def _a_door_closed_in_an_emergency_stays_closed_through_an_apply_that_names_it(scene: _Scene) -> None:
    session = scene.enters("support", _SECOND)
    closed = scene.cloud.administrator(scene.home).types("gatepass close support --wait 0s")
    assert closed.returncode == 0, closed.stdout
    assert 'empty external_ids["support"] in Terraform' in closed.stdout
    assert scene.enters("support", _SECOND) is None

    said = scene.applies(support=[_SECOND])

    # The trust is Terraform's and opens again; nobody can do anything inside.
    assert "Closed in AWS, while external_ids still opens: support" in " ".join(said.split())
    assert "gatepass-switch" in scene.inline()
    assert not scene.acts(session)
    entered = scene.enters("support", _SECOND)
    assert entered is None or not scene.acts(entered)


def _emptying_the_variable_takes_the_closed_door_over_and_a_new_id_opens_it(scene: _Scene) -> None:
    said = scene.applies(support=[])
    assert "Closed in AWS" not in said
    assert scene.enters("support", _SECOND) is None
    assert "gatepass-switch" in scene.inline()

    scene.applies(support=[_THIRD])

    assert scene.inline() == ["gatepass-limits"]
    assert scene.enters("support", _SECOND) is None
    assert scene.acts(scene.enters("support", _THIRD))


def _destroying_takes_the_roles_away_even_while_one_is_closed_from_outside(scene: _Scene) -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    scene.iam.put_role_policy(RoleName=_ROLE, PolicyName="gatepass-switch", PolicyDocument=document)

    scene.terraform.says("destroy -auto-approve", external_ids={"support": [_THIRD], "audit": []})

    assert scene.iam.list_roles(PathPrefix="/gatepass/")["Roles"] == []
    assert scene.enters("support", _THIRD) is None
