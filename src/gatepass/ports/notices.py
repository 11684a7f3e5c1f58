"""The customer's channels that take notices."""

from __future__ import annotations

from typing import Protocol

from gatepass.domain.notice import Notice, Told


class Notifier(Protocol):
    """One channel of the customer's own that takes notices."""

    @property
    def channel(self) -> str:
        """The channel's kind, such as ``sns``; safe to show."""

    @property
    def target(self) -> str:
        """Whom it reaches, safe to show."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over.

        Raises:
            GatepassError: the channel did not take it.
        """


class ToldNotices(Protocol):
    """Which coming ends were told, so that each is told once by each channel."""

    def told(self) -> frozenset[Told]:
        """Return what was kept."""

    def put(self, told: frozenset[Told]) -> None:
        """Keep exactly these.

        Raises:
            GatepassError: they cannot be kept.
        """
