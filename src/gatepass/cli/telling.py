"""Tell the customer's own channels about what a command has done; failures become notes, never failures of the verb."""

from __future__ import annotations

from collections.abc import Iterable

from gatepass.cli.output import note
from gatepass.domain.notice import Channels, Notice
from gatepass.usecases.tell import Untold, tell
from gatepass.wiring import notices as wired_notices


def tell_channels(channels: Channels, notices: Iterable[Notice]) -> tuple[Untold, ...]:
    """Send each notice by every channel, note each failure on standard error, and return the failures.

    Call it last, when the result is printed: what it tells has happened already, and a channel
    that does not answer must not keep the person waiting for the result.
    """
    if channels.are_none:
        return ()
    notifiers = wired_notices.notifiers(channels)
    untold = tuple(failure for notice in notices for failure in tell(notifiers, notice))
    for failure in untold:
        note(failure.note)
    return untold
