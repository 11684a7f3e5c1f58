"""Sessions that one's own commands share, in private files: one AssumeRole for however many callers.

The key of a session is a digest over everything that STS was asked with; of the external ID it takes a digest first.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from gatepass.adapters.warm_answers import (
    pointer_name,
    pointer_text,
    read_own,
    session_answer,
    sessions_folder,
)
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.session import Caller, Credentials, Entry, Session

_SESSION, _POINTER = "session-", "asked-"
_LOCK = ".lock"
# What a killed process leaves; a draft of a living one is renamed within a moment.
_DRAFTS, _DRAFT_SECONDS = (f".{_SESSION}", f".{_POINTER}"), 60.0


def session_name(entry: Entry, source: Caller, place: str) -> str:
    """Return the name of the session that this entry asks for.

    Args:
        entry: what STS is asked.
        source: who asks.
        place: where STS is asked, when it is not AWS's own.
    """
    factor = entry.external_id
    key = [
        str(entry.role.partition),
        place,
        source.arn,
        str(entry.role),
        hashlib.sha256(factor.reveal().encode()).hexdigest() if factor is not None else None,
        str(entry.name or entry.engineer),
        int(entry.duration.total_seconds()),
        entry.policy.text if entry.policy is not None else None,
        [str(arn) for arn in entry.policy_arns],
        sorted(entry.tags.items()),
        str(entry.engineer),
        entry.keeps_name,
    ]
    return _SESSION + hashlib.sha256(json.dumps(key).encode()).hexdigest()


def ready_text(session: Session) -> str:
    """Return the session's credentials in the form of ``credential_process``, on one line."""
    return json.dumps(
        {
            "Version": 1,
            "AccessKeyId": session.credentials.access_key_id,
            "SecretAccessKey": session.credentials.secret_access_key,
            "SessionToken": session.credentials.session_token,
            "Expiration": f"{session.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            "AccountId": str(session.account),
        }
    )


class SessionCache:
    """The folder of sessions; where it cannot be used, every call does without.

    Attributes:
        folder: where they lie.
        trouble: why it cannot be used; empty when it can.
    """

    def __init__(self) -> None:
        self.folder = sessions_folder()
        self.trouble = ""

    @contextmanager
    def sole(self, key: str) -> Iterator[None]:
        """Let one process at a time do something about the key; the lock ends with its holder."""
        descriptor = self._lock_file()
        if descriptor is None:
            yield
            return
        try:
            # One byte of one file for each key: a key's place in it is all that the lock needs.
            place = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:7], "big")
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, place)
            yield
        finally:
            os.close(descriptor)

    def keep(self, name: str, session: Session, ends_here: float) -> None:
        """Keep the session until ``ends_here``, in seconds since 1970 by this machine's clock."""
        self._forget_ended()
        facts = json.dumps([str(session.role), str(session.engineer)])
        self._write(name, f"{int(ends_here)}\n{ready_text(session)}\n{facts}\n", is_lasting=True)

    def point(self, asked: str, name: str, rests_on: Sequence[str]) -> None:
        """Let the question be answered by the session of that name as long as these marks of files hold."""
        self._write(pointer_name(asked), pointer_text(asked, name, list(rests_on)))

    def session(self, name: str, entry: Entry, least_left: float, kept_since: float) -> Session | None:
        """Return the session of that name, if it lasts that long or was kept since then; else None."""
        answer = session_answer(name, 0.0 if self.was_kept_since(name, kept_since) else least_left)
        if answer is None:
            return None
        try:
            found = json.loads(answer)
            expiry = datetime.fromisoformat(found["Expiration"]).astimezone(UTC)
            keys = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"], expiry)
        except (ValueError, KeyError, TypeError):
            return None
        return Session(entry.role, entry.engineer, expiry, keys)

    def was_kept_since(self, name: str, instant: float) -> bool:
        """Say whether the file was written after that, by another caller who asked for the same."""
        try:
            return os.lstat(f"{self.folder}/{name}").st_mtime > instant
        except OSError:
            return False

    def purge(self, role: RoleArn | None = None) -> int:
        """Forget the sessions of the role, or all, and return how many there were."""
        gone = set()
        for name in self._names():
            if not name.startswith(_SESSION):
                continue
            lines = (read_own(f"{self.folder}/{name}") or "").split("\n")
            # What cannot be read can be nobody's any more.
            if role is None or len(lines) != 4 or f'["{role}", ' in lines[2]:
                gone.add(name)
        self._unlink(gone)
        self._unlink({name for name in self._names() if name.startswith(_POINTER) and self._points_nowhere(name)})
        return len(gone)

    def _points_nowhere(self, pointer: str) -> bool:
        lines = (read_own(f"{self.folder}/{pointer}") or "").split("\n")
        return len(lines) < 3 or not os.path.lexists(f"{self.folder}/{lines[1]}")

    def _forget_ended(self) -> None:
        """Take away what ended, so that no old keys lie about."""
        now = time.time()
        ended = set()
        for name in self._names():
            if name.startswith(_SESSION):
                first = (read_own(f"{self.folder}/{name}") or "").partition("\n")[0]
                if not first.isdigit() or int(first) <= now:
                    ended.add(name)
            elif name.startswith(_DRAFTS) and not self.was_kept_since(name, now - _DRAFT_SECONDS):
                ended.add(name)
        self._unlink(ended)

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.folder)
        except OSError:
            return []

    def _unlink(self, names: set[str]) -> None:
        for name in names:
            try:
                os.unlink(f"{self.folder}/{name}")
            except OSError:
                continue

    def _lock_file(self) -> int | None:
        if not self._is_usable():
            return None
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(f"{self.folder}/{_LOCK}", flags, 0o600)
        except OSError as error:
            self.trouble = f"{self.folder}: {error.strerror}"
            return None

    def _is_usable(self) -> bool:
        """Make the folder unless it is there, and look whether it is for this person alone."""
        if self.trouble:
            return False
        try:
            os.makedirs(os.path.dirname(self.folder), 0o700, exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(self.folder, 0o700)
            found = os.lstat(self.folder)
        except OSError as error:
            self.trouble = f"{self.folder}: {error.strerror}"
            return False
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            self.trouble = f"{self.folder} is not a folder that only you may enter"
        return not self.trouble

    def _write(self, name: str, text: str, *, is_lasting: bool = False) -> None:
        """Write the file whole; where that cannot be, the next command asks again.

        A pointer that a crash of the machine leaves cut off points nowhere, so nobody waits until it is on the disk.
        """
        if not self._is_usable():
            return
        draft = f"{self.folder}/.{name}.{os.urandom(8).hex()}"
        content = text.encode("utf-8", "surrogateescape")
        try:
            # O_EXCL: nobody else's file or link is written through.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(draft, flags, 0o600)
            try:
                _write_all(descriptor, content)
                if is_lasting:
                    os.fsync(descriptor)
                os.rename(draft, f"{self.folder}/{name}")
            except BaseException:
                os.unlink(draft)
                raise
            finally:
                os.close(descriptor)
        except OSError as error:
            self.trouble = f"{self.folder}: {error.strerror}"


def _write_all(descriptor: int, content: bytes) -> None:
    if os.write(descriptor, content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
