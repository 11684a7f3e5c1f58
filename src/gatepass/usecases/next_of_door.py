"""Say what the rotation of one door needs next, going by its record and the provider's receipt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatepass.domain.errors import NotThere
from gatepass.domain.grant import Grant
from gatepass.domain.receipt import Receipt
from gatepass.domain.workspace_door import DoorRecord, Step
from gatepass.usecases.hand_over_door import HandingDesk, receipt_of_door
from gatepass.usecases.pass_of_workspace import PASS_BITS, demand_recipient_of, pass_lies_there
from gatepass.usecases.plan_grants import draw_external_id


@dataclass(frozen=True, slots=True)
class Draws:
    """A new external ID was drawn; the one from before opens beside it for a while."""

    record: DoorRecord
    before: DoorRecord


@dataclass(frozen=True, slots=True)
class Retires:
    """The provider holds the new one, as its receipt says: the old one goes."""

    record: DoorRecord
    before: DoorRecord
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class HandsOver:
    """Both open, and the provider has no pass yet, or nobody wrote down that it has."""

    record: DoorRecord


@dataclass(frozen=True, slots=True)
class Waits:
    """Both open, the pass lies in the outbox, and no receipt came yet."""

    record: DoorRecord


@dataclass(frozen=True, slots=True)
class IsClosed:
    """The door is closed: opening it draws a new external ID anyway."""


@dataclass(frozen=True, slots=True)
class IsFinished:
    """Only the new one opens, by the same rotation that is still under way with another door."""

    record: DoorRecord


Next = Draws | Retires | HandsOver | Waits | IsClosed | IsFinished


@dataclass(frozen=True, slots=True)
class Rotating:
    """One run of rotations over one file.

    Attributes:
        token: of the rotation that it begins.
        overlap: how long the old external ID still opens without a receipt.
        under_way: the tokens of rotations that were begun and are not over with every door; nothing is drawn again
            for a door that they are over with.
    """

    desk: HandingDesk
    token: str
    overlap: timedelta
    under_way: frozenset[str] = frozenset()

    def next_of(self, grant: Grant, record: DoorRecord | None) -> Next:
        """Return what the door needs next; nothing is written.

        Args:
            grant: whose door it is.
            record: as the store keeps it, of a move that was applied.

        Raises:
            NotThere: the door was never opened.
            InvalidInput: the grant names nobody to seal the pass to, or the receipt is none.
            Conflict: the receipt is not the known provider's, or says that the handshake failed.
        """
        if record is None:
            raise NotThere(
                f"the door of {grant.name} was never opened",
                why="the store keeps no external ID of it, and the workspace keeps its role closed",
                next_step=f"set the workspace up, which draws it: {self.desk.moves.command} setup FILE",
            )
        if not record.ids:
            return IsClosed()
        now = self.desk.moves.clock.now().replace(microsecond=0)
        if record.old_until is None or record.old_until <= now:
            return IsFinished(record) if record.token in self.under_way else self._drawn(grant, record)
        receipt = receipt_of_door(grant, record, self.desk)
        if receipt is not None:
            return Retires(only_new(record, self.token), record, receipt)
        is_told = record.step is Step.HANDED_OVER and pass_lies_there(
            grant.name, self.desk.declaration, record, self.desk.outbox.tray
        )
        return Waits(record) if is_told else HandsOver(record)

    def _drawn(self, grant: Grant, record: DoorRecord) -> Draws:
        demand_recipient_of(grant)
        randomness, current = self.desk.moves.randomness, record.ids[0]
        fresh = draw_external_id(None, randomness, grant.customer_key or current.customer_key)
        until = self.desk.moves.clock.now().replace(microsecond=0) + self.overlap
        ids, pass_id = (fresh, current), randomness.word(PASS_BITS)
        return Draws(
            DoorRecord(self.token, Step.WRITTEN, ids, until, pass_id, since=record.since, role=record.role), record
        )


def only_new(record: DoorRecord, token: str) -> DoorRecord:
    """Return the record without the old external ID, as a move with this token brings it there."""
    return replace(record, token=token, step=Step.WRITTEN, ids=record.ids[:1], old_until=None)


def under_way(records: Iterable[DoorRecord], now: datetime) -> frozenset[str]:
    """Return the tokens of moves that are not over: not in AWS yet, or with an old external ID that opens still."""
    return frozenset(
        record.token
        for record in records
        if record.step is Step.WRITTEN or (record.old_until is not None and record.old_until > now)
    )
