"""age, by the library ``pyrage``: text sealed to a key or behind a passphrase, as the standard tool reads it."""

from __future__ import annotations

from collections.abc import Sequence

import pyrage

from gatepass.domain.errors import InvalidInput

# A sealed pass is far smaller; nobody's larger file is decrypted.
_LARGEST = 65_536


class AgeSealer:
    """Seals to X25519 recipients."""

    def seal(self, text: str, recipient: str) -> str:
        """Return the text sealed to the age recipient, armoured."""
        try:
            key = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            raise InvalidInput(
                "that is not an age recipient",
                why="it was mistyped, or is the recipient of another kind of key",
                next_step="copy it from the provider's offer: gatepass review OFFER",
            ) from None
        sealed: bytes = pyrage.encrypt(text.encode(), [key], armored=True)
        return sealed.decode("ascii")


class AgeOpener:
    """Opens what was sealed to any of some X25519 identities."""

    def __init__(self, identities: Sequence[str]) -> None:
        """Hold the identities, ``AGE-SECRET-KEY-1...``.

        Raises:
            InvalidInput: one of them is none; it is not repeated.
        """
        self._identities = [read_identity(each) for each in identities]

    def __repr__(self) -> str:
        return f"AgeOpener({len(self._identities)} identities)"

    def open(self, sealed: str) -> str:
        """Return what was sealed."""
        _demand_small(sealed)
        try:
            opened: bytes = pyrage.decrypt(sealed.strip().encode(), self._identities)
            return opened.decode()
        except (pyrage.DecryptError, UnicodeDecodeError):
            raise InvalidInput(
                "the sealed part cannot be opened",
                why="it was sealed to another key than yours, or was changed on the way",
                next_step="compare the fingerprint: gatepass keys show; then ask for it to be sealed anew",
            ) from None


class AgeStrongbox:
    """Locks behind a passphrase with scrypt, as ``age --passphrase`` does."""

    def lock(self, text: str, passphrase: str) -> str:
        """Return the text locked, armoured."""
        locked: bytes = pyrage.passphrase.encrypt(text.encode(), passphrase, armored=True)
        return locked.decode("ascii")

    def unlock(self, locked: str, passphrase: str) -> str:
        """Return what was locked."""
        _demand_small(locked)
        try:
            opened: bytes = pyrage.passphrase.decrypt(locked.strip().encode(), passphrase)
            return opened.decode()
        except (pyrage.DecryptError, UnicodeDecodeError):
            raise InvalidInput(
                "the backup cannot be opened",
                why="the passphrase is another, or the file is no backup, or was changed",
                next_step="type the passphrase again; the file is as gatepass keys export wrote it",
            ) from None


def read_identity(text: str) -> pyrage.x25519.Identity:
    """Return the identity of its text.

    Raises:
        InvalidInput: it is none; the text is not repeated.
    """
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise InvalidInput(
            "that is not an age identity",
            why="the provider's keys are not as Gatepass writes them",
            next_step="restore them from a backup: gatepass keys init --from-backup FILE",
        ) from None


def _demand_small(text: str) -> None:
    if len(text) > _LARGEST:
        raise InvalidInput(
            f"the sealed part is larger than {_LARGEST // 1024} KB",
            why="nothing that Gatepass seals is that large",
            next_step="name the file that you were sent",
        )
