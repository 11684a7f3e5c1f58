"""Files that one side signs and hands to the other: readable JSON, with the key and the signature in it.

    {"gatepass": "request", "version": 1, "request": {...}, "key": "ed25519:...", "signature": "..."}

What is signed is not the text but one encoding of what it says, with the kind, the version and
the key in front: white space may change on the way, and no file passes for one of another kind.
The signature shows that whoever holds the key wrote this. Whose key it is, it cannot show.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import quoted, read_json

# More than any file of ours, and little enough to read whole from anybody.
LARGEST_FILE = 65_536
# No body of ours is nested deeper.
_DEEPEST = 8
_VERSION = 1
_ALGORITHM = "ed25519"
# RFC 8032, section 5.1.
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
# Crockford's base 32: no I, L, O and U, which are misheard and misread.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _LETTERS_A_GROUP = 8, 4


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key, which may be shown to anybody; its text reads ``ed25519:<base64>``."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _KEY_BYTES:
            raise _wrong("its key is not one of Ed25519")

    def __str__(self) -> str:
        return f"{_ALGORITHM}:{base64.b64encode(self.raw).decode()}"

    @property
    def fingerprint(self) -> str:
        """160 bits of the key's SHA-256 as eight groups of four letters, to compare by telephone."""
        number = int.from_bytes(hashlib.sha256(self.raw).digest()[:20], "big")
        letters = [_LETTERS[number >> shift & 31] for shift in range(155, -1, -5)]
        groups = ["".join(letters[group * _LETTERS_A_GROUP :][:_LETTERS_A_GROUP]) for group in range(_GROUPS)]
        return "-".join(groups)


@dataclass(frozen=True, slots=True)
class SignedFile:
    """What a signed file says, before anybody has checked the signature.

    Attributes:
        kind: what the file is, such as ``request``.
        body: what is signed.
        key: who is said to have signed it.
    """

    kind: str
    body: Mapping[str, object]
    key: PublicKey
    signature: bytes = field(repr=False)

    @property
    def message(self) -> bytes:
        """The bytes that the signature is over."""
        return message_to_sign(self.kind, self.body, self.key)

    @property
    def tree(self) -> dict[str, object]:
        """The file as a JSON object."""
        return {
            "gatepass": self.kind,
            "version": _VERSION,
            self.kind: dict(self.body),
            "key": str(self.key),
            "signature": base64.b64encode(self.signature).decode(),
        }

    @property
    def text(self) -> str:
        """The file itself."""
        return json.dumps(self.tree, indent=2, ensure_ascii=False) + "\n"


def message_to_sign(kind: str, body: Mapping[str, object], key: PublicKey) -> bytes:
    """Return the bytes to sign: what the file is, whose key signs, and one encoding of what it says."""
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return f"gatepass signed file\n{kind}\n{_VERSION}\n{key}\n{plain}".encode("ascii")


def parse_public_key(text: str) -> PublicKey:
    """Return the key of its text.

    Raises:
        InvalidInput: the text is no key, or not as we write keys.
    """
    algorithm, _, encoded = text.partition(":")
    if algorithm != _ALGORITHM:
        raise _wrong("its key is not one of Ed25519")
    return PublicKey(_decoded(encoded, "key"))


def parse_signature(encoded: str) -> bytes:
    """Return the bytes of a signature's text.

    Raises:
        InvalidInput: the text is no signature, or not as we write them.
    """
    signature = _decoded(encoded, "signature")
    if len(signature) != _SIGNATURE_BYTES:
        raise _wrong("its signature is not one of Ed25519")
    return signature


def is_of_kind(text: str, kind: str) -> bool:
    """Say whether the text presents itself as a signed file of that kind; nothing else of it is looked at."""
    try:
        tree = read_json(text) if len(text) <= LARGEST_FILE else None
    except InvalidInput:
        return False
    return isinstance(tree, dict) and tree.get("gatepass") == kind


def parse_signed_file(text: str, kind: str) -> SignedFile:
    """Return what a signed file of that kind says; the signature is still to be checked.

    Raises:
        InvalidInput: too large, not JSON, of another kind or version, or with a key missing or unknown.
    """
    if len(text.encode(errors="replace")) > LARGEST_FILE:
        raise _wrong(f"it is larger than {LARGEST_FILE // 1024} KB")
    tree = read_json(text, _whole_number)
    if not isinstance(tree, dict) or "gatepass" not in tree:
        raise _wrong("it does not begin as a file of Gatepass does")
    if tree["gatepass"] != kind:
        raise _wrong(f"it is not {'an' if kind[0] in 'aeiou' else 'a'} {kind}")
    if tree.get("version") != _VERSION or isinstance(tree.get("version"), bool):
        raise _wrong("it is of a version that this Gatepass does not know", "use a newer Gatepass, or ask for one")
    demand_keys(tree, {"gatepass", "version", kind, "key", "signature"})
    match tree[kind], tree["key"], tree["signature"]:
        case dict() as body, str() as key, str() as encoded if _is_shallow(body, _DEEPEST):
            signature = parse_signature(encoded)
        case _:
            raise _wrong("a part of it is of another type than it must be, or nested too deeply")
    return SignedFile(kind, body, parse_public_key(key), signature)


def demand_keys(tree: Mapping[str, object], names: set[str]) -> None:
    """Let only objects pass that have exactly these keys: an unread one would be something nobody agreed to.

    Raises:
        InvalidInput: one is missing or unknown.
    """
    missing, unknown = sorted(names - set(tree)), sorted(set(tree) - names)
    if missing:
        raise _wrong(f"it lacks the key {missing[0]}")
    if unknown:
        raise _wrong(f"it has a key{quoted(unknown[0])} that nobody would read")


def _is_shallow(value: object, levels: int) -> bool:
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return levels > 0 and all(_is_shallow(part, levels - 1) for part in parts)


def _whole_number(text: str) -> int:
    # Numbers that programs read differently have no place in what is signed.
    if not text.isdecimal() or len(text) > 15:
        raise _wrong("a number in it is no plain whole number")
    return int(text)


def _decoded(encoded: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    # Base64 can write the same bytes in several ways; one of them is ours.
    if not raw or base64.b64encode(raw).decode() != encoded:
        raise _wrong(f"its {name} is not base64 as Gatepass writes it")
    return raw


def _wrong(why: str, next_step: str = "ask for the file again, and take it as it was written") -> InvalidInput:
    return InvalidInput("the file cannot be used", why=why, next_step=next_step)
