"""S3's chunked bodies, as SDKs of other languages send them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import Letter, Reply
from tests.sandbox.setting import CUSTOMER, Keys, client, root

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY = hashlib.sha256(b"").hexdigest()
PARTS = [b"first " * 100, b"second"]
CONTENT = b"".join(PARTS)


@dataclass
class Signer:
    """Signs a chunked request from nothing but the documentation."""

    keys: Keys
    headers: dict[str, str]
    last: str = ""

    def __post_init__(self) -> None:
        self.time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self.headers["x-amz-date"] = self.time
        self.scope = f"{self.time[:8]}/us-east-1/s3/aws4_request"
        key = b"AWS4" + self.keys.secret_access_key.encode()
        for part in self.scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self.key = key

    def sign(self, text: str) -> str:
        self.last = hmac.digest(self.key, text.encode(), "sha256").hex()
        return self.last

    def authorization(self, path: str) -> str:
        names = sorted(self.headers)
        lines = "".join(f"{name}:{self.headers[name]}\n" for name in names)
        canonical = f"PUT\n{path}\n\n{lines}\n{';'.join(names)}\n{self.headers['x-amz-content-sha256']}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = self.sign(f"AWS4-HMAC-SHA256\n{self.time}\n{self.scope}\n{digest}")
        credential = f"Credential={self.keys.access_key_id}/{self.scope}"
        return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={';'.join(names)}, Signature={signature}"

    def chunk(self, data: bytes) -> bytes:
        previous = self.last
        covered = f"{EMPTY}\n{hashlib.sha256(data).hexdigest()}"
        signature = self.sign(f"AWS4-HMAC-SHA256-PAYLOAD\n{self.time}\n{self.scope}\n{previous}\n{covered}")
        return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data

    def trailer(self, lines: str) -> str:
        previous = self.last
        covered = hashlib.sha256(lines.encode()).hexdigest()
        return self.sign(f"AWS4-HMAC-SHA256-TRAILER\n{self.time}\n{self.scope}\n{previous}\n{covered}")


@pytest.fixture(scope="module")
def keys(aws: EmbeddedAws) -> Keys:
    keys = root(aws, CUSTOMER)
    client(aws, "s3", keys).create_bucket(Bucket="chunked")
    return keys


def put(aws: EmbeddedAws, keys: Keys, form: str, change: tuple[bytes, bytes] = (b"", b"")) -> Reply:
    """Put an object in chunks, changing the body after it was signed."""
    headers = {
        "host": aws.endpoint.removeprefix("http://"),
        "content-encoding": "aws-chunked",
        "x-amz-content-sha256": form,
        "x-amz-decoded-content-length": str(len(CONTENT)),
    }
    if form != SIGNED:
        headers["x-amz-trailer"] = "x-amz-checksum-crc32"
    signer = Signer(keys, headers)
    authorization = signer.authorization("/chunked/object")
    checksum = f"x-amz-checksum-crc32:{base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, 'big')).decode()}"
    if form == UNSIGNED_WITH_TRAILER:
        body = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in PARTS)
        body += f"0\r\n{checksum}\r\n\r\n".encode()
    else:
        body = b"".join(signer.chunk(part) + b"\r\n" for part in PARTS) + signer.chunk(b"")
        if form == SIGNED_WITH_TRAILER:
            signature = signer.trailer(checksum + "\n")
            body += f"{checksum}\r\nx-amz-trailer-signature:{signature}\r\n".encode()
        body += b"\r\n"
    body = body.replace(*change, 1) if change[0] else body
    return Letter(aws, "PUT", "/chunked/object", {**headers, "Authorization": authorization}, body).send()


CHANGES = [(b"second", b"sec0nd"), (b"6", b"7"), (b"6", b"-6")]
CHANGED_SIGNED = [(form, change) for form in (SIGNED, SIGNED_WITH_TRAILER) for change in
                  [*CHANGES, (b"0;chunk-signature=", b"0;chunk-signature=0")]]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "change"),
    [*CHANGED_SIGNED, *((UNSIGNED_WITH_TRAILER, each) for each in [*CHANGES, (b"0\r\n", b"0\r\nx")])],
)
def test_a_changed_body_is_refused(aws: EmbeddedAws, keys: Keys, form: str, change: tuple[bytes, bytes]) -> None:
    assert put(aws, keys, form, change).status in (400, 403)


@pytest.mark.parametrize("form", [SIGNED_WITH_TRAILER, UNSIGNED_WITH_TRAILER])
def test_a_promised_checksum_must_be_there_and_right(aws: EmbeddedAws, keys: Keys, form: str) -> None:
    assert put(aws, keys, form, (b"x-amz-checksum-crc32:", b"x-amz-checksum-none:")).status in (400, 403)
    assert put(aws, keys, form, (b"x-amz-checksum-crc32:", b"x-amz-checksum-crc32:AAAA")).status in (400, 403)


def test_a_signed_trailer_must_be_signed(aws: EmbeddedAws, keys: Keys) -> None:
    assert put(aws, keys, SIGNED_WITH_TRAILER, (b"x-amz-trailer-signature:", b"x-amz-trailer-other:")).status == 403


def test_other_services_take_no_unsigned_bodies(aws: EmbeddedAws, keys: Keys) -> None:
    letter = Letter(aws, "POST", "/", {"X-Amz-Target": "AmazonSSM.DescribeParameters"}, b"{}")

    for form in ("UNSIGNED-PAYLOAD", UNSIGNED_WITH_TRAILER, "x"):
        assert letter.with_headers(X_Amz_Content_Sha256=form).signed(keys, "ssm").send().status == 400


@pytest.mark.parametrize("form", [SIGNED, SIGNED_WITH_TRAILER, UNSIGNED_WITH_TRAILER])
def test_a_body_in_chunks_arrives_whole(aws: EmbeddedAws, keys: Keys, form: str) -> None:
    assert put(aws, keys, form).status == 200

    found = client(aws, "s3", keys).get_object(Bucket="chunked", Key="object")

    assert found["Body"].read() == CONTENT
    assert "aws-chunked" not in found.get("ContentEncoding", "")
