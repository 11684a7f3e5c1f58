"""Ed25519 signatures, and the engineer's own key in a private file."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.errors import Conflict
from gatepass.domain.signed_file import PublicKey
from gatepass.private_files import read_private, state_folder, write_private


class FileSigningKey:
    """One's own key, made at its first use and kept as PKCS 8 in a file that only its owner may read."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the key from the folder, by default in the user's state folder, or make it.

        Raises:
            Conflict: the file is not for its owner alone, or holds no such key.
            GatepassError: it cannot be written.
        """
        folder = folder or state_folder() / "keys"
        path = folder / "signing-key.pem"
        # Two first uses at once must not end with two keys.
        with sole_writer(folder):
            self._key = _read(path) or _made(path)

    def __repr__(self) -> str:
        return f"FileSigningKey({self.public_key.fingerprint})"

    @property
    def public_key(self) -> PublicKey:
        """The half that anybody may have."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""
        return self._key.sign(message)


class Ed25519Signatures:
    """Ed25519 as RFC 8032 has it, by the library ``cryptography``."""

    def is_signed_by(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        """Say whether the holder of the key signed exactly this."""
        try:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def _made(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def _read(path: Path) -> Ed25519PrivateKey | None:
    try:
        content = read_private(path)
    except FileNotFoundError:
        return None
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Conflict(
            f"{path} is not used",
            why="it is no Ed25519 key as Gatepass writes it; customers know you by the key that was there",
            next_step="put the right file back from a backup; without one, move it away and a new key is made",
        )
    return key
