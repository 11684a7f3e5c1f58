"""S3's chunked bodies: each chunk with a signature of its own, or all of them with a checksum behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from gatepass.sandbox.wire.call import Call
from gatepass.sandbox.wire.refusals import Fault, Refusal

_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
_UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING = frozenset({_SIGNED, _SIGNED_WITH_TRAILER, _UNSIGNED_WITH_TRAILER})

_EMPTY = hashlib.sha256(b"").hexdigest()
_MALFORMED = "The body is not a sequence of chunks."

Sign = Callable[[str], str]


@dataclass(slots=True)
class _Chain:
    """The chain of signatures: each covers the one before."""

    sign: Sign
    scope: str
    last: str

    def check(self, label: str, data: bytes, signature: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        covered = f"{_EMPTY}\n{digest}" if label == "PAYLOAD" else digest
        expected = self.sign(f"AWS4-HMAC-SHA256-{label}\n{self.scope}\n{self.last}\n{covered}")
        if not hmac.compare_digest(expected, signature):
            raise Refusal(Fault.WRONG_SIGNATURE)
        self.last = expected


def decoded_body(call: Call, form: str, seed_signature: str, sign: Sign, scope: str) -> bytes:
    """Return the content of a chunked body.

    Raises:
        Refusal: a chunk was not signed by the caller, a checksum is wrong, or the body is malformed.
    """
    chain = None if form == _UNSIGNED_WITH_TRAILER else _Chain(sign, scope, seed_signature)
    content, rest = _chunks(call.body, chain)
    trailers = _trailers(rest, chain if form == _SIGNED_WITH_TRAILER else None) if form != _SIGNED else {}
    promised = {name.strip().lower() for name in (call.header("x-amz-trailer") or "").split(",") if name.strip()}
    if promised - trailers.keys():
        raise Refusal(Fault.MALFORMED, "The body lacks the trailer that its header promised.")
    if (call.header("x-amz-decoded-content-length") or str(len(content))) != str(len(content)):
        raise Refusal(Fault.MALFORMED, "The body has another length than its header says.")
    for name, value in trailers.items():
        _check_checksum(name, value, content)
    return content


def _chunks(body: bytes, chain: _Chain | None) -> tuple[bytes, bytes]:
    """Return the content and what follows the last chunk."""
    content, position = bytearray(), 0
    while True:
        end = body.find(b"\r\n", position)
        if end < 0:
            raise Refusal(Fault.MALFORMED, _MALFORMED)
        size_text, _, extension = body[position:end].decode("latin-1").partition(";")
        if not size_text or len(size_text) > 12 or not set(size_text) <= set("0123456789abcdefABCDEF"):
            raise Refusal(Fault.MALFORMED, _MALFORMED)
        size, start = int(size_text, 16), end + 2
        data = body[start : start + size]
        if len(data) != size:
            raise Refusal(Fault.MALFORMED, _MALFORMED)
        if chain is not None:
            chain.check("PAYLOAD", data, extension.removeprefix("chunk-signature="))
        if size == 0:
            return bytes(content), body[start:]
        if body[start + size : start + size + 2] != b"\r\n":
            raise Refusal(Fault.MALFORMED, _MALFORMED)
        content += data
        position = start + size + 2


def _trailers(rest: bytes, chain: _Chain | None) -> dict[str, str]:
    trailers: dict[str, str] = {}
    covered = b""
    for line in rest.split(b"\r\n"):
        for part in line.split(b"\n"):
            name, colon, value = part.decode("latin-1").partition(":")
            if not colon:
                continue
            if name.lower() != "x-amz-trailer-signature":
                trailers[name.strip().lower()] = value.strip()
                covered += f"{name.strip().lower()}:{value.strip()}\n".encode()
            elif chain is not None:
                chain.check("TRAILER", covered, value.strip())
                return trailers
    if chain is not None:
        raise Refusal(Fault.WRONG_SIGNATURE)
    return trailers


def _check_checksum(name: str, value: str, content: bytes) -> None:
    match name:
        case "x-amz-checksum-crc32":
            actual = zlib.crc32(content).to_bytes(4, "big")
        case "x-amz-checksum-sha256":
            actual = hashlib.sha256(content).digest()
        case "x-amz-checksum-sha1":
            actual = hashlib.sha1(content, usedforsecurity=False).digest()
        case _:
            # CRC32C and CRC64NVME need more than the standard library.
            return
    if base64.b64encode(actual).decode() != value:
        algorithm = name.removeprefix("x-amz-checksum-").upper()
        raise Refusal(None, f"The {algorithm} you specified did not match the calculated checksum.", "BadDigest", 400)
