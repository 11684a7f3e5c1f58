"""Secrets in the desktop's own keyring: Secret Service, KWallet, macOS Keychain, Windows Credential Locker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gatepass.domain.errors import GatepassError
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "gatepass"
# keyring's own line between backends to rely on and makeshifts, of which some write plain text.
_RECOMMENDED = 1
_OTHER_STORES = "keep secrets in another store: file, ssm or secrets-manager"


class KeyringSecrets:
    """The keyring that the library ``keyring`` finds, unless it would only pretend to be one."""

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        """Use the backend, by default the one that is configured or found.

        Raises:
            GatepassError: the library is missing, or there is no keyring that protects what it keeps.
        """
        self._backend = backend or _found()
        _demand_protection(self._backend)

    @property
    def title(self) -> str:
        """Where the secrets lie."""
        return f"the keyring of this desktop ({self._backend.name})"

    def get(self, name: str) -> str | None:
        """Return the secret, or None when there is none of that name."""
        demand_secret_name(name)
        with _in_our_words("read"):
            return self._backend.get_password(_SERVICE, name)

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        demand_secret_name(name)
        demand_secret_value(value)
        with _in_our_words("written"):
            self._backend.set_password(_SERVICE, name, value)

    def delete(self, name: str) -> None:
        """Forget the secret."""
        # Backends call a secret that is not there an error, each with words of its own.
        if self.get(name) is None:
            return
        with _in_our_words("cleared"):
            self._backend.delete_password(_SERVICE, name)


def _found() -> KeyringBackend:
    try:
        import keyring  # noqa: PLC0415 - an optional extra, and looking for backends takes its time
    except ModuleNotFoundError:
        raise GatepassError(
            "secrets cannot be kept in a keyring",
            why="the Python package keyring is not installed",
            next_step=f"pip install 'gatepass[keyring]', or {_OTHER_STORES}",
        ) from None
    try:
        return keyring.get_keyring()
    except (ImportError, AttributeError, RuntimeError):
        raise GatepassError(
            "the keyring that is configured cannot be used",
            why="PYTHON_KEYRING_BACKEND or keyringrc.cfg names one that does not load here",
            next_step=f"correct that with the help of: keyring --list-backends, or {_OTHER_STORES}",
        ) from None


def _demand_protection(backend: KeyringBackend) -> None:
    """Refuse backends that keep nothing, or in plain text: nobody asked for those by saying keyring."""
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - an optional extra

    links = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    if links and all(link.priority >= _RECOMMENDED for link in links):
        return
    # Backends of no priority at all only stand in for a missing one.
    weak = ", ".join(link.name for link in links if 0 < link.priority < _RECOMMENDED)
    raise GatepassError(
        "there is no keyring here that protects what it keeps",
        why=f"all that was found is: {weak}" if weak else "none was found, or the desktop's is not running",
        next_step=f"unlock or install the desktop's keyring (keyring --list-backends), or {_OTHER_STORES}",
    )


@contextmanager
def _in_our_words(outcome: str) -> Iterator[None]:
    """Turn the library's errors into ours; their words are left out, a backend may quote the secret in them."""
    from keyring.errors import KeyringError  # noqa: PLC0415 - an optional extra

    try:
        yield
    except KeyringError as error:
        raise GatepassError(
            f"the keyring could not be {outcome}",
            why=f"it answered with {type(error).__name__}; it may be locked, or have refused this program",
            next_step=f"unlock it and run the command again, or {_OTHER_STORES}",
        ) from None
