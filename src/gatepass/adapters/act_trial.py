"""Calls inside a customer's account that only read, made to see that AWS refuses them."""

from __future__ import annotations

from collections.abc import Callable

from gatepass.adapters.aws_connection import client, connection
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import AccessRefused, CredentialsRefused
from gatepass.domain.session import Session


class AwsActTrial:
    """Two reads that most roles are allowed: of the role itself, and of the buckets' names."""

    def may_act(self, session: Session) -> bool:
        """Try them until one is allowed; what they return is not looked at."""
        inside = connection(session.credentials)
        iam, s3 = client(inside, "iam"), client(inside, "s3")
        return _is_allowed("iam:GetRole", lambda: iam.get_role(RoleName=str(session.role.name))) or _is_allowed(
            "s3:ListAllMyBuckets", s3.list_buckets
        )


def _is_allowed(action: str, call: Callable[[], object]) -> bool:
    try:
        with in_our_words(action):
            call()
    except CredentialsRefused:
        raise
    except AccessRefused:
        return False
    return True
