"""This machine's own journal: one line for each thing done, until it is delivered to the log.

Engineers wait for what stands here, so it imports little, and ``note_entry`` writes one line with six calls of the
system.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time

from gatepass.private_files import make_private_folder, state_folder

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def note_entry(  # noqa: PLR0913 - the fields of the record
    actor: str, customer: str, grant: str, outcome: str, ticket: str = "", *, note: str = ""
) -> None:
    """Write that somebody entered a customer's role, or was refused.

    Args:
        actor: the ARN of who enters.
        customer: the register's name of the customer, or the account number.
        grant: the grant.
        outcome: ``done``, ``refused`` or ``failed``.
        ticket: the ticket, if one was named.
        note: a word of ``domain.audit_words.NOTES``.

    Raises:
        OSError: it cannot be written.
        Conflict: what is there is not for this person alone.
    """
    record = {
        "action": "enter", "actor": actor, "after": "", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "before": "", "customer": customer, "grant": grant, "id": os.urandom(16).hex(), "note": note,
        "outcome": outcome, "side": "provider", "ticket": ticket,
    }  # fmt: skip
    add_line(json.dumps(record, sort_keys=True, separators=(",", ":")))


def add_line(text: str) -> None:
    """Write one line at the end of the journal, whole, however many write at once.

    Raises:
        OSError: it cannot be written.
        Conflict: what is there is not for this person alone.
    """
    path = journal_path()
    # The line break comes first too: after a line that a full disk tore, this one begins anew.
    line = f"\n{text}\n".encode("ascii")
    while True:
        try:
            journal = os.open(path, _FLAGS, 0o600)
        except FileNotFoundError:
            make_private_folder(state_folder() / "audit")
            continue
        try:
            # Who delivers takes the file away under the same lock; then the line belongs into the next one.
            fcntl.flock(journal, fcntl.LOCK_EX)
            if is_still_at(journal, path):
                if os.write(journal, line) < len(line):
                    # The disk took what it had room for, and says nothing of the rest.
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return
        finally:
            os.close(journal)


def journal_path() -> str:
    """Return where the journal is."""
    return f"{state_folder()}/audit/journal.jsonl"


def is_still_at(journal: int, path: str) -> bool:
    """Say whether the opened journal is the one at the path, and not one that was taken away for delivery.

    Raises:
        Conflict: others may read or write it.
    """
    opened = os.fstat(journal)
    if opened.st_mode & 0o077 or opened.st_uid != os.getuid():
        from gatepass.private_files import demand_private  # noqa: PLC0415 - the wrong case alone

        demand_private(type(state_folder())(path))
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return found.st_ino == opened.st_ino and found.st_dev == opened.st_dev
