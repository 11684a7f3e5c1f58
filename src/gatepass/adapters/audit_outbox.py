"""The journal's batches on their way to the log: a batch is kept until its delivery is confirmed."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from gatepass.adapters.audit_journal import is_still_at, journal_path
from gatepass.domain.errors import GatepassError
from gatepass.private_files import make_private_folder, read_private


class FileOutbox:
    """The journal, and beside it one file for each batch that was begun."""

    def __init__(self) -> None:
        """Use the journal in the user's state folder."""
        self._journal = Path(journal_path())
        self._folder = self._journal.parent / "outbox"

    def batches(self) -> Iterator[str]:
        """Yield what was left from before, then what is in the journal now."""
        if not self._journal.parent.exists():
            return
        try:
            make_private_folder(self._folder)
            self._turn()
        except OSError as error:
            raise GatepassError(
                f"the journal {self._journal} cannot be put aside for delivery: {error.strerror}",
                why="its folder must be yours to write",
                next_step="make it writable and run it again; nothing was lost",
            ) from None
        yield from sorted(path.name for path in self._folder.glob("*.jsonl"))

    def read(self, name: str) -> Sequence[str]:
        """Return the lines that are not empty; none of a batch that another program has delivered by now."""
        try:
            text = read_private(self._folder / name).decode("ascii", "replace")
        except FileNotFoundError:
            return ()
        return [line for line in text.split("\n") if line]

    def forget(self, name: str) -> None:
        """Delete the batch."""
        (self._folder / name).unlink(missing_ok=True)

    def set_aside(self, lines: Sequence[str]) -> None:
        """Keep the lines in a file beside the journal."""
        path = self._journal.parent / "unreadable.txt"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    def _turn(self) -> None:
        """Put the journal among the batches; whoever writes next begins another."""
        try:
            journal = os.open(self._journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(journal, fcntl.LOCK_EX)
            # Another program that delivers may have put it aside already; what is there now has a lock of its own.
            if is_still_at(journal, str(self._journal)) and os.fstat(journal).st_size:
                # Never a name from before: another program may be about to forget the batch of that name.
                self._journal.rename(self._folder / f"{time.time_ns():020}-{os.urandom(4).hex()}.jsonl")
        finally:
            os.close(journal)
