"""What a person answers at the terminal itself, whatever standard input is."""

from __future__ import annotations

import os
import termios

from gatepass.domain.errors import GatepassError

_TERMINAL = "/dev/tty"
_LONGEST = 256
_END = b"\x04"
# Where termios.tcgetattr keeps the local modes.
_LOCAL = 3


def ask_at_terminal(words: str) -> str:
    """Ask for a word that may be seen while it is typed, such as a code that works once.

    Raises:
        GatepassError: there is no terminal to ask at.
    """
    try:
        with open(_TERMINAL, "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device, without a buffer
            terminal.write(words.encode())
            answer = terminal.readline(_LONGEST)
    except OSError:
        raise GatepassError(
            "there is no terminal to ask for a code at",
            why="a code of a device is typed by a person, and is never an argument",
            next_step="run the same command at a terminal",
        ) from None
    return answer.decode(errors="replace").strip()


def pasted_at_terminal(terminal: int, most: int) -> str:
    """Return what is pasted until Ctrl-D, without showing it; the terminal is put back whatever happens.

    Without line editing too: a terminal cuts lines at 4,095 characters, and a session token may be longer.

    Args:
        terminal: the descriptor to read from.
        most: no more bytes than these are read.
    """
    before = termios.tcgetattr(terminal)
    silent = list(before)
    silent[_LOCAL] = before[_LOCAL] & ~(termios.ECHO | termios.ICANON)
    text = b""
    try:
        # Not flushed: somebody quick has pasted already.
        termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
        while len(text) < most and _END not in text:
            read = os.read(terminal, most - len(text))
            if not read:
                break
            text += read
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    return text.partition(_END)[0].decode(errors="replace")
