"""Where secrets lie, and what keeps text behind keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class SecretStore(Protocol):
    """Where secrets lie on one side; names are paths such as ``customer/444455556666/support``."""

    @property
    def title(self) -> str:
        """Where they lie, in words for a person."""

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name.

        Raises:
            InvalidInput: the name is none that every store takes.
            AccessRefused: the credentials may not read it.
        """

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, by name; in as few calls as the store allows.

        Raises:
            InvalidInput: a name is none that every store takes.
            AccessRefused: the credentials may not read one of them.
        """

    def put(self, name: str, value: str) -> None:
        """Keep the secret, text of at most 4 KB, instead of what was there.

        Raises:
            InvalidInput: the name or the value is none that every store takes.
            AccessRefused: the credentials may not write it.
        """

    def delete(self, name: str) -> None:
        """Forget the secret; deleting what is gone is a success.

        Raises:
            InvalidInput: the name is none that every store takes.
            AccessRefused: the credentials may not delete it.
        """

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names of the secrets that lie under the prefix, without reading any secret.

        Args:
            prefix: a path such as ``netops``, whose secrets are named ``netops/...``; empty for every name there is.

        Raises:
            InvalidInput: the prefix is none that every store takes.
            AccessRefused: the credentials may not list them.
        """


class Sealer(Protocol):
    """What makes text readable for one holder of a key only."""

    def seal(self, text: str, recipient: str) -> str:
        """Return the text sealed to the age recipient, as armoured text that the standard age tool reads.

        Raises:
            InvalidInput: that is no recipient, mistyped ones included.
        """


class Opener(Protocol):
    """The holder of the keys that text was sealed to."""

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            InvalidInput: it is not sealed text, was changed, or was sealed to another key.
        """


class Strongbox(Protocol):
    """What keeps text behind a passphrase."""

    def lock(self, text: str, passphrase: str) -> str:
        """Return the text locked, as armoured text that the standard age tool reads."""

    def unlock(self, locked: str, passphrase: str) -> str:
        """Return what was locked.

        Raises:
            InvalidInput: it is not locked text, was changed, or the passphrase is another.
        """
