"""Signature Version 2 in the query string: what boto3 and the AWS CLI make of a pre-signed S3 URL in old Regions."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult

from botocore.auth import HmacV1Auth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from gatepass.sandbox.memory.clock import Clock
from gatepass.sandbox.signing.signature import expired_url
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.refusals import Fault, Refusal

# How long both clients make a URL valid unless they are told. The URL itself says only when it ends.
USUAL_VALIDITY = timedelta(hours=1)

# The one line of what is signed that is left out when it is empty.
_CUSTOM_HEADERS = 4
_PARAMETERS = ("AWSAccessKeyId", "Signature", "Expires")


@dataclass(frozen=True)
class LegacyClaim:
    """What Signature Version 2 says of itself, not yet proved; `expires` is wall time in seconds since 1970."""

    access_key_id: str
    expires: int
    signature: str = field(repr=False)
    token: str | None = field(repr=False)


def read_legacy_claim(call: Call) -> LegacyClaim | None:
    """Read who claims to have signed a URL, or ``None`` when it is not signed this way.

    Raises:
        Refusal: it is signed twice, or its expiry is no number.
    """
    key_id, signature, expires = (call.query_value(name) for name in _PARAMETERS)
    if key_id is None or signature is None or expires is None:
        return None
    if call.header("authorization") is not None or any(name.startswith("X-Amz-") for name, _ in call.query):
        raise Refusal(Fault.MALFORMED, "Only one auth mechanism allowed")
    if not expires.isascii() or not expires.isdecimal() or len(expires) > 11:
        raise Refusal(Fault.MALFORMED, "Expires is no time.")
    return LegacyClaim(key_id, int(expires), signature, call.query_value("x-amz-security-token"))


def check_legacy_signature(call: Call, claim: LegacyClaim, secret_access_key: str, s3_path: str) -> None:
    """Check that the claimed signer signed exactly this request.

    Raises:
        Refusal: another request was signed, or with another key.
    """
    headers = HTTPHeaders()
    # In a URL, parameters of this form stand for headers.
    for name, value in ((name, call.header(name) or "") for name in call.header_names()):
        if name.startswith("x-amz-"):
            headers[name] = value
    for name, value in call.query:
        if name.startswith("x-amz-") and name not in headers:
            headers[name] = value
    signer = HmacV1Auth(Credentials(claim.access_key_id, secret_access_key))
    lines = [
        call.method,
        call.header("content-md5") or "",
        call.header("content-type") or "",
        str(claim.expires),
        signer.canonical_custom_headers(headers),
        signer.canonical_resource(SplitResult("http", call.host, call.path, call.query_string, ""), auth_path=s3_path),
    ]
    expected = signer.sign_string(
        "\n".join(line for place, line in enumerate(lines) if line or place != _CUSTOM_HEADERS)
    )
    if not hmac.compare_digest(expected, claim.signature):
        raise Refusal(Fault.WRONG_SIGNATURE)


def check_legacy_expiry(claim: LegacyClaim, clock: Clock) -> None:
    """Check that a URL's time is not over by the sandbox's clock.

    The URL does not say when it was signed, and so not by which clock. The clients' usual validity tells; a URL
    that cannot have been signed with it counts as signed before the clock was ever moved.

    Raises:
        Refusal: its time is over.
    """
    now = clock.now()
    signed = clock.signed_at(claim.expires - int(USUAL_VALIDITY.total_seconds()), at_latest=False)
    ends = signed + USUAL_VALIDITY if signed <= now else datetime.fromtimestamp(claim.expires, UTC)
    if now >= ends:
        raise expired_url("s3")
