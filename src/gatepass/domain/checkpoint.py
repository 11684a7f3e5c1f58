"""What a log says of itself at one size: its name, how many records it has and the head of their tree, signed.

The form is that of C2SP's tlog-checkpoint and signed-note, which other tools of transparency logs read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from gatepass.domain.errors import InvalidInput
from gatepass.domain.signed_file import PublicKey

_ORIGIN = re.compile(r"[A-Za-z0-9./-]{1,128}", re.ASCII)
_ED25519 = b"\x01"
_HEAD_BYTES = 32
_KEY_ID_BYTES = 4
# The dash that the form prescribes before each signature.
_DASH = "—"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log.

    Attributes:
        origin: the log's name, such as ``gatepass/111122223333``.
        size: how many records it has.
        head: the head of their tree, 32 bytes.
    """

    origin: str
    size: int
    head: bytes

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin) or self.size < 0 or len(self.head) != _HEAD_BYTES:
            raise _unreadable("it names no log, or no size or head of one")

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.head).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint, and what is said to be its signature."""

    checkpoint: Checkpoint
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The signed note."""
        signed = base64.b64encode(self.key_id + self.signature).decode()
        return f"{self.checkpoint.text}\n{_DASH} {self.checkpoint.origin} {signed}\n"

    def names(self, key: PublicKey) -> bool:
        """Say whether the note claims to be signed by this key; it does not show that it is."""
        return self.key_id == key_id(self.checkpoint.origin, key)


def key_id(origin: str, key: PublicKey) -> bytes:
    """Return the four bytes by which a note names the key of its signature (C2SP signed-note)."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + key.raw).digest()[:_KEY_ID_BYTES]


def parse_checkpoint(text: str) -> SignedCheckpoint:
    """Return what a signed note says; nobody has checked its signature yet.

    Raises:
        InvalidInput: it is no checkpoint as Gatepass writes them.
    """
    lines = text.split("\n")
    if len(lines) != 6 or lines[3] or lines[5]:
        raise _unreadable("it has not the lines of one")
    origin, size, head = lines[:3]
    dash, _, signature = lines[4].partition(f" {origin} ")
    if dash != _DASH or not re.fullmatch(r"0|[1-9][0-9]{0,15}", size, re.ASCII):
        raise _unreadable("its size or its signature is not written as one")
    signed = _decoded(signature)
    return SignedCheckpoint(
        Checkpoint(origin, int(size), _decoded(head)), signed[:_KEY_ID_BYTES], signed[_KEY_ID_BYTES:]
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable("a part of it is not base64") from None


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput("that is no checkpoint of a log", why=why, next_step="take the whole note, as it was written")
