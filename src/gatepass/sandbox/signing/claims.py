"""What a request claims about its signer: the access key, when and for what it was signed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.refusals import Fault, Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST_PRESIGNED = timedelta(days=7)

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})", re.ASCII
)
_KEY_ID = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)
_REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_TIME = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


@dataclass(frozen=True)
class Claim:
    """What Signature Version 4 says of itself, not yet proved.

    Attributes:
        signed_at: wall time, in whole seconds since 1970.
        valid_for: of a pre-signed URL; ``None`` for a signature in the header.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    timestamp: str
    signed_at: int
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    token: str | None = field(repr=False)
    valid_for: timedelta | None = None

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def claimed_service(call: Call) -> str:
    """Return the service that a request seems to be signed for, for refusals that come before everything else."""
    values = [call.header("authorization") or "", *(value for name, value in call.query if name == "X-Amz-Credential")]
    for value in values:
        parts = value.split(",")[0].split("/")
        if len(parts) >= 5:
            return parts[-2]
    return "s3" if any(name == "AWSAccessKeyId" for name, _ in call.query) else ""


def read_claim(call: Call) -> Claim:
    """Read who claims to have signed a request.

    Raises:
        Refusal: the request is not signed, or in a way that the sandbox does not know.
    """
    authorization = call.header("authorization")
    presigned = any(name == "X-Amz-Algorithm" for name, _ in call.query)
    if authorization is not None and presigned:
        raise Refusal(Fault.MALFORMED, "Only one auth mechanism allowed")
    if presigned:
        return _presigned_claim(call)
    if authorization is None:
        raise Refusal(Fault.UNSIGNED)
    match = _HEADER.fullmatch(authorization)
    if match is None:
        raise Refusal(Fault.MALFORMED, f"The authorization mechanism is not supported. Please use {ALGORITHM}.")
    credential, signed_headers, signature = match.groups()
    return _claim(
        credential,
        signed_headers,
        timestamp=call.header("x-amz-date"),
        signature=signature,
        token=call.header("x-amz-security-token"),
        valid_for=None,
    )


def _presigned_claim(call: Call) -> Claim:
    def value(name: str) -> str:
        found = call.query_value(name)
        if found is None:
            raise Refusal(Fault.MALFORMED, f"The query string lacks {name}.")
        return found

    if value("X-Amz-Algorithm") != ALGORITHM:
        raise Refusal(Fault.MALFORMED, f"The authorization mechanism is not supported. Please use {ALGORITHM}.")
    expires = value("X-Amz-Expires")
    if not expires.isascii() or not expires.isdecimal() or not 0 < int(expires) <= LONGEST_PRESIGNED.total_seconds():
        raise Refusal(Fault.MALFORMED, "X-Amz-Expires must be between 1 and 604800 seconds")
    return _claim(
        value("X-Amz-Credential"),
        value("X-Amz-SignedHeaders"),
        timestamp=value("X-Amz-Date"),
        signature=value("X-Amz-Signature"),
        token=call.query_value("X-Amz-Security-Token"),
        valid_for=timedelta(seconds=int(expires)),
    )


def _claim(  # noqa: PLR0913 - one parameter for each part of a signature
    credential: str,
    signed_headers: str,
    *,
    timestamp: str | None,
    signature: str,
    token: str | None,
    valid_for: timedelta | None,
) -> Claim:
    parts = credential.split("/")
    if (
        len(parts) != 5
        or parts[4] != "aws4_request"
        or not _KEY_ID.fullmatch(parts[0])
        or not _REGION.fullmatch(parts[2])
    ):
        raise Refusal(Fault.MALFORMED, "The credential scope is not KEY/DATE/REGION/SERVICE/aws4_request.")
    if timestamp is None or not _TIME.fullmatch(timestamp) or timestamp[:8] != parts[1]:
        raise Refusal(
            Fault.WRONG_SIGNATURE, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date"
        )
    try:
        signed_at = int(datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise Refusal(Fault.MALFORMED, "X-Amz-Date is not a time.") from None
    return Claim(
        access_key_id=parts[0],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        timestamp=timestamp,
        signed_at=signed_at,
        signed_headers=tuple(signed_headers.split(";")),
        signature=signature,
        token=token,
        valid_for=valid_for,
    )
