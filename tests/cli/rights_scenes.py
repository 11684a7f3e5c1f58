"""The files and the commands of the stories about least rights, and what is demanded of them."""

from __future__ import annotations

import json

from gatepass.adapters.locksmith import AgeLocksmith
from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.system import SystemClock, SystemRandomness
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.register import CustomerName
from gatepass.usecases.provider_keys import KeyRing, init_keys
from gatepass.usecases.write_offer import OfferWish, write_offer
from tests.cli.rights_story import Policy, Step, Telling, Told, typed
from tests.conftest import CUSTOMER, PROVIDER, Cloud

ROLE_NAME = "ServiceProvider-111122223333-support"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/gatepass/{ROLE_NAME}"
BOUNDARY = f"arn:aws:iam::{CUSTOMER}:policy/PartnerBoundary"
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
TOPIC = f"arn:aws:sns:us-east-1:{CUSTOMER}:doors"

FIRST = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [SecurityAudit]
    custom_policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}]}
    window: {until: 2099-01-01T00:00:00Z}
tags: {owner: security}
"""
SECOND = """\
gatepass: customer
version: 1
account: "444455556666"
grants:
  support:
    provider: "111122223333"
    permissions: [AmazonS3ReadOnlyAccess]
    session: 2h
    boundary: arn:aws:iam::444455556666:policy/PartnerBoundary
"""
THIRD = SECOND.replace(f"    boundary: {BOUNDARY}\n", "")
HAND_MADE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "chosen-by-hand"}},
        }
    ],
}


def boundary(cloud: Cloud) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    iam.create_policy(PolicyName="PartnerBoundary", PolicyDocument=json.dumps(document))


def hand_made(cloud: Cloud) -> None:
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    iam.create_role(RoleName="HandMade", Path="/old/", AssumeRolePolicyDocument=json.dumps(HAND_MADE))
    iam.attach_role_policy(RoleName="HandMade", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")


def offered() -> str:
    """Return an offer as a provider sends it."""
    ring = KeyRing(AccountId(PROVIDER), MemorySecrets(), AgeLocksmith())
    keys = init_keys(ring, "Example Consulting")
    wish = OfferWish(CustomerName("acme"), GrantName("audit"), ("SecurityAudit",), "The yearly audit")
    signer = ring.locksmith.signing_key(keys.secret)
    return write_offer(wish, keys, signer, SystemClock(), SystemRandomness(), ())[1].text


def forget_customer_key(cloud: Cloud) -> None:
    """As a role has it that was made without a second factor."""
    iam = cloud.client("iam", cloud.aws.root_credentials(CUSTOMER))
    iam.untag_role(RoleName=ROLE_NAME, TagKeys=["gatepass:customer-key"])


APPLIED = Step("apply --yes --wait 0s", files={"access.yml": FIRST})
SWITCHED = (
    Step("revoke support", ("iam:GetRole", "iam:GetRolePolicy")),
    Step("rotate support"),
    Step("rotate support --status", ("cloudtrail:LookupEvents",)),
    Step("rotate support --finish"),
    Step("close support --wait 0s", ("iam:UpdateAssumeRolePolicy",)),
)
# Only the emergency person is shown with these; the administrator needs them for other commands already.
EMERGENCY = (
    Step("pass support", ("iam:GetAccountAuthorizationDetails",)),
    Step(f"pass support -o handed.json --seal-to {RECIPIENT}", ("iam:ListRoles",)),
    *SWITCHED,
    Step("open support --for 4h", ("iam:TagRole", "iam:PutRolePolicy"), before=forget_customer_key),
    Step("close support --wait 0s"),
    Step("open support", ("iam:DeleteRolePolicy",)),
)
ADMINISTRATION = (
    Step("init customer other.yml --provider 111122223333"),
    Step("check", ("iam:ListPolicies",), files={"access.yml": FIRST}),
    Step("plan", ("iam:ListRoles", "iam:GetAccountAuthorizationDetails"), expected=3),
    Step("apply --yes --wait 0s", ("iam:CreateRole", "iam:TagRole", "iam:PutRolePolicy", "iam:AttachRolePolicy")),
    Step("plan"),
    Step("pass support --reveal"),
    Step("lint --account"),
    Step(f"can arn:aws:iam::{CUSTOMER}:user/reader s3:ListAllMyBuckets --customer-profile reader", expected=3),
    Step("doctor"),
    Step("doors"),
    Step("adopt HandMade --file other.yml", before=hand_made),
    Step("review offered.json", files={"offered.json": offered()}),
    Step("accept offered.json --yes --trust-key --file offered.yml"),
    Step(
        "apply --yes --wait 0s",
        (
            "iam:PutRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
            "iam:UpdateRole", "iam:UntagRole",
        ),
        files={"access.yml": SECOND},
        before=boundary,
    ),
    Step("apply --yes --wait 0s", ("iam:DeleteRolePermissionsBoundary",), files={"access.yml": THIRD}),
    *SWITCHED,
    Step("open support --for 4h"),
    Step("close support --wait 0s"),
    Step("withdraw support --yes", ("iam:DeleteRole",)),
)  # fmt: skip


def printed(command: str, cloud: Cloud) -> Policy:
    """Return the policy as the command prints it to somebody with every right."""
    told = typed(f"doctor {command}", cloud.aws.root_credentials(CUSTOMER))
    assert told.code == 0, told.text
    policy: Policy = json.JSONDecoder().raw_decode(told.text)[0]
    return policy


def demand_refusal(told: Telling, action: str) -> None:
    """Let only a command pass that was stopped for want of the action and says so."""
    assert told.code == 1, f"{told.command} did without {action}:\n{told.text}"
    assert f"not authorized to perform: {action} " in told.text, told.text
    assert "next:" in told.text


def demand_whole(told: Told) -> None:
    """Let only a story pass in which nothing was refused."""
    for step, came in told.whole:
        assert came.code == step.expected, f"{came.command}: exit {came.code}\n{came.text}"
        assert "AWS refused" not in came.text
