"""A way into an account of one's own organisation, by the role that each of its accounts has for that."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client, connection
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import SHORTEST_SESSION, Credentials


def entered_as(role: RoleArn, engineer: EngineerName, outside: boto3.Session) -> boto3.Session:
    """Return a connection inside the account; the person's name is the session's, for CloudTrail there.

    No source identity is sent: the role that AWS Organizations makes trusts sts:AssumeRole only, and would refuse it.

    Raises:
        AccessRefused: the role does not let the person in, or is not there.
    """
    with in_our_words(f"sts:AssumeRole on {role}"):
        answer = client(outside, "sts").assume_role(
            RoleArn=str(role),
            RoleSessionName=str(engineer),
            DurationSeconds=int(SHORTEST_SESSION.total_seconds()),
        )
    keys = answer["Credentials"]
    return connection(
        Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], keys["Expiration"])
    )
