"""The customer's channels."""

from __future__ import annotations

from gatepass.domain.notice import Channels
from gatepass.ports.notices import Notifier, ToldNotices
from gatepass.wiring.machine import clock
from gatepass.wiring.own_account import connected


def notifiers(channels: Channels) -> list[Notifier]:
    """Return the customer's channels, used with the person's own credentials; nothing is sent or asked yet."""
    found: list[Notifier] = []
    if channels.topic is not None:
        from gatepass.adapters.notify_sns import SnsNotifier

        found.append(SnsNotifier(connected(), channels.topic))
    if channels.mail is not None:
        from gatepass.adapters.notify_email import EmailNotifier

        found.append(EmailNotifier(connected(), channels.mail))
    if channels.webhook is not None:
        from gatepass.adapters.notify_webhook import WebhookNotifier

        found.append(WebhookNotifier(channels.webhook, clock()))
    return found


def told_notices() -> ToldNotices:
    """Return which coming ends this user was told about."""
    from gatepass.adapters.told_notices import KeptTold

    return KeptTold()
