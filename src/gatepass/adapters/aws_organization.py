"""The organisation that an account is in."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words


def organization_id(session: boto3.Session) -> str:
    """Return its ID.

    Raises:
        AccessRefused: the credentials may not know.
        Conflict: the account is in none.
    """
    with in_our_words("organizations:DescribeOrganization"):
        answer = client(session, "organizations").describe_organization()
    return str(answer["Organization"]["Id"])
