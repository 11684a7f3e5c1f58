"""The sessions that an engineer has entered, in a private file for each terminal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepass.adapters import terminal
from gatepass.adapters.prompt_label import label_path, label_text
from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.private_files import make_private_folder, read_private, state_folder, write_private


class KeptSessions:
    """The sessions of one terminal that were begun from one set of base credentials.

    Both are part of the file's name: another terminal, or other credentials in this one, is
    another person's or another task's place, and must not find itself in this customer's account.
    """

    def __init__(self, base_key_id: str, folder: Path | None = None) -> None:
        """Keep them in the folder, by default in the user's state folder."""
        name = hashlib.sha256(f"{this_terminal()}\n{base_key_id}".encode()).hexdigest()[:32]
        state = folder or state_folder()
        self._path = state / "terminals" / f"{name}.json"
        self._label = Path(label_path(str(state)))

    @property
    def path(self) -> Path:
        """Where they lie."""
        return self._path

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
            plain = [_plain_session(session) for session in sessions]
            kept = {"terminal": _terminal_name(), "label": self._label.name, "sessions": plain}
            _write(self._path, json.dumps(kept))
            current = sessions[-1]
            way = f"{current.customer}/{current.grant}"
            _write(self._label, label_text(way, str(current.role), current.expires_at.timestamp()))
        else:
            self._label.unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Stack:
    """The sessions of one terminal, outermost first, in the file at ``path``; ``label`` is of its prompt."""

    path: Path
    terminal: str
    label: Path
    sessions: tuple[Session, ...]

    def forget(self) -> None:
        """Delete what is kept of them."""
        for path in (self.path, self.label):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def every_stack(folder: Path | None = None) -> Iterator[Stack]:
    """Yield what is kept of every terminal of this user; what is not as Gatepass writes it is left out."""
    for path in sorted(((folder or state_folder()) / "terminals").glob("*.json")):
        with contextlib.suppress(GatepassError, ValueError):
            plain = _parsed(_read(path) or "{}", path)
            entries, name, label = (plain.get(each) for each in ("sessions", "terminal", "label"))
            found = tuple(_session(entry, path) for entry in entries) if isinstance(entries, list) else ()
            # Only a name: a path would lead out of the folder.
            beside = path.with_name(Path(label).name if isinstance(label, str) and label else path.name)
            yield Stack(path, name if isinstance(name, str) else "", beside, found)


def _terminal_name() -> str:
    """Return what the person calls this terminal, such as pts/3; empty without one."""
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            return os.ttyname(descriptor).removeprefix("/dev/")
    return ""


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


def this_terminal() -> str:
    """Return what tells this terminal from others."""
    return terminal.this_terminal()


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
