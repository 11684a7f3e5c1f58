"""The provider's people enter with exactly the rights that ``gatepass doctor --policy`` prints, and with none less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gatepass.domain.command_calls import CALLS
from gatepass.domain.needed_rights import Person, commands_of, needed_rights
from tests.cli.rights_story import Policy, Step, Telling, Told, holder, stage, tell, typed, unlisted, without
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-111122223333-support"
OPEN = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3ReadOnlyAccess]
    second_factor: none
"""
ENTERING = (
    Step("whoami"),
    Step(f"sudo {ROLE}", ("sts:AssumeRole", "sts:SetSourceIdentity")),
    Step("list s3bucket"),
    Step("whoami"),
    Step("leave"),
)


@dataclass(frozen=True)
class Gate:
    """A customer's open role, and the policies as they are printed."""

    cloud: Cloud
    home: Path

    def printed(self, options: str) -> Policy:
        told = typed(f"doctor {options}", self.cloud.aws.root_credentials(PROVIDER))
        assert told.code == 0, told.text
        policy: Policy = json.JSONDecoder().raw_decode(told.text)[0]
        return policy


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    home = tmp_path_factory.mktemp("gate")
    with stage(home) as cloud:
        (home / "access.yml").write_text(OPEN, encoding="utf-8")
        assert typed("apply --yes --wait 0s", cloud.aws.root_credentials(CUSTOMER)).code == 0
        yield Gate(cloud, home)


def enter(gate: Gate, keys: tuple[str, str], role: str = ROLE, token: str | None = None, **request: str) -> Any:  # noqa: ANN401 - boto3's
    return gate.cloud.client("sts", keys, token).assume_role(RoleArn=role, RoleSessionName="session", **request)


def test_a_stranger_to_the_policy_may_enter_nothing(gate: Gate) -> None:
    nobody = gate.cloud.user(PROVIDER, "nobody-1", '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}')

    assert typed(f"sudo {ROLE}", nobody).code == 1


@pytest.fixture(scope="module")
def entering(gate: Gate) -> Told:
    return tell_provider(gate, gate.printed("--policy engineer"), ENTERING, "engineer")


def tell_provider(gate: Gate, policy: Policy, steps: tuple[Step, ...], prefix: str) -> Told:
    return tell(gate.cloud, policy, steps, gate.home, account=PROVIDER, prefix=prefix)


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:SetSourceIdentity"])
def test_without_one_right_the_engineer_is_stopped_and_told_which_is_missing(entering: Told, action: str) -> None:
    came = entering.lacking[action]

    assert came.code == 1
    assert f"not authorized to perform: {action} " in came.text


def test_nothing_is_refused_to_the_engineer(entering: Told) -> None:
    assert [came.text for _, came in entering.whole if came.code != 0] == []
    # What a session may list is the customer's to say.
    assert unlisted(entering) == {"list": {"s3:ListBuckets"}}


def test_an_engineer_cannot_take_another_name(gate: Gate) -> None:
    netops = holder(gate.cloud, "netops-2", gate.printed("--policy engineer"), PROVIDER)

    for name in ({"SourceIdentity": "somebody-else"}, {}):
        with pytest.raises(ClientError, match="AccessDenied"):
            enter(gate, netops, **name)
    assert enter(gate, netops, SourceIdentity="netops-2")


def test_the_verifier_enters_under_no_name_but_its_own(gate: Gate) -> None:
    policy = gate.printed("--policy verifier")
    verifier = holder(gate.cloud, "gatepass-verifier", policy, PROVIDER)
    own = {"SourceIdentity": "gatepass-verifier"}

    for name in ({"SourceIdentity": "maria"}, {}):
        with pytest.raises(ClientError, match="AccessDenied"):
            enter(gate, verifier, **name)
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity"):
        lacking = holder(gate.cloud, action.replace(":", "-verifier-"), without(policy, action), PROVIDER)
        with pytest.raises(ClientError, match=f"not authorized to perform: {action}"):
            enter(gate, lacking, **own)
    assert enter(gate, verifier, **own)


def test_an_engineer_enters_no_role_of_another_path_nor_of_the_own_account(gate: Gate) -> None:
    netops = holder(gate.cloud, "netops-3", gate.printed("--policy engineer"), PROVIDER)
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
                    "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                }
            ],
        }
    )
    for account, path in ((CUSTOMER, "/other/"), (PROVIDER, "/gatepass/")):
        iam = gate.cloud.client("iam", gate.cloud.aws.root_credentials(account))
        made = iam.create_role(RoleName="tempting", Path=path, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

        with pytest.raises(ClientError, match="AccessDenied"):
            enter(gate, netops, made, SourceIdentity="netops-3")


def test_an_engineer_of_named_customers_enters_those_only(gate: Gate) -> None:
    here = holder(gate.cloud, "netops-4", gate.printed(f"--policy engineer --account {CUSTOMER}"), PROVIDER)
    elsewhere = holder(gate.cloud, "netops-5", gate.printed("--policy engineer --account 777788889999"), PROVIDER)

    with pytest.raises(ClientError, match="AccessDenied"):
        enter(gate, elsewhere, SourceIdentity="netops-5")
    assert enter(gate, here, SourceIdentity="netops-4")


def session_of_identity_center(gate: Gate, policy: Policy, name: str) -> tuple[tuple[str, str], str]:
    """Return a session as Identity Center begins one: of a role, with the person's name as a tag that is passed on."""
    root = gate.cloud.client("iam", gate.cloud.aws.root_credentials(PROVIDER))
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
    made = root.create_role(RoleName=f"Set-{name}", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    root.put_role_policy(RoleName=f"Set-{name}", PolicyName="enter", PolicyDocument=json.dumps(policy))
    centre = gate.cloud.user(
        PROVIDER,
        f"centre-{name}",
        '{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": "*"}',
    )
    found = gate.cloud.client("sts", centre).assume_role(
        RoleArn=made, RoleSessionName=name, Tags=[{"Key": "engineer", "Value": name}], TransitiveTagKeys=["engineer"]
    )["Credentials"]
    return (found["AccessKeyId"], found["SecretAccessKey"]), found["SessionToken"]


def test_an_engineer_of_identity_center_needs_every_right_that_is_printed_too(gate: Gate) -> None:
    policy = gate.printed("--policy engineer --principal-tag engineer")
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"):
        keys, token = session_of_identity_center(gate, without(policy, action), action.replace(":", "-"))
        refused = typed(f"sudo {ROLE}", keys, token)
        assert refused.code == 1
        assert f"not authorized to perform: {action} " in refused.text
    keys, token = session_of_identity_center(gate, policy, "maria")

    entered: Telling = typed(f"sudo {ROLE}", keys, token)

    assert entered.code == 0, entered.text
    assert "as maria until" in entered.text


def test_the_providers_own_commands_need_exactly_what_is_printed(gate: Gate) -> None:
    steps = (
        Step("lint --account", ("iam:GetAccountAuthorizationDetails",)),
        Step(f"sudo {ROLE}", ("sts:AssumeRole", "sts:SetSourceIdentity")),
        Step("leave"),
    )

    told = tell_provider(gate, gate.printed("--policy provider"), steps, "provider")

    for action, came in told.lacking.items():
        assert came.code == 1
        assert f"not authorized to perform: {action} " in came.text
    assert [came.text for _, came in told.whole if came.code != 0] == []
    printed = {right.action for right in needed_rights(Person.PROVIDER)}
    assert printed == {action for command in commands_of(Person.PROVIDER) for action in CALLS[command]}
    # What is done with a provider's file has a story of its own.
    assert printed - set(told.lacking) - set(CALLS["apply customers.yml"]) == {"sts:TagSession"}
