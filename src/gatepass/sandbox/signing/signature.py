"""Signature Version 4: whether the claimed signer signed exactly this request, recently."""

from __future__ import annotations

import hashlib
import hmac
import posixpath
import re
from datetime import datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from gatepass.sandbox.memory.clock import Clock
from gatepass.sandbox.signing.chunks import STREAMING, decoded_body
from gatepass.sandbox.signing.claims import ALGORITHM, Claim
from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.refusals import Fault, Refusal

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
# How far a signature's time may lie from the service's: S3 is more patient than the others.
TOLERANCE = timedelta(minutes=5)
S3_TOLERANCE = timedelta(minutes=15)

_SPACES = re.compile(r"\s+")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def verified_body(call: Call, claim: Claim, secret_access_key: str) -> bytes:
    """Return the body that was signed, without its transfer encoding.

    Raises:
        Refusal: another request was signed, or with another key.
    """
    _check_signed_headers(call, claim)
    payload_hash = _payload_hash(call, claim)
    canonical = "\n".join(
        (
            call.method,
            _canonical_path(call, claim.service),
            _canonical_query(call),
            *(f"{name}:{_canonical_header(call, name)}" for name in claim.signed_headers),
            "",
            ";".join(claim.signed_headers),
            payload_hash,
        )
    )
    key = signing_key(secret_access_key, claim)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    expected = sign(key, f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{digest}")
    if not hmac.compare_digest(expected, claim.signature):
        raise Refusal(Fault.WRONG_SIGNATURE)
    if payload_hash in STREAMING:
        return decoded_body(
            call, payload_hash, claim.signature, lambda text: sign(key, text), f"{claim.timestamp}\n{claim.scope}"
        )
    return call.body


def check_freshness(claim: Claim, clock: Clock) -> None:
    """Check that a signature is not too old by the sandbox's clock, nor from the future.

    Raises:
        Refusal: it is.
    """
    now = clock.now()
    # A signed header is sent at once; a URL may have been signed before the clock was moved.
    signed = clock.signed_at(claim.signed_at, at_latest=claim.valid_for is None)
    tolerance = S3_TOLERANCE if claim.service == "s3" else TOLERANCE
    if signed > now + tolerance:
        raise Refusal(Fault.STALE_SIGNATURE, _stale(claim, "Signature not yet current", signed, now, tolerance))
    if claim.valid_for is not None:
        if now >= signed + claim.valid_for:
            raise expired_url(claim.service)
    elif signed < now - tolerance:
        raise Refusal(Fault.STALE_SIGNATURE, _stale(claim, "Signature expired", signed, now, tolerance))


def expired_url(service: str) -> Refusal:
    """Return the refusal of a pre-signed URL whose time is over."""
    if service == "s3":
        return Refusal(Fault.ACCESS_DENIED, "Request has expired")
    return Refusal(Fault.STALE_SIGNATURE, "Signature expired: the time of the pre-signed URL is over")


def _stale(claim: Claim, words: str, signed: datetime, now: datetime, tolerance: timedelta) -> str:
    if claim.service in ("s3", "ec2"):
        # Their words for it name no times.
        return ""
    shown = "%Y%m%dT%H%M%SZ"
    comparison = "later" if signed > now else "earlier"
    minutes = int(tolerance.total_seconds()) // 60
    return f"{words}: {signed:{shown}} is now {comparison} than {now:{shown}} (tolerance {minutes} min.)"


def signing_key(secret_access_key: str, claim: Claim) -> bytes:
    """Return the key that signs everything within a credential scope."""
    key = b"AWS4" + secret_access_key.encode()
    for part in (claim.date, claim.region, claim.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return a signature in hexadecimal."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def _check_signed_headers(call: Call, claim: Claim) -> None:
    """Check that what the sandbox acts on was signed."""
    signed = set(claim.signed_headers)
    if "host" not in signed or len(signed) != len(claim.signed_headers) or list(claim.signed_headers) != sorted(signed):
        raise Refusal(Fault.WRONG_SIGNATURE)
    unsigned = sorted(name for name in call.header_names() if name.startswith("x-amz-") and name not in signed)
    if unsigned:
        words = f"There were headers present in the request which were not signed: {', '.join(unsigned)}"
        raise Refusal(Fault.ACCESS_DENIED, words)


def _payload_hash(call: Call, claim: Claim) -> str:
    """Return what the signature says of the body, after checking that it is true."""
    said = call.header("x-amz-content-sha256") or call.query_value("X-Amz-Content-SHA256")
    if claim.service in ("s3", "s3-outposts", "s3express"):
        if said is None and claim.valid_for is not None:
            return UNSIGNED_PAYLOAD
        if said == UNSIGNED_PAYLOAD or said in STREAMING:
            return said
        if said is None:
            raise Refusal(Fault.MALFORMED, "Missing required header for this request: x-amz-content-sha256")
    actual = hashlib.sha256(call.body).hexdigest()
    if said is not None and said != actual:
        # A body that does not fit its own hash is told from a hash that was not signed.
        raise Refusal(Fault.WRONG_BODY if _HEX_DIGEST.fullmatch(said) else Fault.MALFORMED)
    return actual


def _canonical_path(call: Call, service: str) -> str:
    if service == "s3":
        return quote(unquote_to_bytes(call.path), safe="/~")
    plain = posixpath.normpath(call.path) if call.path else "/"
    # normpath keeps two leading slashes, and drops one at the end.
    plain = "/" + plain.lstrip("/") + ("/" if call.path.endswith("/") and plain != "/" else "")
    return quote(plain, safe="/~")


def _canonical_query(call: Call) -> str:
    encoded = sorted(
        (quote(name, safe="~"), quote(value, safe="~")) for name, value in call.query if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _canonical_header(call: Call, name: str) -> str:
    value = call.header(name)
    if value is None:
        raise Refusal(Fault.WRONG_SIGNATURE)
    return _SPACES.sub(" ", value)
