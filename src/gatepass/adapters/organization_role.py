"""A way into an account of one's own organisation, by the role that each of its accounts has for that."""

from __future__ import annotations

from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import boto3

from gatepass.adapters.aws_connection import client, connection
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import SHORTEST_SESSION, Credentials

# Many threads may use one connection, and boto3 makes clients for one of them at a time only. A client is for all of
# them, and costs ten calls: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
_MAKING = Lock()
_made: WeakKeyDictionary[boto3.Session, Any] = WeakKeyDictionary()


def entered_as(role: RoleArn, engineer: EngineerName, outside: boto3.Session) -> boto3.Session:
    """Return a connection inside the account; raises and does as ``keys_inside``."""
    return connection(keys_inside(role, engineer, outside))


def keys_inside(role: RoleArn, engineer: EngineerName, outside: boto3.Session) -> Credentials:
    """Return credentials inside the account; the person's name is the session's, for CloudTrail there.

    No source identity is sent: the role that AWS Organizations makes trusts sts:AssumeRole only, and would refuse it.

    Raises:
        AccessRefused: the role does not let the person in, or is not there.
    """
    with _MAKING:
        sts = _made.get(outside)
        if sts is None:
            sts = _made[outside] = client(outside, "sts")
    with in_our_words(f"sts:AssumeRole on {role}"):
        answer = sts.assume_role(
            RoleArn=str(role),
            RoleSessionName=str(engineer),
            DurationSeconds=int(SHORTEST_SESSION.total_seconds()),
        )
    keys = answer["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], keys["Expiration"])
