"""An engineer and a customer's role to enter, for the tests of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.setting import CUSTOMER, PROVIDER, Keys, allow, client, role, root, user

ENTERS = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


@dataclass(frozen=True)
class Scene:
    """An engineer, a customer's role and the customer's IAM."""

    aws: EmbeddedAws
    netops: Keys
    support: str
    iam: Any


def set_scene(aws: EmbeddedAws) -> Scene:
    """Make the engineer and the role."""
    return Scene(
        aws,
        user(aws, PROVIDER, "netops-1", ENTERS),
        role(aws, "support", allow("s3:*", "sts:*"), MaxSessionDuration=7200),
        client(aws, "iam", root(aws, CUSTOMER)),
    )


def list_buckets(scene: Scene, session: Keys) -> object:
    """List S3 buckets in the session."""
    return client(scene.aws, "s3", session).list_buckets()
