"""The name that an account has given itself."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words


def account_alias(session: boto3.Session) -> str | None:
    """Return the alias of the account that the credentials belong to, or None when it has none.

    Raises:
        AccessRefused: the credentials may not know.
    """
    with in_our_words("iam:ListAccountAliases"):
        found = client(session, "iam").list_account_aliases()["AccountAliases"]
    return str(found[0]) if found else None
