"""Calls that only read, made to see whether AWS allows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import AccessRefused, NotThere
from gatepass.domain.identifiers import ROLE_PATH, AccountId
from gatepass.domain.role import LIMITS_POLICY
from gatepass.domain.session import Caller

_NO_ORGANIZATION = "AWSOrganizationsNotInUseException"


class AwsReadTrial:
    """What the credentials of a boto3 session may read."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._session = session
        self._iam = client(session, "iam")
        self._sts = client(session, "sts")
        self._aws_time: datetime | None = None
        self._partition = "aws"

    def caller(self) -> Caller:
        """Return whose credentials these are, and remember what time AWS has."""
        with in_our_words("sts:GetCallerIdentity"):
            try:
                answer = self._sts.get_caller_identity()
            except ClientError as error:
                self._aws_time = _date(error.response)
                raise
        self._aws_time = _date(answer)
        self._partition = answer["Arn"].split(":")[1]
        return Caller(AccountId(answer["Account"]), answer["Arn"])

    def aws_time(self) -> datetime | None:
        """Return AWS's clock as of the last answer."""
        return self._aws_time

    def may_read(self, action: str) -> bool | None:
        """Say whether AWS allows the action, by the smallest call of it."""
        with in_our_words(action):
            match action:
                case "iam:GetAccountAuthorizationDetails":
                    self._iam.get_account_authorization_details(Filter=["Role"], MaxItems=1)
                case "iam:GetAccountSummary":
                    self._iam.get_account_summary()
                case "iam:ListPolicies":
                    self._iam.list_policies(MaxItems=1)
                case "iam:ListRoles":
                    self._iam.list_roles(PathPrefix=ROLE_PATH, MaxItems=1)
                case "cloudtrail:LookupEvents":
                    client(self._session, "cloudtrail").lookup_events(MaxResults=1)
                case "organizations:ListAccounts":
                    return self._may_read_organization()
                case "iam:GetPolicy" | "iam:GetPolicyVersion":
                    return self._may_read_policy(action)
                case "iam:GetRole" | "iam:GetRolePolicy":
                    return self._may_read_role(action)
                case _:
                    return None
        return True

    def _may_read_organization(self) -> bool | None:
        try:
            client(self._session, "organizations").list_accounts(MaxResults=1)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_ORGANIZATION:
                return None
            raise
        return True

    def _may_read_policy(self, action: str) -> bool | None:
        arn = f"arn:{self._partition}:iam::aws:policy/SecurityAudit"
        try:
            with in_our_words("iam:GetPolicy"):
                version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        except AccessRefused:
            return False if action == "iam:GetPolicy" else None
        if action == "iam:GetPolicyVersion":
            self._iam.get_policy_version(PolicyArn=arn, VersionId=version)
        return True

    def _may_read_role(self, action: str) -> bool | None:
        # IAM decides about a role by its path, which only a role that stands has.
        try:
            with in_our_words("iam:ListRoles"):
                roles = self._iam.list_roles(PathPrefix=ROLE_PATH, MaxItems=1)["Roles"]
        except AccessRefused:
            return None
        if not roles:
            return None
        name = roles[0]["RoleName"]
        try:
            with in_our_words(action):
                if action == "iam:GetRole":
                    self._iam.get_role(RoleName=name)
                else:
                    self._iam.get_role_policy(RoleName=name, PolicyName=LIMITS_POLICY)
        except NotThere:
            # What is told to be absent was allowed to be looked for.
            return True
        return True


def _date(answer: Mapping[str, Any]) -> datetime | None:
    """Return AWS's clock from the Date header (RFC 9110, section 6.6.1)."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(text).astimezone(UTC) if text else None
