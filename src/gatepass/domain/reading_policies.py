"""Managed policies of AWS that only read one service: what to ask for when a look is refused."""

# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

# By service: the policy, and which of the service's actions it surely allows; AWS adds to them and takes none away.
_POLICIES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "acm": ("AWSCertificateManagerReadOnly", ("DescribeCertificate", "GetCertificate", "ListCertificates")),
        "cloudformation": ("AWSCloudFormationReadOnlyAccess", ("Describe*", "Get*", "List*")),
        "cloudtrail": ("AWSCloudTrail_ReadOnlyAccess", ("Get*", "Describe*", "List*", "LookupEvents")),
        "dynamodb": ("AmazonDynamoDBReadOnlyAccess", ("DescribeTable", "GetItem", "ListTables", "Query", "Scan")),
        "ec2": ("AmazonEC2ReadOnlyAccess", ("Describe*",)),
        "ecr": ("AmazonEC2ContainerRegistryReadOnly", ("DescribeRepositories", "ListImages", "DescribeImages")),
        "elasticloadbalancing": ("ElasticLoadBalancingReadOnly", ("Describe*",)),
        "iam": ("IAMReadOnlyAccess", ("Get*", "List*")),
        "lambda": ("AWSLambda_ReadOnlyAccess", ("Get*", "List*")),
        "logs": ("CloudWatchLogsReadOnlyAccess", ("Describe*", "Get*", "List*", "FilterLogEvents")),
        "rds": ("AmazonRDSReadOnlyAccess", ("Describe*", "ListTagsForResource")),
        "route53": ("AmazonRoute53ReadOnlyAccess", ("Get*", "List*")),
        "s3": ("AmazonS3ReadOnlyAccess", ("Get*", "List*", "Describe*")),
        "sns": ("AmazonSNSReadOnlyAccess", ("GetTopicAttributes", "List*")),
        "sqs": ("AmazonSQSReadOnlyAccess", ("GetQueueAttributes", "GetQueueUrl", "ListQueues")),
        "ssm": ("AmazonSSMReadOnlyAccess", ("Describe*", "Get*", "List*")),
    }
)


def reading_policy(action: str) -> str | None:
    """Return the policy that holds the action and only reads its service, or None when we know of none."""
    service, _, name = action.partition(":")
    policy, patterns = _POLICIES.get(service.lower(), ("", ()))
    return policy if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns) else None


def reading_policies() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return what is known, by service."""
    return _POLICIES
