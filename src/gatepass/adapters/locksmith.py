"""The provider's keys: an age X25519 identity by ``pyrage``, an Ed25519 key by ``cryptography``."""

from __future__ import annotations

import base64
import binascii

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gatepass.adapters.sealing import read_identity
from gatepass.domain.errors import InvalidInput
from gatepass.domain.provider_keys import PublicHalves, SecretHalves
from gatepass.domain.signed_file import PublicKey
from gatepass.ports.signatures import SigningKey


class AgeLocksmith:
    """Keys by the two libraries."""

    def make(self) -> SecretHalves:
        """Return new keys of the system's randomness."""
        identity = str(pyrage.x25519.Identity.generate())
        return SecretHalves(identity, base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode())

    def public_halves(self, secret: SecretHalves) -> PublicHalves:
        """Return what may be shown of the keys."""
        return PublicHalves(str(read_identity(secret.identity).to_public()), self.signing_key(secret).public_key)

    def signing_key(self, secret: SecretHalves) -> SigningKey:
        """Return the key that signs."""
        try:
            return HeldSigningKey(Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.seed, validate=True)))
        except (binascii.Error, ValueError):
            raise InvalidInput(
                "that is not an Ed25519 key",
                why="the provider's keys are not as Gatepass writes them",
                next_step="restore them from a backup: gatepass keys init --from-backup FILE",
            ) from None


class HeldSigningKey:
    """An Ed25519 key in memory; its private half never leaves it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Hold the key."""
        self._key = key

    def __repr__(self) -> str:
        return f"HeldSigningKey({self.public_key.fingerprint})"

    @property
    def public_key(self) -> PublicKey:
        """The half that anybody may have."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""
        return self._key.sign(message)
