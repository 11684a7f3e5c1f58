"""AWS STS as the token service."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.aws_words import carried_name, hide
from gatepass.domain.errors import GatepassError
from gatepass.domain.identifiers import AccountId
from gatepass.domain.session import Caller, Credentials, Entry, Session


class StsTokens:
    """One person's view of STS."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._sts = client(session, "sts")

    def caller(self) -> Caller:
        """Return whose credentials these are."""
        with in_our_words("sts:GetCallerIdentity"):
            answer = self._sts.get_caller_identity()
        return Caller(AccountId(answer["Account"]), answer["Arn"])

    def enter(self, entry: Entry) -> Session:
        """Assume the role, with the engineer in the session's name and as source identity."""
        try:
            with in_our_words(f"sts:AssumeRole on {entry.role}"):
                answer = self._sts.assume_role(**_request(entry))
        except GatepassError as error:
            # STS quotes a parameter that it cannot read.
            hide(error, entry.external_id.reveal() if entry.external_id is not None else "")
            raise
        engineer = carried_name(answer.get("SourceIdentity"), entry) if entry.keeps_name else entry.engineer
        keys = answer["Credentials"]
        credentials = Credentials(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], keys["Expiration"]
        )
        return Session(entry.role, engineer, keys["Expiration"], credentials)


def _request(entry: Entry) -> dict[str, object]:
    request: dict[str, object] = {
        "RoleArn": str(entry.role),
        "RoleSessionName": str(entry.name or entry.engineer),
        "DurationSeconds": int(entry.duration.total_seconds()),
    }
    if not entry.keeps_name:
        request["SourceIdentity"] = str(entry.engineer)
    if entry.external_id is not None:
        request["ExternalId"] = entry.external_id.reveal()
    if entry.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in entry.tags.items()]
    if entry.policy is not None:
        request["Policy"] = entry.policy.text
    if entry.policy_arns:
        request["PolicyArns"] = [{"arn": str(arn)} for arn in entry.policy_arns]
    return request
