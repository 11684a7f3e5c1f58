"""Roles as people make them by hand, good and bad, for the inventory of doors."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import CUSTOMER, PROVIDER

SCALR = "919814621061"
VANTA = "956993596390"
# A random one that a vendor would give, one that many could guess, one that two vendors were given.
LONG_ID = "9f2c41d7-6f0e-4d4b-8a53-1be07c2ad9e6"
GUESSED_ID = "acme-production"
SHARED_ID = "Zk4Qw9Lr2Xv7Tn5Hb8Mc"
EXTERNAL_IDS = (LONG_ID, GUESSED_ID, SHARED_ID)
OPEN_TO_ALL = "AccessForEverybody"
GITHUB = f"arn:aws:iam::{CUSTOMER}:oidc-provider/token.actions.githubusercontent.com"
SAML = f"arn:aws:iam::{CUSTOMER}:saml-provider/AcmeDirectory"
GONE = f"arn:aws:iam::{PROVIDER}:role/Gone"


def letting_in(
    *names: str, form: str = "AWS", action: str = "sts:AssumeRole", **condition: dict[str, str]
) -> dict[str, Any]:
    """Return a statement of a trust policy that allows."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {form: list(names)}, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


def asking(external_id: str) -> dict[str, Any]:
    """Return the condition that asks for an external ID."""
    return {"StringEquals": {"sts:ExternalId": external_id}}


def root(account: str) -> str:
    """Return an account as principal."""
    return f"arn:aws:iam::{account}:root"


TRUSTS: dict[str, list[dict[str, Any]]] = {
    OPEN_TO_ALL: [letting_in("*")],
    "scalr": [letting_in(root(SCALR), **asking(LONG_ID))],
    "VantaWithoutId": [letting_in(root(VANTA))],
    "AnyIdWillDo": [letting_in(root(PROVIDER), StringLike={"sts:ExternalId": "*"})],
    "two-accounts": [letting_in(root(PROVIDER), root("777788889999"), **asking(SHARED_ID))],
    "one-of-them": [letting_in(f"arn:aws:iam::{PROVIDER}:role/NetOps", **asking(SHARED_ID))],
    "guessed": [letting_in(root(PROVIDER), **asking(GUESSED_ID))],
    "second-statement": [letting_in(root(PROVIDER), **asking(LONG_ID)), letting_in(root(VANTA))],
    "staff": [
        letting_in(
            SAML,
            form="Federated",
            action="sts:AssumeRoleWithSAML",
            StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"},
        )
    ],
    "deploy": [
        letting_in(
            GITHUB,
            form="Federated",
            action="sts:AssumeRoleWithWebIdentity",
            StringEquals={"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        )
    ],
    "orphan": [letting_in(GONE)],
    "last-year": [
        letting_in(
            root(PROVIDER), **asking(LONG_ID), DateLessThan={"aws:CurrentTime": "2025-12-31T18:00:00Z"}
        )
    ],
    "until-2099": [
        letting_in(root(PROVIDER), **asking(LONG_ID), DateLessThan={"aws:CurrentTime": "2099-01-01T00:00:00Z"})
    ],
    "shut-by-hand": [
        letting_in(root(PROVIDER), **asking(LONG_ID)),
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    ],
    "machine": [letting_in("ec2.amazonaws.com", form="Service")],
    "colleagues": [letting_in(root(CUSTOMER))],
}  # fmt: skip

PERMISSIONS = {
    OPEN_TO_ALL: "AdministratorAccess",
    "scalr": "SecurityAudit",
    "VantaWithoutId": "SecurityAudit",
    "deploy": "IAMFullAccess",
    "two-accounts": "AmazonS3FullAccess",
    "second-statement": "ReadOnlyAccess",
    "staff": "PowerUserAccess",
    "last-year": "AdministratorAccess",
    "until-2099": "AmazonEC2FullAccess",
}


def make_roles(iam: Any, provider: Any) -> None:  # noqa: ANN401 - boto3's
    """Make every role in the customer's account; of the provider's two that they name, one is deleted then."""
    for name in ("NetOps", "Gone"):
        provider.create_role(RoleName=name, AssumeRolePolicyDocument=policy_text(letting_in(root(PROVIDER))))
    for name, statements in TRUSTS.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_text(*statements))
    for name, policy in PERMISSIONS.items():
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    keys = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    iam.put_role_policy(RoleName="guessed", PolicyName="own", PolicyDocument=policy_text(keys))
    provider.delete_role(RoleName="Gone")


def policy_text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
