"""AWS's Signature Version 4, for requests without a query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from gatepass.domain.session import Credentials

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(  # noqa: PLR0913 - all of it is signed
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    *,
    region: str,
    service: str,
    instant: str,
    path: str = "/",
    method: str = "POST",
) -> dict[str, str]:
    """Return the headers with those added that prove who sends the request.

    Args:
        headers: what else is sent, ``host`` among it; names in small letters.
        body: what is sent.
        credentials: the sender's.
        region: where it goes.
        service: to whom, by the name that AWS signs with.
        instant: when, such as ``20261122T080000Z``.
        path: the resource, encoded already.
        method: what is done to it.
    """
    sent = {**headers, "x-amz-date": instant}
    if credentials.session_token:
        sent["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in sorted(sent))
    canonical = "\n".join([method, path, "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{instant[:8]}/{region}/{service}/aws4_request"
    text = "\n".join([_ALGORITHM, instant, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + credentials.secret_access_key.encode()
    for part in scope.split("/"):
        key = _keyed(key, part)
    signature = _keyed(key, text).hex()
    credential = f"{credentials.access_key_id}/{scope}"
    sent["authorization"] = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return sent


def _keyed(key: bytes, text: str) -> bytes:
    # The quicker hmac.digest lets other threads run each time, and with hundreds of them that costs far more than it.
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
