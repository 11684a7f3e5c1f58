"""The person's browser, led to a link by a private page: a process's arguments would show it to everybody here."""

from __future__ import annotations

import contextlib
import html
import json
import os
import secrets
import webbrowser
from datetime import timedelta
from pathlib import Path

from gatepass.domain.console import ConsoleLink
from gatepass.domain.errors import GatepassError
from gatepass.ports.machine import Clock
from gatepass.private_files import make_private_folder, state_folder, write_private

_LOOK_EVERY = timedelta(milliseconds=100)
# A desktop's opener reads the page to learn its kind before the browser does.
_AFTER_READING = timedelta(seconds=3)
_LONGEST_WAIT = timedelta(seconds=15)
_PAGE = """\
<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Gatepass: to the AWS console</title>
<script>location.replace({link_as_text});</script>
<noscript><a href="{link}">To the AWS console</a></noscript>
"""


class BrowserPage:
    """Opens a page that only its owner may read and that leads on, and deletes it."""

    def __init__(self, clock: Clock, folder: Path | None = None) -> None:
        """Wait by the clock; write the page into the folder, by default in the user's state folder."""
        self._clock = clock
        self._folder = folder or state_folder() / "console"

    def open(self, link: ConsoleLink) -> bool:
        """Show the page, delete it, and say whether anything was seen to read it."""
        page = self._written(link)
        try:
            if not _opened(page):
                raise GatepassError(
                    "no browser could be opened here",
                    why="this machine has none, or no screen to show it on",
                    next_step="gatepass console CUSTOMER --print, and open the link elsewhere within 15 minutes",
                )
            return self._was_read(page)
        finally:
            page.unlink(missing_ok=True)

    def _written(self, link: ConsoleLink) -> Path:
        text = link.reveal()
        # "<" would end the script; a link of ours has none, and still nothing is taken for granted.
        as_text = json.dumps(text).replace("<", "\\u003c")
        content = _PAGE.format(link=html.escape(text, quote=True), link_as_text=as_text)
        page = self._folder / f"{secrets.token_hex(8)}.html"
        try:
            make_private_folder(self._folder)
            for left in self._folder.glob("*.html"):
                # Of a command that was killed; its link may still live.
                left.unlink(missing_ok=True)
            write_private(page, content.encode())
            # Read after this, the file shows it: access times are kept when older than the last change.
            os.utime(page, (0, page.stat().st_mtime))
        except OSError as error:
            raise GatepassError(
                f"{self._folder} cannot be written: {error.strerror}",
                why="the browser is led to the console by a private page there",
                next_step="set XDG_STATE_HOME to a folder that you may write, or use: gatepass console --print",
            ) from None
        return page

    def _was_read(self, page: Path) -> bool:
        waited = timedelta()
        while page.stat().st_atime == 0:
            if waited >= _LONGEST_WAIT:
                return False
            self._clock.sleep(_LOOK_EVERY)
            waited += _LOOK_EVERY
        self._clock.sleep(_AFTER_READING)
        return True


def _opened(page: Path) -> bool:
    with contextlib.suppress(webbrowser.Error, OSError):
        return webbrowser.open(page.as_uri())
    return False
