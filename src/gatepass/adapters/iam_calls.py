"""Calls of AWS IAM by name, with its errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words


class IamCalls:
    """IAM of the account that the credentials belong to."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self.iam = client(session, "iam")

    def call(self, operation: str, **request: object) -> dict[str, Any]:
        """Make a call; the first of the request is what an error is about."""
        with in_our_words(_subject(operation, request)):
            answer: dict[str, Any] = getattr(self.iam, operation)(**request)
            return answer

    def call_unless_gone(self, operation: str, **request: object) -> None:
        """Make a call that takes something away; what is gone already is a success."""
        with in_our_words(_subject(operation, request)):
            try:
                getattr(self.iam, operation)(**request)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "NoSuchEntity":
                    raise


def aws_time(answer: Mapping[str, Any]) -> datetime:
    """Return AWS's clock from the Date header of an answer (RFC 9110, section 6.6.1)."""
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)


def _subject(operation: str, request: Mapping[str, object]) -> str:
    action = "".join(word.capitalize() for word in operation.split("_"))
    return f"iam:{action} for {next(iter(request.values()))}"
