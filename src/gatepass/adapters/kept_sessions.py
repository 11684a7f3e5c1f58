"""What an engineer has loaded and entered, in private files: base credentials, and the sessions of each terminal."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class KeptCredentials:
    """The credentials of ``creds load``."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        self._path = (folder or state_folder()) / "credentials.json"

    def load(self) -> Credentials | None:
        """Return what was loaded, or None."""
        text = _read(self._path)
        return _credentials(dict(_parsed(text, self._path)), self._path) if text is not None else None

    def keep(self, credentials: Credentials) -> None:
        """Keep these instead of what was there."""
        _write(self._path, json.dumps(_plain(credentials)))

    def clear(self) -> None:
        """Forget them."""
        self._path.unlink(missing_ok=True)


class KeptSessions:
    """The sessions of one terminal that were begun from one set of base credentials.

    Both are part of the file's name: another terminal, or other credentials in this one, is
    another person's or another task's place, and must not find itself in this customer's account.
    """

    def __init__(self, base_key_id: str, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        name = hashlib.sha256(f"{_terminal()}\n{base_key_id}".encode()).hexdigest()[:32]
        self._path = (folder or state_folder()) / "terminals" / f"{name}.json"

    def sessions(self) -> Sequence[Session]:
        """Return the sessions, outermost first."""
        text = _read(self._path)
        if text is None:
            return ()
        entries = _parsed(text, self._path).get("sessions")
        if not isinstance(entries, list):
            raise _unreadable(self._path)
        return tuple(_session(entry, self._path) for entry in entries)

    def put(self, sessions: Sequence[Session]) -> None:
        """Keep exactly these."""
        if sessions:
            _write(self._path, json.dumps({"sessions": [_plain_session(session) for session in sessions]}))
        else:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    try:
        return read_private(path).decode()
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    try:
        make_private_folder(path.parent)
        write_private(path, text.encode())
    except OSError as error:
        raise GatepassError(
            f"{path} cannot be written: {error.strerror}",
            why="sessions and credentials are kept there, for you alone",
            next_step="make the folder writable, or set XDG_STATE_HOME to one that is",
        ) from None


def _terminal() -> str:
    """Return what tells this terminal from others: its session leader, and when that began.

    Process numbers are used again, so the number alone could revive the stack of a terminal
    that was closed long ago.
    """
    leader = os.getsid(0)
    try:
        status = Path(f"/proc/{leader}/stat").read_text(encoding="utf-8")
    except OSError:
        return str(leader)
    # proc(5): the 22nd field is the start time; the second may contain spaces and brackets.
    return f"{leader} {status.rpartition(')')[2].split()[19]}"


def _plain(credentials: Credentials) -> dict[str, str | None]:
    return {
        "access_key_id": credentials.access_key_id,
        "secret_access_key": credentials.secret_access_key,
        "session_token": credentials.session_token,
        "expires_at": credentials.expires_at.isoformat() if credentials.expires_at else None,
    }


def _plain_session(session: Session) -> dict[str, object]:
    return {
        "role": str(session.role),
        "engineer": str(session.engineer),
        "expires_at": session.expires_at.isoformat(),
        "credentials": _plain(session.credentials),
        "customer": session.customer,
        "grant": session.grant,
    }


def _session(entry: object, path: Path) -> Session:
    match entry:
        case {
            "role": str(role),
            "engineer": str(engineer),
            "expires_at": str(expires_at),
            "credentials": dict() as credentials,
            "customer": str(customer),
            "grant": str(grant),
        }:
            expiry = datetime.fromisoformat(expires_at).astimezone(UTC)
            keys = _credentials(credentials, path)
            return Session(RoleArn(role), EngineerName(engineer), expiry, keys, customer, grant)
        case _:
            raise _unreadable(path)


def _credentials(plain: Mapping[Any, object], path: Path) -> Credentials:
    match plain:
        case {"access_key_id": str(key), "secret_access_key": str(secret)}:
            token, expiry = plain.get("session_token"), plain.get("expires_at")
            return Credentials(
                key,
                secret,
                token if isinstance(token, str) else None,
                datetime.fromisoformat(expiry).astimezone(UTC) if isinstance(expiry, str) else None,
            )
        case _:
            raise _unreadable(path)


def _parsed(text: str, path: Path) -> dict[str, object]:
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError:
        raise _unreadable(path) from None
    if not isinstance(loaded, dict):
        raise _unreadable(path)
    return loaded


def _unreadable(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path} cannot be read",
        why="it is not as Gatepass writes it",
        next_step=f"delete it and load again: rm {path}",
    )
