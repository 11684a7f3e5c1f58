"""A call that AWS refused, read from what AWS or a tool of anybody's says of it."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import read_json


class Layer(Enum):
    """The kind of policy that AWS names."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"


class Ended(Enum):
    """Why credentials are not taken any more."""

    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """What AWS refused; a part that it did not tell is empty.

    Attributes:
        caller: the ARN of whoever asked.
        action: such as ``s3:ListBucket``; without a service, ``:ListBucket``, where only the operation is told.
        resource: the ARN, or ``*``.
        layer: the kind of policy that denies, or that lacks an Allow; None where AWS tells none.
        is_denied: whether a statement denies it; else an Allow is missing.
        policy: the ARN of the policy that denies, where AWS tells it.
        ended: why the credentials themselves were not taken.
        encoded: the encoded message that says more.
    """

    caller: str = ""
    action: str = ""
    resource: str = ""
    layer: Layer | None = None
    is_denied: bool = False
    policy: str = ""
    ended: Ended | None = None
    encoded: str = field(default="", repr=False)

    @property
    def account(self) -> str:
        """The account of the caller, or empty."""
        return self.caller.split(":")[4] if self.caller.count(":") >= _LEAST_COLONS else ""


_LEAST_COLONS = 5
_MOST_CALLS = 20
# Terraform draws a bar before each line, and terminals break lines anywhere.
_BAR = re.compile(r"^[ \t]*[│╷╵|][ \t]?", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LAYERS = "|".join(re.escape(layer.value) for layer in Layer)
_PLAIN = re.compile(
    r"(?:User: )?(?P<caller>arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+|anonymous) is not authorized to perform: "
    r"(?P<action>[A-Za-z0-9-]{2,64}:[A-Za-z0-9*]{2,128})"
    r"(?: on resource: \"?(?P<resource>(?:arn:aws[a-z-]*:[^\s\"]{3,1800}|\*))\"?)?"
    rf"(?:,? (?:because no (?P<lacking>{_LAYERS}) allows the [A-Za-z0-9:*-]+ action"
    rf"|with an explicit deny in an? (?P<denying>{_LAYERS})(?:: (?P<policy>arn:aws[\w:/+=,.@-]+))?))?",
    re.ASCII,
)
_ENCODED = re.compile(r"Encoded authorization failure message: (?P<text>[A-Za-z0-9_-]{20,16384})")
# boto3 and the AWS CLI; the SDK for Go, as Terraform shows it.
_CODES = (
    r"(?P<code>AccessDenied(?:Exception)?|UnauthorizedOperation|403|Forbidden|AuthorizationError(?:Exception)?"
    r"|ExpiredToken(?:Exception)?|RequestExpired|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException"
    r"|InvalidToken|AuthFailure)"
)
_OPERATION = re.compile(rf"\({_CODES}\) when calling the (?P<operation>[A-Za-z0-9]{{2,128}}) operation")
_GO = re.compile(
    rf"operation error (?P<service>[A-Za-z0-9 ]{{2,40}}): (?P<operation>[A-Za-z0-9]{{2,128}}),.{{0,400}}?{_CODES}"
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN = frozenset(
    {"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException", "InvalidToken", "AuthFailure"}
)
# Operations of S3 that are named otherwise than their actions; only S3 refuses without a word of its own.
_S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "DeleteObjects": "DeleteObject",
}
_S3_OPERATIONS = frozenset({"GetObject", "PutObject", "DeleteObject", "GetBucketLocation", "GetBucketPolicy"})


def refused_calls(text: str) -> tuple[RefusedCall, ...]:
    """Return the refused calls that the text tells of, each once, in its order; none when it tells of none."""
    words = " ".join(_BAR.sub("", _ANSI.sub("", text)).split())
    found = dict.fromkeys(_plain(words))
    if not found:
        found = dict.fromkeys(_terse(words))
    return tuple(found)[:_MOST_CALLS]


def _plain(words: str) -> Iterator[RefusedCall]:
    encoded = _ENCODED.search(words)
    for match in _PLAIN.finditer(words):
        layer = match["lacking"] or match["denying"]
        yield RefusedCall(
            match["caller"],
            match["action"],
            (match["resource"] or "").rstrip(".,;"),
            Layer(layer) if layer else None,
            match["denying"] is not None,
            match["policy"] or "",
            encoded=encoded["text"] if encoded else "",
        )


def _terse(words: str) -> Iterator[RefusedCall]:
    """Yield what is told without who asked for what: Access Denied, Forbidden, an encoded message, an ended session."""
    encoded = _ENCODED.search(words)
    text = encoded["text"] if encoded else ""
    for match in (*_OPERATION.finditer(words), *_GO.finditer(words)):
        code, operation = match["code"], match["operation"]
        service = match.groupdict().get("service", "").replace(" ", "").lower()
        if code in _EXPIRED | _UNKNOWN:
            yield RefusedCall(ended=Ended.EXPIRED if code in _EXPIRED else Ended.UNKNOWN)
        else:
            yield RefusedCall(action=_action(service, operation), encoded=text)
    if encoded and not _OPERATION.search(words) and not _GO.search(words):
        yield RefusedCall(encoded=text)


def _action(service: str, operation: str) -> str:
    if service in {"", "s3"} and (operation in _S3_ACTIONS or operation in _S3_OPERATIONS):
        return f"s3:{_S3_ACTIONS.get(operation, operation)}"
    return f"{service}:{operation}"


def parse_decoded(text: str) -> RefusedCall:
    """Return what a decoded message tells; it names no kind of policy, only whether a statement denies.

    Raises:
        InvalidInput: it is none that AWS writes.
    """
    tree = read_json(text)
    if isinstance(tree, dict) and isinstance(tree.get("context"), dict):
        told = tree["context"]
        who = told.get("principal")
        caller = who.get("arn") if isinstance(who, dict) else ""
        action, resource = told.get("action"), told.get("resource")
        if isinstance(action, str) and isinstance(resource, str):
            denied = tree.get("explicitDeny") is True
            return RefusedCall(str(caller or ""), action, resource, None, denied)
    raise InvalidInput(
        "the decoded message is not as AWS writes it",
        why="it tells no action and no resource",
        next_step="decode it yourself: aws sts decode-authorization-message --encoded-message ...",
    )


def statement_text(call: RefusedCall) -> str:
    """Return the statement that would allow exactly this call, as one line of JSON."""
    return json.dumps({"Effect": "Allow", "Action": call.action, "Resource": call.resource or "*"})
