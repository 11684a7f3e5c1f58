"""AWS Organizations as the source of accounts' names."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.identifiers import AccountId

# Only the management account and delegated administrators may list; most accounts are neither, or alone.
_NO_NAMES = frozenset({"AccessDeniedException", "AccessDenied", "AWSOrganizationsNotInUseException"})


class OrganizationAccounts:
    """The accounts of the organisation that the credentials' account is in."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._organizations = client(session, "organizations")

    def names(self) -> Mapping[AccountId, str]:
        """Return the names; none where there is no organisation or the credentials may not read it."""
        found: dict[AccountId, str] = {}
        with in_our_words("organizations:ListAccounts"):
            try:
                for page in self._organizations.get_paginator("list_accounts").paginate():
                    found |= {AccountId(each["Id"]): str(each["Name"]) for each in page["Accounts"]}
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _NO_NAMES:
                    raise
                return {}
        return found
