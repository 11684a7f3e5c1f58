"""Unique IDs in AWS's form: a prefix that says what it is, the account, and chance."""

from __future__ import annotations

import base64
import binascii
import secrets

USER_PREFIX = "AIDA"
GROUP_PREFIX = "AGPA"
ROLE_PREFIX = "AROA"
LONG_TERM_KEY_PREFIX = "AKIA"
TEMPORARY_KEY_PREFIX = "ASIA"
ENTITY_ID_LENGTH = 21
ACCESS_KEY_ID_LENGTH = 20
HIGHEST_ACCOUNT = 999_999_999_999

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_EVEN, _ODD = _ALPHABET[:16], _ALPHABET[16:]
# AWS's encoding, and moto's: half the account number above this offset in base 32, then a letter for even or odd.
_OFFSET = 1 << 39


def unique_id(prefix: str, account: str, length: int) -> str:
    """Return a new ID of an account."""
    number = int(account)
    half = (number // 2 + _OFFSET).to_bytes(5, "big")
    parity = secrets.choice(_ODD if number % 2 else _EVEN)
    start = prefix + base64.b32encode(half).decode() + parity
    return start + "".join(secrets.choice(_ALPHABET) for _ in range(length - len(start)))


def account_of(identifier: str) -> str | None:
    """Return the account that an ID belongs to, or ``None`` when it is no such ID."""
    if len(identifier) < len(USER_PREFIX) + 9 or not identifier.isascii():
        return None
    try:
        half = int.from_bytes(base64.b32decode(identifier[4:12]), "big") - _OFFSET
    except binascii.Error:
        return None
    number = half * 2 + (identifier[12] in _ODD)
    return f"{number:012d}" if 0 <= number <= HIGHEST_ACCOUNT else None


def secret_key() -> str:
    """Return a new secret access key."""
    return secrets.token_urlsafe(30)
