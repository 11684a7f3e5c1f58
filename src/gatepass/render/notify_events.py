"""Which events of AWS a customer is told about, and what of them: EventBridge patterns and input transformers.

No path below leads to ``requestParameters.externalId``, to the text of a policy (a trust policy
holds the external ID), or to anything around them; whoever adds one hands the second factor out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC

from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import ROLE_PATH
from gatepass.domain.notice import Happening

BUS_SOURCE = "gatepass"
ENDS_SOON_TYPE = "Grant ends soon"

_VIA_CLOUDTRAIL = "AWS API Call via CloudTrail"
_SUCCEEDED = [{"exists": False}]
# What changes who may enter a role, or what a session of it may do.
CHANGES = (
    "CreateRole",
    "UpdateRole",
    "DeleteRole",
    "UpdateAssumeRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
)


@dataclass(frozen=True, slots=True)
class Message:
    """What an event becomes: named paths into it, and a sentence that uses them as ``<name>``."""

    event: str
    paths: dict[str, str]
    sentence: str

    def as_text(self) -> dict[str, object]:
        """Return the input transformer that yields the sentence, for people's mailboxes."""
        return {"InputPathsMap": self.paths, "InputTemplate": json.dumps(self.sentence)}

    def as_json(self) -> dict[str, object]:
        """Return the input transformer that yields JSON with the sentence as ``text``, for chat tools."""
        facts = {name: f"<{name}>" for name in self.paths}
        return {
            "InputPathsMap": self.paths,
            "InputTemplate": json.dumps({"text": self.sentence, "event": self.event, **facts}),
        }


ENTERED = Message(
    Happening.ENTERED.value,
    {
        "account": "$.account",
        "when": "$.detail.eventTime",
        "region": "$.detail.awsRegion",
        "role": "$.detail.requestParameters.roleArn",
        "session": "$.detail.requestParameters.roleSessionName",
        "who": "$.detail.requestParameters.sourceIdentity",
        "caller": "$.detail.userIdentity.accountId",
        "address": "$.detail.sourceIPAddress",
    },
    "Gatepass: somebody of account <caller> entered <role> at <when> from <address>. Session: <session>. "
    "Source identity: <who>. If nobody should be in, shut the door with gatepass close.",
)
CHANGED = Message(
    "changed",
    {
        "account": "$.account",
        "when": "$.detail.eventTime",
        "action": "$.detail.eventName",
        "role": "$.detail.requestParameters.roleName",
        "policy": "$.detail.requestParameters.policyName",
        "managed": "$.detail.requestParameters.policyArn",
        "who": "$.detail.userIdentity.arn",
        "address": "$.detail.sourceIPAddress",
    },
    "Gatepass: the role <role> of account <account> was changed at <when> by <who> from <address>: "
    "<action> <policy><managed>. If that was not you, look with gatepass plan.",
)
ENDS_SOON = Message(
    Happening.ENDS_SOON.value,
    {
        "account": "$.account",
        "grant": "$.detail.grant",
        "role": "$.detail.role",
        "until": "$.detail.until",
    },
    "Gatepass: grant <grant> of account <account> ends at <until>. From then on nobody enters or acts as <role>, "
    "unless you give it a later end.",
)


def entered_pattern(declaration: Declaration) -> dict[str, object]:
    """Return the pattern of a session that begins in one of our roles, whoever begins it."""
    ours: list[object] = [{"prefix": arn_start(declaration, ROLE_PATH)}]
    for grant in declaration.grants:
        if grant.adopted is not None:
            # An adopted role may stand under any path, which the file does not tell.
            ours.append(arn_start(declaration, f"/{grant.adopted}"))
            ours.append({"wildcard": arn_start(declaration, f"/*/{grant.adopted}")})
    asked = {"roleArn": ours}
    return _via_cloudtrail(declaration, "sts", ("AssumeRole",), asked)


def changed_pattern(declaration: Declaration) -> dict[str, object]:
    """Return the pattern of a change to one of the file's roles; IAM does not tell names apart by case."""
    names = sorted({str(role_name(grant, declaration.naming)) for grant in declaration.grants})
    return _via_cloudtrail(declaration, "iam", CHANGES, {"roleName": [{"equals-ignore-case": name} for name in names]})


def ends_soon_pattern(declaration: Declaration) -> dict[str, object]:
    """Return the pattern of what the schedules put on the bus."""
    return {"account": [str(declaration.account)], "source": [BUS_SOURCE], "detail-type": [ENDS_SOON_TYPE]}


def ends_soon_detail(declaration: Declaration, grant: Grant) -> dict[str, object]:
    """Return what a schedule says about the grant whose window ends."""
    until = grant.window.end.astimezone(UTC).isoformat() if grant.window.end else ""
    return {"grant": str(grant.name), "role": str(role_name(grant, declaration.naming)), "until": until}


def arn_start(declaration: Declaration, path: str) -> dict[str, str]:
    """Return the ARN of the account's roles up to the path, in whichever partition the stack stands."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{declaration.account}:role{path}"}


def _via_cloudtrail(
    declaration: Declaration, service: str, names: tuple[str, ...], asked: Mapping[str, object]
) -> dict[str, object]:
    return {
        "account": [str(declaration.account)],
        "source": [f"aws.{service}"],
        "detail-type": [_VIA_CLOUDTRAIL],
        "detail": {
            "eventSource": [f"{service}.amazonaws.com"],
            "eventName": list(names),
            "errorCode": _SUCCEEDED,
            "requestParameters": asked,
        },
    }
