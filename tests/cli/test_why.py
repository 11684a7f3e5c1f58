"""What AWS answered to other tools, piped into ``gatepass why``: every text is what the sandbox really said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from gatepass.sandbox.embedded import EmbeddedAws
from tests.cli.handover import done
from tests.cli.person import Person
from tests.conftest import CUSTOMER, ENTER, PROVIDER, Cloud

ROLE_NAME = f"ServiceProvider-{PROVIDER}-support"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE_NAME}"
ACCESS = f"""\
gatepass: customer
version: 1
account: "{CUSTOMER}"
grants:
  support:
    provider: "{PROVIDER}"
    permissions: [AmazonSNSReadOnlyAccess, IAMFullAccess]
    second_factor: none
"""
REGISTER = f"""\
gatepass: provider
version: 1
account: "{PROVIDER}"
teams:
  netops: {{iam_groups: [NetOps]}}
customers:
  acme-prod:
    company: acme
    account: "{CUSTOMER}"
    key: 7KQ2M9XW4T
    roles: {{support: {ROLE}}}
    teams: {{support: [netops]}}
"""


@dataclass
class Story:
    """An engineer with credentials of a session, and a customer who can close the door."""

    cloud: Cloud
    engineer: Person
    customer: Person
    session: dict[str, str] = field(repr=False)

    def said(self, service: str, operation: str, **parameters: str) -> str:
        """Return what a tool with the session's credentials is told."""
        client = self.cloud.client(
            service, (self.session["AccessKeyId"], self.session["SecretAccessKey"]), self.session["SessionToken"]
        )
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(**parameters)
        return str(caught.value)

    def why(self, text: str, options: str = "", code: int = 0) -> str:
        told = self.engineer.types(f"gatepass why {options}", stdin=text)
        assert told.returncode == code, told.stdout
        return told.stdout


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("why")
    with EmbeddedAws() as aws:
        cloud = Cloud(aws)
        customer = cloud.administrator(home / "customer")
        (customer.home / "access.yml").write_text(ACCESS, encoding="utf-8")
        done(customer, "gatepass apply --yes --wait 0s")
        keys = cloud.user(PROVIDER, "alice", f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}')
        engineer = cloud.person(home / "alice", keys)
        (engineer.home / "customers.yml").write_text(REGISTER, encoding="utf-8")
        sts: boto3.client = cloud.client("sts", keys)
        session = sts.assume_role(RoleArn=ROLE, RoleSessionName="alice", SourceIdentity="alice")["Credentials"]
        yield Story(cloud, engineer, customer, session)


@pytest.mark.parametrize(
    "text", ["", "hello\n", "An error occurred (NoSuchBucket) when calling the GetObject operation"]
)
def test_a_text_without_a_refusal_is_told_so(story: Story, text: str) -> None:
    told = story.why(text, code=1)

    assert "that text tells of no refused call" in told
    assert "2>&1 | gatepass why" in told


def test_what_the_grant_lacks_is_told_with_the_lines_that_ask_for_it(story: Story) -> None:
    told = story.why(story.said("sqs", "list_queues")).splitlines()

    assert told[0].startswith("refused:  sqs:ListQueues")
    assert "by:       the grant: it lacks this permission" in told
    assert "  support:" in told[5]
    assert "# or: permissions: [AmazonSQSReadOnlyAccess]" in told[7]
    assert "or offer: gatepass offer acme-prod --grant support-sqs --permissions AmazonSQSReadOnlyAccess" in told[8]


def test_the_lines_for_the_file_are_ones_that_the_customer_can_apply(story: Story, tmp_path: Path) -> None:
    entry = json.loads(story.why(story.said("ec2", "describe_vpcs"), "--json"))["refused"][0]["entry"]
    added = next(line for line in entry.splitlines() if "custom_policy" in line)
    (tmp_path / "access.yml").write_text(f"{ACCESS}{added}\n", encoding="utf-8")

    checked = story.customer.types(f"gatepass check {tmp_path / 'access.yml'} --offline")

    assert checked.returncode in {0, 3}, checked.stdout
    assert "ec2:DescribeVpcs" in added


def test_what_s3_refuses_without_a_reason_is_likely_only(story: Story) -> None:
    facts = json.loads(story.why("(AccessDenied) when calling the ListObjectsV2 operation: Access Denied", "--json"))

    (call,) = facts["refused"]
    assert (call["action"], call["side"], call["known"]) == ("s3:ListBucket", "grant", False)


def test_an_encoded_message_that_may_not_be_read_says_which_right_it_takes(story: Story) -> None:
    text = "(UnauthorizedOperation) when calling the RunInstances operation: Encoded authorization failure message: "

    told = story.why(text + "A" * 200)

    assert "AWS encoded the rest of the message" in told
    assert "AAAA" not in told
    assert "refused:  ec2:RunInstances" in told


def test_a_session_that_was_narrowed_is_told_to_be_it(story: Story) -> None:
    keys = (story.engineer.environment["AWS_ACCESS_KEY_ID"], story.engineer.environment["AWS_SECRET_ACCESS_KEY"])
    nothing = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    narrow = story.cloud.client("sts", keys).assume_role(
        RoleArn=ROLE, RoleSessionName="alice", SourceIdentity="alice", Policy=nothing
    )["Credentials"]
    said = Story(story.cloud, story.engineer, story.customer, narrow).said("sns", "list_topics")

    assert "by:       your own session: it was narrowed when it began" in story.why(said)


def test_a_role_of_ours_stays_as_it_is(story: Story) -> None:
    said = story.said("iam", "delete_role_policy", RoleName=ROLE_NAME, PolicyName="gatepass-switch")

    assert "no session may change the roles that providers enter by" in story.why(said)


def test_a_closed_door_is_told_with_the_request_to_send(story: Story) -> None:
    done(story.customer, "gatepass close support --yes --wait 0s")
    try:
        said = story.said("sns", "list_topics")
    finally:
        done(story.customer, "gatepass open support --yes")

    told = story.why(said)

    assert "by:       the customer's switch, the window's end, or a limit of the grant" in told
    assert 'gatepass request 444455556666/support --for 4h --reason "..."' in told


def test_the_providers_own_account_is_told_apart(story: Story) -> None:
    keys = (story.engineer.environment["AWS_ACCESS_KEY_ID"], story.engineer.environment["AWS_SECRET_ACCESS_KEY"])
    with pytest.raises(ClientError) as caught:
        story.cloud.client("sns", keys).list_topics()

    assert "by:       your own account" in story.why(str(caught.value))


def test_what_moves_the_cursor_is_not_printed(story: Story) -> None:
    text = f'User: arn:aws:sts::{CUSTOMER}:assumed-role/{ROLE_NAME}/alice is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/\x1b]0;x\x07\u202egp1.KEY.CODE"'

    told = story.why(text)

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "gp1." not in told
