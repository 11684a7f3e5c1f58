"""Managed policies of AWS that can be judged without asking AWS for their text."""

# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.documents import Document, policy


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """What is known of a managed policy of AWS.

    Attributes:
        is_whole: whether the document says all that the policy says; AWS changes the others every few weeks.
    """

    document: Document
    is_whole: bool


def _allow(*actions: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


KNOWN_POLICIES = {
    "AdministratorAccess": KnownPolicy(policy(_allow("*")), is_whole=True),
    "IAMFullAccess": KnownPolicy(policy(_allow("iam:*", "organizations:Describe*")), is_whole=False),
    "PowerUserAccess": KnownPolicy(
        policy(
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            _allow("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"),
        ),
        is_whole=False,
    ),
    # Of its several thousand actions those that hand out what customers store.
    "ReadOnlyAccess": KnownPolicy(
        policy(
            _allow(
                "athena:GetQueryResults",
                "codecommit:GitPull",
                "dynamodb:GetItem",
                "dynamodb:Scan",
                "ec2:GetPasswordData",
                "ecr:BatchGetImage",
                "kinesis:GetRecords",
                "lambda:GetFunction",
                "logs:GetLogEvents",
                "s3:GetObject",
                "sqs:ReceiveMessage",
                "ssm:GetParameter",
            )
        ),
        is_whole=False,
    ),
    # Settings without data; nothing in them is worth a probe.
    "SecurityAudit": KnownPolicy(policy(_allow("iam:List*", "iam:Get*")), is_whole=False),
    "ViewOnlyAccess": KnownPolicy(policy(_allow("iam:List*")), is_whole=False),
}
