"""What a sealed store says of itself, beside its values: by which key they are sealed, and by which before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from gatepass.adapters.sealed_values import DoesNotOpen, opened, sealed, sealed_by

_VERSION = 1
# No entry can have this name: an entry's is a path of a-z, 0-9 and hyphens.
_NAME = ".store"
# OWASP's Password Storage Cheat Sheet has N=2^15, r=8, p=3 among its equal settings for scrypt.
USUAL_COST = (2**15, 8, 3)
# A note that somebody altered may neither make guessing cheap nor take all memory.
_LEAST_N, _MOST_N, _BLOCK, _MOST_LANES = 2**14, 2**20, 8, 16
_ID_LETTERS, SALT_BYTES = 16, 16


class Keeper(Enum):
    """Where the key of a store is kept."""

    KEYRING = "keyring"
    FILE = "file"
    PASSPHRASE = "passphrase"  # noqa: S105 - not one


@dataclass(frozen=True, slots=True)
class KeyNote:
    """Which key it is, and how it is had again.

    Attributes:
        key_id: what tells it from others.
        keeper: where it is kept.
        salt: what a passphrase is mixed with, in hexadecimal; empty for others.
        cost: N, r and p of scrypt.
    """

    key_id: str
    keeper: Keeper
    salt: str = ""
    cost: tuple[int, int, int] = USUAL_COST


@dataclass(frozen=True, slots=True)
class StoreNote:
    """By which key values are sealed.

    Attributes:
        key: the key.
        before: while values are moved, the key that some are sealed by still.
        from_plain: whether some may still lie there in clear, as all did once.
    """

    key: KeyNote
    before: KeyNote | None = None
    from_plain: bool = False

    @property
    def is_moving(self) -> bool:
        """Whether some values may not be sealed by the key yet."""
        return self.from_plain or self.before is not None


def note_text(note: StoreNote, key: bytes) -> bytes:
    """Return the note for its file; nobody can alter it who has not got the key."""
    said = _said(note)
    return json.dumps({**said, "seal": sealed(_NAME, _canonical(said), key).hex()}).encode() + b"\n"


def read_note(text: bytes) -> StoreNote | None:
    """Return what the file says, before it is known who wrote it; None when it is not in this form."""
    try:
        tree = json.loads(text)
        if tree["version"] != _VERSION:
            return None
        before = tree["before"]
        found = StoreNote(_key_note(tree["key"]), _key_note(before) if before is not None else None, tree["from_plain"])
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found.from_plain, bool) else None


def is_genuine(text: bytes, note: StoreNote, key: bytes) -> bool:
    """Say whether the holder of the key wrote the note as it is."""
    try:
        seal = bytes.fromhex(json.loads(text)["seal"])
        return sealed_by(seal) == note.key.key_id and opened(_NAME, seal, key) == _canonical(_said(note))
    except (ValueError, KeyError, TypeError, DoesNotOpen):
        return False


def _said(note: StoreNote) -> dict[str, object]:
    before = _key_said(note.before) if note.before is not None else None
    return {"version": _VERSION, "key": _key_said(note.key), "before": before, "from_plain": note.from_plain}


def _key_said(note: KeyNote) -> dict[str, object]:
    return {"id": note.key_id, "kept": note.keeper.value, "salt": note.salt, "scrypt": list(note.cost)}


def _key_note(tree: dict[str, object]) -> KeyNote:
    key_id, salt, cost = tree["id"], tree["salt"], tree["scrypt"]
    if not isinstance(key_id, str) or not isinstance(salt, str) or not isinstance(cost, list):
        raise TypeError
    n, r, p = (int(part) for part in cost)
    keeper = Keeper(tree["kept"])
    is_id = len(key_id) == _ID_LETTERS and not key_id.strip("0123456789abcdef")
    is_bounded = _LEAST_N <= n <= _MOST_N and not n & (n - 1) and r == _BLOCK and 1 <= p <= _MOST_LANES
    is_salt = len(bytes.fromhex(salt)) == (SALT_BYTES if keeper is Keeper.PASSPHRASE else 0)
    # The id is a part of a file's name.
    if not (is_id and is_bounded and is_salt):
        raise ValueError
    return KeyNote(key_id, keeper, salt, (n, r, p))


def _canonical(said: dict[str, object]) -> bytes:
    return json.dumps(said, sort_keys=True).encode()
