"""Choose one of many names at the terminal: type to filter, arrows, Enter; Esc chooses nothing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatepass.domain.errors import GatepassError
from gatepass.domain.fuzzy import Found, found_by, places_in

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

_MOST_ROWS = 12
# The question, the line that is typed in, and one to spare.
_OTHER_ROWS = 3
# What can be reached by arrows; whoever wants more types a letter.
_MOST_RANKED = 500
# How long an Esc may be the beginning of an arrow's sequence, in seconds.
_ESCAPE_PATIENCE = 0.05


@dataclass(slots=True)
class _Offer:
    """What is on the screen."""

    question: str
    names: Sequence[str]
    recent: dict[str, int]
    typed: str = ""
    at: int = 0
    found: Found = field(default=Found((), 0))

    def filter(self, typed: str) -> None:
        """Take what is typed now, and go to the best match."""
        self.typed, self.at = typed, 0
        self.found = found_by(typed, self.names, self.recent, _MOST_RANKED)

    def move(self, rows: int) -> None:
        """Go down so many rows, or up, and stay on the list."""
        self.at = max(0, min(self.at + rows, len(self.found.names) - 1))

    @property
    def chosen(self) -> str | None:
        """The name that Enter takes."""
        return self.found.names[self.at] if self.found.names else None


def can_choose() -> bool:
    """Say whether somebody sits at a terminal that can draw; results may go elsewhere."""
    ends = (sys.stdin, sys.stderr)
    return all(end is not None and end.isatty() for end in ends) and os.environ.get("TERM", "dumb") != "dumb"


def choose(question: str, names: Sequence[str], recent: Sequence[str] = ()) -> str:
    """Return the name that the person chooses; what was drawn is gone afterwards.

    Args:
        question: one line above the list.
        names: what to choose from.
        recent: names that were chosen before, the last one first.

    Raises:
        GatepassError: nothing was chosen.
        KeyboardInterrupt: the person pressed Ctrl-C.
    """
    offer = _Offer(question, names, {name: age for age, name in reversed(list(enumerate(recent)))})
    offer.filter("")
    chosen = _answer(_application(offer))
    if chosen is None:
        raise GatepassError("nothing was chosen", next_step="name it on the command line, or run it again")
    return chosen


def _answer(application: Application[str | None]) -> str | None:
    """Run it, and put the terminal back whichever way it ends."""
    import asyncio
    import termios

    def end(number: int) -> None:
        if application.is_running and not application.is_done:
            application.exit(exception=SystemExit(128 + number))

    def listen() -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end, number)

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        return application.run(pre_run=listen)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _application(offer: _Offer) -> Application[str | None]:
    # A tenth of a second to import, which only those wait for who choose.
    from prompt_toolkit.application import Application
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
    from prompt_toolkit.layout.processors import BeforeInput
    from prompt_toolkit.output.color_depth import ColorDepth
    from prompt_toolkit.output.vt100 import Vt100_Output

    output = Vt100_Output.from_pty(sys.stderr, term=os.environ.get("TERM"))
    # Not every terminal tells where its cursor is, and an answer that comes late lands in the shell's next line.
    output.enable_cpr = False
    typing = Buffer(multiline=False, on_text_changed=lambda buffer: offer.filter(buffer.text))

    def rows() -> int:
        return max(1, min(_MOST_ROWS, output.get_size().rows - _OTHER_ROWS))

    heading = FormattedTextControl(lambda: [("bold", f"{offer.question} "), ("", _count(offer))])
    listed = Window(
        FormattedTextControl(lambda: _lines(offer, rows())), height=rows, wrap_lines=False, always_hide_cursor=True
    )
    line = Window(BufferControl(typing, input_processors=[BeforeInput("> ")]), height=1)
    application: Application[str | None] = Application(
        layout=Layout(HSplit([Window(heading, height=1), line, listed]), focused_element=line),
        key_bindings=_keys(offer, rows),
        output=output,
        color_depth=ColorDepth.from_env(),
        erase_when_done=True,
    )
    application.ttimeoutlen = _ESCAPE_PATIENCE
    return application


def _count(offer: _Offer) -> str:
    return f"{offer.found.count} of {len(offer.names)}; type to filter, arrows, Enter, Esc"


def _lines(offer: _Offer, rows: int) -> StyleAndTextTuples:
    """Return the part of the list around the chosen name; a sign marks it too, never colour alone."""
    first = max(0, min(offer.at - rows // 2, len(offer.found.names) - rows))
    lines: StyleAndTextTuples = []
    for place, name in enumerate(offer.found.names[first : first + rows], first):
        style = "reverse" if place == offer.at else ""
        lines.append((style, "> " if place == offer.at else "  "))
        found = places_in(offer.typed, name)
        lines += [(f"{style} bold" if at in found else style, letter) for at, letter in enumerate(name)]
        lines.append(("", "\n"))
    return lines or [("", "  nothing matches")]


def _keys(offer: _Offer, rows: Callable[[], int]) -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    def moves(by: Callable[[], int], *names: str) -> None:
        for name in names:
            keys.add(name)(lambda _: offer.move(by()))

    moves(lambda: 1, "down", "c-n", "tab")
    moves(lambda: -1, "up", "c-p", "s-tab")
    moves(rows, "pagedown")
    moves(lambda: -rows(), "pageup")

    @keys.add("enter")
    def take(event: KeyPressEvent) -> None:
        if offer.chosen is not None:
            event.app.exit(result=offer.chosen)

    @keys.add("escape", eager=True)
    @keys.add("c-d")
    def give_up(event: KeyPressEvent) -> None:
        event.app.exit(result=None)

    @keys.add("c-c")
    @keys.add("<sigint>")
    def interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    return keys
