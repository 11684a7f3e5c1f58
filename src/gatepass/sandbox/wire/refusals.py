"""What the sandbox answers when it says no: each protocol's own form, in AWS's words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

from gatepass.sandbox.wire.answers import Answer, new_request_id


class Protocol(Enum):
    """How a service is spoken to, which is also how it refuses."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


class Fault(Enum):
    """The refusals that every service knows, under names of its own."""

    ACCESS_DENIED = "access denied"
    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown key"
    INVALID_TOKEN = "invalid token"  # noqa: S105 - the name of a fault
    EXPIRED_TOKEN = "expired token"  # noqa: S105 - the name of a fault
    WRONG_SIGNATURE = "wrong signature"
    STALE_SIGNATURE = "stale signature"
    WRONG_BODY = "wrong body"
    UNKNOWN_OPERATION = "unknown operation"
    NOT_EMULATED = "not emulated"
    INTERNAL = "internal"
    THROTTLED = "throttled"
    QUOTA_EXCEEDED = "quota exceeded"


_INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - AWS's words
_WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)

# What AWS says when the refusal itself brings no words.
_WORDS: dict[Fault, str] = {
    Fault.ACCESS_DENIED: "Access Denied",
    Fault.UNSIGNED: "Request is missing Authentication Token",
    Fault.UNKNOWN_KEY: _INVALID_TOKEN,
    Fault.INVALID_TOKEN: _INVALID_TOKEN,
    Fault.EXPIRED_TOKEN: "The security token included in the request is expired",
    Fault.WRONG_SIGNATURE: _WRONG_SIGNATURE,
    Fault.STALE_SIGNATURE: "Signature expired",
    Fault.WRONG_BODY: _WRONG_SIGNATURE,
    Fault.INTERNAL: "An internal error occurred.",
    Fault.THROTTLED: "Rate exceeded",
    Fault.QUOTA_EXCEEDED: "Cannot exceed quota.",
}

_S3_WORDS: dict[Fault, str] = {
    Fault.UNSIGNED: "Access Denied",
    Fault.UNKNOWN_KEY: "The AWS Access Key Id you provided does not exist in our records.",
    Fault.INVALID_TOKEN: "The provided token is malformed or otherwise invalid.",
    Fault.EXPIRED_TOKEN: "The provided token has expired.",
    Fault.STALE_SIGNATURE: "The difference between the request time and the current time is too large.",
    Fault.WRONG_BODY: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    Fault.THROTTLED: "Please reduce your request rate.",
}

_EC2_INVALID = "AWS was not able to validate the provided access credentials"
_EC2_WORDS: dict[Fault, str] = {
    Fault.UNSIGNED: "The request must contain the parameter AWSAccessKeyId",
    Fault.UNKNOWN_KEY: _EC2_INVALID,
    Fault.INVALID_TOKEN: _EC2_INVALID,
    Fault.WRONG_SIGNATURE: _EC2_INVALID,
    Fault.WRONG_BODY: _EC2_INVALID,
    Fault.EXPIRED_TOKEN: "Request has expired.",
    Fault.STALE_SIGNATURE: "Request has expired.",
}

_QUERY_CODES: dict[Fault, tuple[str, int]] = {
    Fault.ACCESS_DENIED: ("AccessDenied", 403),
    Fault.UNSIGNED: ("MissingAuthenticationToken", 403),
    Fault.MALFORMED: ("MalformedInput", 400),
    Fault.UNKNOWN_KEY: ("InvalidClientTokenId", 403),
    Fault.INVALID_TOKEN: ("InvalidClientTokenId", 403),
    Fault.EXPIRED_TOKEN: ("ExpiredToken", 403),
    Fault.WRONG_SIGNATURE: ("SignatureDoesNotMatch", 403),
    Fault.STALE_SIGNATURE: ("SignatureDoesNotMatch", 403),
    Fault.WRONG_BODY: ("SignatureDoesNotMatch", 403),
    Fault.UNKNOWN_OPERATION: ("InvalidAction", 400),
    # 501, which no SDK tries again.
    Fault.NOT_EMULATED: ("NotImplemented", 501),
    Fault.INTERNAL: ("InternalFailure", 500),
    Fault.THROTTLED: ("Throttling", 400),
    Fault.QUOTA_EXCEEDED: ("LimitExceeded", 409),
}

_EC2_CODES = _QUERY_CODES | {
    Fault.ACCESS_DENIED: ("UnauthorizedOperation", 403),
    Fault.UNSIGNED: ("MissingParameter", 400),
    Fault.UNKNOWN_KEY: ("AuthFailure", 401),
    Fault.INVALID_TOKEN: ("AuthFailure", 401),
    Fault.WRONG_SIGNATURE: ("AuthFailure", 401),
    Fault.WRONG_BODY: ("AuthFailure", 401),
    Fault.EXPIRED_TOKEN: ("RequestExpired", 400),
    Fault.STALE_SIGNATURE: ("RequestExpired", 400),
    Fault.THROTTLED: ("RequestLimitExceeded", 503),
    Fault.QUOTA_EXCEEDED: ("ResourceLimitExceeded", 400),
}

_JSON_CODES = _QUERY_CODES | {
    Fault.ACCESS_DENIED: ("AccessDeniedException", 400),
    Fault.UNSIGNED: ("MissingAuthenticationTokenException", 400),
    Fault.MALFORMED: ("SerializationException", 400),
    Fault.UNKNOWN_KEY: ("UnrecognizedClientException", 400),
    Fault.INVALID_TOKEN: ("UnrecognizedClientException", 400),
    Fault.EXPIRED_TOKEN: ("ExpiredTokenException", 400),
    Fault.WRONG_SIGNATURE: ("InvalidSignatureException", 400),
    Fault.STALE_SIGNATURE: ("InvalidSignatureException", 400),
    Fault.WRONG_BODY: ("InvalidSignatureException", 400),
    Fault.UNKNOWN_OPERATION: ("UnknownOperationException", 400),
    Fault.THROTTLED: ("ThrottlingException", 400),
    Fault.QUOTA_EXCEEDED: ("LimitExceededException", 400),
}

_AUTHENTICATION_FAULTS = frozenset(Fault) - {
    Fault.MALFORMED,
    Fault.UNKNOWN_OPERATION,
    Fault.NOT_EMULATED,
    Fault.INTERNAL,
    Fault.THROTTLED,
    Fault.QUOTA_EXCEEDED,
}

_CODES: dict[Protocol, dict[Fault, tuple[str, int]]] = {
    Protocol.QUERY: _QUERY_CODES,
    Protocol.EC2: _EC2_CODES,
    Protocol.JSON: _JSON_CODES,
    Protocol.REST_JSON: {
        fault: (code, 403 if fault in _AUTHENTICATION_FAULTS else status)
        for fault, (code, status) in _JSON_CODES.items()
    }
    | {Fault.THROTTLED: ("TooManyRequestsException", 429)},
    Protocol.REST_XML: _QUERY_CODES
    | {
        Fault.UNSIGNED: ("AccessDenied", 403),
        Fault.MALFORMED: ("InvalidRequest", 400),
        Fault.UNKNOWN_KEY: ("InvalidAccessKeyId", 403),
        Fault.INVALID_TOKEN: ("InvalidToken", 400),
        Fault.EXPIRED_TOKEN: ("ExpiredToken", 400),
        Fault.STALE_SIGNATURE: ("RequestTimeTooSkewed", 403),
        Fault.WRONG_BODY: ("XAmzContentSHA256Mismatch", 400),
        Fault.UNKNOWN_OPERATION: ("MethodNotAllowed", 405),
        Fault.INTERNAL: ("InternalError", 500),
        Fault.THROTTLED: ("SlowDown", 503),
        Fault.QUOTA_EXCEEDED: ("TooManyBuckets", 400),
    },
}


@dataclass(eq=False)
class Refusal(Exception):
    """The sandbox says no.

    Attributes:
        fault: what every service knows under a name of its own; ``None`` when `code` says it.
        message: AWS's words; empty for the usual ones.
        code: a service's own error code.
        status: the HTTP status that goes with `code`.
    """

    fault: Fault | None
    message: str = ""
    code: str = ""
    status: int = 400

    def __post_init__(self) -> None:
        super().__init__(self.code or (self.fault.value if self.fault else ""))


def service_error(code: str, message: str, status: int = 400) -> Refusal:
    """Return a refusal with a service's own error code."""
    return Refusal(None, message, code, status)


def error_code(refusal: Refusal, protocol: Protocol) -> str:
    """Return the error code that a client will see."""
    return refusal.code if refusal.fault is None else _CODES[protocol][refusal.fault][0]


def refusal_answer(refusal: Refusal, protocol: Protocol, *, method: str = "POST", resource: str = "") -> Answer:
    """Write a refusal the way a service of this protocol does."""
    code, status = error_code(refusal, protocol), refusal.status
    if refusal.fault is not None:
        status = _CODES[protocol][refusal.fault][1]
    message = refusal.message or _words(refusal.fault, protocol)
    match protocol:
        case Protocol.QUERY:
            return _xml(status, _query_error(code, message, status))
        case Protocol.EC2:
            return _xml(status, _ec2_error(code, message))
        case Protocol.JSON | Protocol.REST_JSON:
            return _json(status, code, message, protocol)
        case Protocol.REST_XML:
            return _xml(status, b"" if method == "HEAD" else _s3_error(code, message, resource))


def _words(fault: Fault | None, protocol: Protocol) -> str:
    own = {Protocol.REST_XML: _S3_WORDS, Protocol.EC2: _EC2_WORDS}.get(protocol, {})
    return own.get(fault, _WORDS.get(fault, fault.value)) if fault is not None else ""


def _xml(status: int, body: bytes) -> Answer:
    return Answer(status, (("Content-Type", "text/xml"),), body)


def _query_error(code: str, message: str, status: int) -> bytes:
    sender = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse><Error><Type>{sender}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"</Error><RequestId>{new_request_id()}</RequestId></ErrorResponse>"
    ).encode()


def _ec2_error(code: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{new_request_id()}</RequestID></Response>"
    ).encode()


def _s3_error(code: str, message: str, resource: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message><Resource>{escape(resource)}</Resource>"
        f"<RequestId>{new_request_id()}</RequestId><HostId>sandbox</HostId></Error>"
    ).encode()


def _json(status: int, code: str, message: str, protocol: Protocol) -> Answer:
    # Clients look for "message" or "Message", by service.
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    if protocol is Protocol.REST_JSON:
        return Answer(status, (("Content-Type", "application/json"), ("x-amzn-ErrorType", code)), body)
    return Answer(status, (("Content-Type", "application/x-amz-json-1.1"),), body)
