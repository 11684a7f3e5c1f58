"""Values under AES-256-GCM: each opens with its key and under its own name only.

A sealed value is a header with the version of this form, the key's id, a random nonce of 96 bits and what AES made.
The name, which says account or customer, grant and stage, is authenticated with it, and so is the header.
"""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
# No value that a store takes holds a NUL, so none is taken for a sealed one.
_OURS = b"\x00gatepass sealed "
_HEADER = _OURS + b"1\n"
_ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 8, 12, 16
_FIRST = len(_HEADER) + _ID_BYTES


class DoesNotOpen(Exception):
    """It is cut off, was altered, lay under another name, or another key sealed it."""


def key_id(key: bytes) -> str:
    """Return what tells the key from others, and tells nothing of the key."""
    return hashlib.sha256(b"gatepass key id\n" + key).digest()[:_ID_BYTES].hex()


def is_sealed(content: bytes) -> bool:
    """Say whether the content begins as a sealed value of any version does."""
    return content.startswith(_OURS)


def sealed_by(content: bytes) -> str | None:
    """Return the id of the key that sealed it; None when this version does not know the form."""
    if not content.startswith(_HEADER) or len(content) < _FIRST + _NONCE_BYTES + _TAG_BYTES:
        return None
    return content[len(_HEADER) : _FIRST].hex()


def sealed(name: str, value: bytes, key: bytes) -> bytes:
    """Return the value sealed under the name."""
    first = _HEADER + bytes.fromhex(key_id(key))
    nonce = os.urandom(_NONCE_BYTES)
    return first + nonce + AESGCM(key).encrypt(nonce, value, first + name.encode())


def opened(name: str, content: bytes, key: bytes) -> bytes:
    """Return the value that was sealed under the name.

    Raises:
        DoesNotOpen: it is not as it was sealed.
    """
    first, nonce = content[:_FIRST], content[_FIRST : _FIRST + _NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, content[_FIRST + _NONCE_BYTES :], first + name.encode())
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None
