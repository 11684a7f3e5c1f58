"""An IAM user's MFA devices, in IAM and STS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.session import Credentials


class AwsMfaDevices:
    """The devices of whoever holds the credentials."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._session = session

    def serials(self) -> Sequence[str]:
        """Return the serial numbers; without a user's name IAM takes the caller's."""
        with in_our_words("iam:ListMFADevices"):
            pages = client(self._session, "iam").get_paginator("list_mfa_devices").paginate()
            return [device["SerialNumber"] for page in pages for device in page["MFADevices"]]

    def begin(self, serial: str, code: str, duration: timedelta) -> Credentials:
        """Return what GetSessionToken gives for the code."""
        seconds = int(duration.total_seconds())
        with in_our_words("sts:GetSessionToken"):
            answer = client(self._session, "sts").get_session_token(
                SerialNumber=serial, TokenCode=code, DurationSeconds=seconds
            )["Credentials"]
        return Credentials(
            answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], answer["Expiration"]
        )
