"""Terraform's values on the wire: msgpack, with a sign of its own for what is not yet known."""

from __future__ import annotations

import json
from typing import Any

import msgpack

Attributes = dict[str, Any]


class Unknown:
    """A value that only applying will tell."""


UNKNOWN = Unknown()
# https://github.com/zclconf/go-cty/blob/main/docs/concepts.md: extension type 0 is an unknown value.
_UNKNOWN_CODE = 0


def unpacked(packed: bytes) -> Attributes | None:
    """Return an object's attributes, or None for no object."""
    found: Attributes | None = msgpack.unpackb(packed, raw=False, ext_hook=lambda _code, _data: UNKNOWN)
    return found


def packed(value: Attributes | None) -> bytes:
    """Return the bytes of an object."""
    found: bytes = msgpack.packb(value, default=_extension, use_bin_type=True)
    return found


def _extension(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return msgpack.ExtType(_UNKNOWN_CODE, b"\x00")
    raise TypeError(type(value).__name__)


def same_json(some: object, other: object) -> bool:
    """Say whether two policies mean the same JSON; the real provider keeps the text that was written then."""
    try:
        return bool(json.loads(str(some)) == json.loads(str(other)))
    except ValueError:
        return False
