"""Keys that sign, and the mathematics of signatures."""

from __future__ import annotations

from typing import Protocol

from gatepass.domain.provider_keys import PublicHalves, SecretHalves
from gatepass.domain.signed_file import PublicKey


class SigningKey(Protocol):
    """A key of one's own that signs what is handed to the other side; its private half never leaves it."""

    @property
    def public_key(self) -> PublicKey:
        """The half that anybody may have."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over the message."""


class SignatureChecker(Protocol):
    """The mathematics of signatures."""

    def is_signed_by(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        """Say whether the holder of the key signed exactly this."""


class Locksmith(Protocol):
    """The mathematics of the provider's own keys."""

    def make(self) -> SecretHalves:
        """Return new keys that nobody can guess."""

    def public_halves(self, secret: SecretHalves) -> PublicHalves:
        """Return what may be shown of the keys.

        Raises:
            InvalidInput: they are no keys of ours.
        """

    def signing_key(self, secret: SecretHalves) -> SigningKey:
        """Return the key that signs.

        Raises:
            InvalidInput: it is none.
        """
