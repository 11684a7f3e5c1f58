"""What the verbs use to tell the customer: a failure is a note, never a failure of the verb."""

from __future__ import annotations

import pytest

from gatepass.cli.telling import tell_channels
from gatepass.domain.notice import Channels, Happening, Notice, Webhook
from tests.adapters.hook_server import hook_server
from tests.people import CUSTOMER, MORNING, SUPPORT

CLOSED = Notice(Happening.CLOSED, CUSTOMER, MORNING, grant=SUPPORT)


def test_without_channels_nobody_is_told_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_channels(Channels(), [CLOSED]) == ()

    assert capsys.readouterr() == ("", "")


def test_each_failure_is_a_note_and_the_next_notice_is_sent_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with hook_server() as hook:
        hook.answers = [403]

        untold = tell_channels(Channels(webhook=Webhook(hook.address)), [CLOSED, CLOSED])

    printed = capsys.readouterr()
    assert len(hook.taken) == 2
    assert [failure.channel for failure in untold] == ["webhook"]
    assert printed.out == ""
    assert printed.err.startswith("not told by webhook: the webhook at http://127.0.0.1:")
    assert "SECRET" not in printed.err
