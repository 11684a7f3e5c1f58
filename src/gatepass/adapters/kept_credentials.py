"""The credentials of ``creds load``: in a private file, the secret of a long-lived key in the desktop's keyring.

Short-lived keys lie in the file always: they end by themselves, and a keyring costs every command that reads one
a tenth of a second and more. A long-lived key does not end, so no plain text of it is kept where a keyring answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.domain.loaded_credentials import LoadedCredentials
from gatepass.domain.session import Caller, Credentials
from gatepass.ports.secrets import SecretStore
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private

_KEYRING = "keyring"


class KeptCredentials:
    """The credentials of ``creds load``."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder()) / "credentials.json"

    @property
    def title(self) -> str:
        """Where the file lies."""
        return str(self._path)

    def load(self) -> Credentials | None:
        """Return what was loaded, or None.

        Raises:
            InvalidInput: what is kept cannot be read.
            GatepassError: the keyring that holds the secret does not answer.
        """
        loaded = self.loaded()
        return loaded.credentials if loaded is not None else None

    def key_id(self) -> str | None:
        """Return the access key ID of what was loaded, or None; never asks the keyring."""
        kept = self._kept()
        return _text(kept, "access_key_id", self._path) if kept is not None else None

    def loaded(self) -> LoadedCredentials | None:
        """Return what was loaded with what is known about it, or None; raises as ``load``."""
        kept = self._kept()
        if kept is None:
            return None
        key_id = _text(kept, "access_key_id", self._path)
        in_keyring = kept.get("secret_in") == _KEYRING
        secret = self._from_keyring(key_id) if in_keyring else _text(kept, "secret_access_key", self._path)
        token, origin = kept.get("session_token"), kept.get("origin")
        return LoadedCredentials(
            Credentials(key_id, secret, token if isinstance(token, str) else None, _instant(kept, self._path)),
            origin if isinstance(origin, str) else "",
            _caller(kept),
            in_keyring=in_keyring,
        )

    def keep(self, credentials: Credentials, origin: str = "", caller: Caller | None = None) -> None:
        """Keep these instead of what was there, and say where they came from and whose they are."""
        before = self._key_in_keyring()
        in_keyring = credentials.session_token is None and _put(credentials)
        plain: dict[str, object] = {
            "access_key_id": credentials.access_key_id,
            **({"secret_in": _KEYRING} if in_keyring else {"secret_access_key": credentials.secret_access_key}),
            "session_token": credentials.session_token,
            "expires_at": credentials.expires_at.isoformat() if credentials.expires_at else None,
            "origin": origin,
            **({"account": str(caller.account), "arn": caller.arn} if caller is not None else {}),
        }
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, json.dumps(plain).encode())
        except OSError as error:
            raise GatepassError(
                f"{self._path} cannot be written: {error.strerror}",
                why="your credentials are kept there, for you alone",
                next_step="make the folder writable, or set XDG_STATE_HOME to one that is",
            ) from None
        if before is not None and (before != credentials.access_key_id or not in_keyring):
            _keyring().delete(_name(before))

    def clear(self) -> None:
        """Forget them, in the keyring too."""
        before = self._key_in_keyring()
        if before is not None:
            _keyring().delete(_name(before))
        try:
            self._path.unlink(missing_ok=True)
        except NotADirectoryError:
            return

    def _key_in_keyring(self) -> str | None:
        """Return the key whose secret the keyring holds; a file that cannot be used names none."""
        try:
            kept = self._kept()
            return self.key_id() if kept is not None and kept.get("secret_in") == _KEYRING else None
        except (InvalidInput, Conflict):
            return None

    def _kept(self) -> Mapping[str, object] | None:
        try:
            kept = json.loads(read_private(self._path))
        except FileNotFoundError:
            return None
        except ValueError:
            raise _unreadable(self._path) from None
        if not isinstance(kept, dict):
            raise _unreadable(self._path)
        return kept

    def _from_keyring(self, key_id: str) -> str:
        secret = _keyring().get(_name(key_id))
        if secret is None:
            raise GatepassError(
                f"the secret of {key_id} is not in the keyring any more",
                why="creds load had put it there",
                next_step="gatepass creds clear, then load again: gatepass creds load",
            )
        return secret


def keys_kept() -> str:
    """Return where what creds load takes would be kept, in words."""
    file = KeptCredentials().title
    try:
        return f"long-lived ones are kept in {_keyring().title}, short-lived ones in {file}"
    except GatepassError as error:
        return f"kept in {file}, for you alone; no keyring for long-lived ones: {error.why}"


def _put(credentials: Credentials) -> bool:
    """Put the secret into the keyring, and say whether one that protects took it."""
    try:
        _keyring().put(_name(credentials.access_key_id), credentials.secret_access_key)
    except GatepassError:
        return False
    return True


def _keyring() -> SecretStore:
    # An optional library that takes a tenth of a second; most people's keys are short-lived and need none.
    from gatepass.adapters.secret_keyring import KeyringSecrets  # noqa: PLC0415

    return KeyringSecrets()


def _name(key_id: str) -> str:
    return f"credentials/{key_id.lower()}"


def _text(kept: Mapping[str, object], name: str, path: Path) -> str:
    found = kept.get(name)
    if not isinstance(found, str):
        raise _unreadable(path)
    return found


def _instant(kept: Mapping[str, object], path: Path) -> datetime | None:
    found = kept.get("expires_at")
    if not isinstance(found, str):
        return None
    try:
        return datetime.fromisoformat(found).astimezone(UTC)
    except ValueError:
        raise _unreadable(path) from None


def _caller(kept: Mapping[str, object]) -> Caller | None:
    account, arn = kept.get("account"), kept.get("arn")
    return Caller(AccountId(account), arn) if isinstance(account, str) and isinstance(arn, str) else None


def _unreadable(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path} cannot be read",
        why="it is not as Gatepass writes it",
        next_step=f"delete it and load again: rm {path}",
    )
