"""What a platform was started with."""

from __future__ import annotations

from dataclasses import dataclass

from tests.platforms.fake.aws import AwsPlace


@dataclass(frozen=True, slots=True)
class Place:
    """What a platform was started with.

    Attributes:
        owner: the account's id in Scalr, the organisation's name in HCP Terraform.
        repositories: the identifiers that its version control knows; none for any.
        aws: who it is in AWS.
        address: where it is, such as ``http://127.0.0.1:4711``.
    """

    owner: str
    repositories: frozenset[str]
    aws: AwsPlace | None
    address: str
