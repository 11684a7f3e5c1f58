"""Secrets in the desktop's own keyring: Secret Service, KWallet, macOS Keychain, Windows Credential Locker.

No keyring lists what it keeps, so the names, which are no secret, stand in an entry of their own beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gatepass.adapters.private_lock import sole_writer
from gatepass.domain.errors import GatepassError
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value, names_under
from gatepass.private_files import state_folder

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "gatepass"
_NAMES_SERVICE, _NAMES = "gatepass-names", "names"
# keyring's own line between backends to rely on and makeshifts, of which some write plain text.
_RECOMMENDED = 1
_OTHER_STORES = "keep secrets in another store: file, ssm or secrets-manager"


class KeyringSecrets:
    """The keyring that the library ``keyring`` finds, unless it would only pretend to be one."""

    def __init__(self, backend: KeyringBackend | None = None, lock_folder: Path | None = None) -> None:
        """Use the backend, by default the one that is configured or found.

        Args:
            backend: the keyring.
            lock_folder: where one writer waits for another, by default in the user's state folder.

        Raises:
            GatepassError: the library is missing, or there is no keyring that protects what it keeps.
        """
        self._backend = backend or _found()
        self._lock_folder = lock_folder or state_folder() / "keyring"
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

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def put(self, name: str, value: str) -> None:
        """Keep the secret instead of what was there."""
        demand_secret_name(name)
        demand_secret_value(value)
        with sole_writer(self._lock_folder), _in_our_words("written"):
            # The name first: stopped in between, a name stands for nothing, which is better than a secret unseen.
            self._list(self._listed() | {name})
            self._backend.set_password(_SERVICE, name, value)

    def delete(self, name: str) -> None:
        """Forget the secret."""
        # Backends call a secret that is not there an error, each with words of its own.
        is_there = self.get(name) is not None
        with sole_writer(self._lock_folder), _in_our_words("cleared"):
            if is_there:
                self._backend.delete_password(_SERVICE, name)
            self._list(self._listed() - {name})

    def names(self, prefix: str) -> frozenset[str]:
        """Return the names under the prefix, as far as they were put by this program."""
        with _in_our_words("read"):
            return names_under(prefix, self._listed())

    def _listed(self) -> frozenset[str]:
        return frozenset((self._backend.get_password(_NAMES_SERVICE, _NAMES) or "").split())

    def _list(self, names: frozenset[str]) -> None:
        if names != self._listed():
            self._backend.set_password(_NAMES_SERVICE, _NAMES, "\n".join(sorted(names)))


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
