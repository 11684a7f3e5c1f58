"""How far runs on a platform are: one moving line each at a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, Self

from gatepass.cli.output import note, result

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table


class Progress(Protocol):
    """Where a command tells what is under way; threads may tell at the same time."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, *_: object) -> None:
        """Show nothing more."""

    def show(self, subject: str, words: str) -> None:
        """Tell how far the subject is; empty words end what is shown of it."""

    def say(self, line: str) -> None:
        """Print a line that stays, which is not part of the result."""

    def result(self, line: str) -> None:
        """Print a line of the result, while more is under way."""


def progress(*, silent: bool) -> Progress:
    """Return what fits where standard error goes.

    Args:
        silent: whether nothing is to be told, as with --json.
    """
    if silent:
        return _Nothing()
    return _Moving() if sys.stderr.isatty() else _Lines()


class _Nothing:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, subject: str, words: str) -> None:
        pass

    def say(self, line: str) -> None:
        pass

    def result(self, line: str) -> None:
        pass


class _Lines:
    """A line for each step of each subject, for logs."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, subject: str, words: str) -> None:
        with self._lock:
            if words and self._last.get(subject) != words:
                note(f"{subject}: {words}")
            self._last[subject] = words

    def say(self, line: str) -> None:
        with self._lock:
            note(line)

    def result(self, line: str) -> None:
        with self._lock:
            result(line)


class _Moving:
    """One line for each subject that is under way, with the time it took so far; what stays scrolls above."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[float, str]] = {}
        self._lock = threading.RLock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        from rich.live import Live

        # Standard output may lead to a file: nothing of it goes to where the moving lines are.
        self._live = Live(
            console=_console(), get_renderable=self._table, transient=True, refresh_per_second=4, redirect_stdout=False
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, subject: str, words: str) -> None:
        with self._lock:
            since, _ = self._shown.pop(subject, (time.monotonic(), ""))
            if words:
                self._shown[subject] = (since, words)

    def say(self, line: str) -> None:
        if self._live is not None:
            from rich.text import Text

            self._live.console.print(Text(line), soft_wrap=True)

    def result(self, line: str) -> None:
        # On one terminal the moving lines make room for it.
        if sys.stdout.isatty():
            self.say(line)
        else:
            result(line)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        with self._lock:
            shown = dict(self._shown)
        for subject, (since, words) in shown.items():
            # As Text: what others wrote in square brackets is no instruction to rich.
            table.add_row(Text(subject), Text(f"{time.monotonic() - since:.0f} s"), Text(words, overflow="fold"))
        return table


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)
