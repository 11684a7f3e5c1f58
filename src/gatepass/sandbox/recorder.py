"""What a request leaves in the event log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from gatepass.sandbox.memory.events import Event
from gatepass.sandbox.memory.faults import StagedFault
from gatepass.sandbox.rights.principals import Caller
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.operations import Operation

_TIME = "%Y-%m-%dT%H:%M:%SZ"

# Parameters of AssumeRole as CloudTrail records them, the external ID among them.
_RECORDED = {
    "AssumeRole": {
        "RoleArn": "roleArn",
        "RoleSessionName": "roleSessionName",
        "ExternalId": "externalId",
        "DurationSeconds": "durationSeconds",
        "SourceIdentity": "sourceIdentity",
    }
}
# Identifiers of IAM's resources; documents stay out, they may hold external IDs.
_RECORDED_OF_IAM = {
    "RoleName": "roleName",
    "UserName": "userName",
    "GroupName": "groupName",
    "PolicyName": "policyName",
    "PolicyArn": "policyArn",
}


@dataclass
class Attempt:
    """How far a request came before it was answered or refused."""

    service: str
    region: str = ""
    operation: Operation | None = None
    caller: Caller | None = None
    staged: StagedFault | None = None


def event_of(call: Call, attempt: Attempt, at: datetime, *, error: tuple[str, str] | None) -> Event:
    """Return what a request leaves in the event log; `error` is the code and the message of a refusal."""
    name = attempt.operation.name if attempt.operation is not None else "Unknown"
    parameters = _parameters(attempt.operation) if attempt.operation is not None else None
    accounts = [attempt.caller.account] if attempt.caller is not None else []
    if parameters is not None and name == "AssumeRole" and error is None:
        # A session across accounts is in the trail of both.
        accounts += {str(parameters["roleArn"]).split(":")[4]} - set(accounts)
    event: Event = {
        "eventTime": at.strftime(_TIME),
        "eventID": str(uuid4()),
        "eventSource": f"{attempt.service or 'unknown'}.amazonaws.com",
        "eventName": name,
        "awsRegion": attempt.region,
        "sourceIPAddress": call.source_ip,
        "userIdentity": _identity(attempt.caller),
        "requestParameters": parameters,
        "recipientAccountIds": accounts,
    }
    return event if error is None else event | {"errorCode": error[0], "errorMessage": error[1]}


def _parameters(operation: Operation) -> dict[str, object] | None:
    names = _RECORDED.get(operation.name)
    if names is None and operation.service.name == "iam":
        names = _RECORDED_OF_IAM
    if names is None:
        return None
    texts = ((own, operation.parameters.text(name)) for name, own in names.items())
    found: dict[str, object] = {own: value for own, value in texts if value is not None}
    if operation.name == "AssumeRole" and (tags := operation.parameters.tags()):
        found["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
    return found or None


def _identity(caller: Caller | None) -> dict[str, object]:
    if caller is None:
        return {"type": "Unknown"}
    kind = "Root" if caller.is_root else "AssumedRole" if caller.is_role_session else "IAMUser"
    identity: dict[str, object] = {
        "type": "FederatedUser" if caller.is_federated else kind,
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
    }
    session = caller.session
    if session is not None:
        identity["accessKeyId"] = session.access_key_id
        context: dict[str, object] = {"attributes": {"creationDate": session.issued.strftime(_TIME)}}
        if session.source_identity is not None:
            context["sourceIdentity"] = session.source_identity
        identity["sessionContext"] = context
    return identity
