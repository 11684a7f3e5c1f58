"""Hand the external ID of a door over: the pass into the outbox, then the proof that the provider holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.platform_run import Output
from gatepass.domain.receipt import Receipt
from gatepass.domain.workspace_door import DoorRecord, Step
from gatepass.ports.machine import Clock
from gatepass.ports.trays import Tray
from gatepass.usecases.customer_half import pass_name
from gatepass.usecases.door_records import door_record, keep_door, mark_door
from gatepass.usecases.move_door import MovingDesk
from gatepass.usecases.pass_of_workspace import (
    PASS_BITS,
    Outbox,
    SentPass,
    demand_recipient_of,
    pass_place,
    role_of_outputs,
    send_pass,
)
from gatepass.usecases.receive_receipt import receipt_of_pass
from gatepass.usecases.review_offer import OfferDesk
from gatepass.usecases.take_pass import ProviderHalf, opens_with, take_pass

# Measured: AWS goes by a new trust after about 4 s.
_FIRST, _THEN, _GIVE_UP = timedelta(seconds=3), timedelta(seconds=1), timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class HandingDesk:
    """One workspace, and what handing its doors over needs.

    Attributes:
        outbox: where passes are left for the provider.
        inbox: where the provider's receipts come in.
        offers: which key the provider is known by.
        provider: the provider's side, for a process that was given its credentials too; else None.
    """

    moves: MovingDesk
    outbox: Outbox
    inbox: Tray
    offers: OfferDesk
    provider: ProviderHalf | None = None

    @property
    def declaration(self) -> Declaration:
        """The customer's file."""
        return self.moves.declaration


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A door whose pass lies in the outbox."""

    record: DoorRecord
    role: RoleArn
    sent: SentPass


def receipt_of_door(grant: Grant, record: DoorRecord, desk: HandingDesk) -> Receipt | None:
    """Return the receipt that says the provider holds the record's first external ID, or None while there is none.

    Raises:
        InvalidInput: what lies there is no receipt, or was changed.
        Conflict: it is not the known provider's, or says that the handshake failed.
    """
    if not record.pass_id:
        return None
    declared = desk.declaration
    role = role_name(grant, declared.naming)
    return receipt_of_pass(record.pass_id, declared.account, grant.name, role, desk.inbox, desk.offers)


def hand_over_door(
    grant: Grant, record: DoorRecord, outputs: Callable[[], Sequence[Output]], desk: HandingDesk
) -> HandedOver:
    """Write the door's pass, and write down that it was.

    Args:
        grant: whose door it is.
        record: as the store keeps it; a move of it was applied.
        outputs: asks for the workspace's, where no run told the role yet.
        desk: where passes go.

    Raises:
        InvalidInput: the grant names nobody to seal it to.
        Overtaken: somebody moved the door meanwhile.
        Conflict: the outputs do not name the grant's role.
    """
    declared = desk.declaration
    arn = _known_role(grant, record, declared) or role_of_outputs(grant, declared, outputs())
    sent = send_pass(grant, declared, arn, record, desk.outbox)
    marked = mark_door(declared.account, grant.name, replace(record, role=str(arn)), Step.HANDED_OVER, desk.moves.store)
    return HandedOver(marked, arn, sent)


def _known_role(grant: Grant, record: DoorRecord, declared: Declaration) -> RoleArn | None:
    """Return the role that a run told before, if it is still the one that the file declares."""
    arn = RoleArn(record.role) if record.role else None
    is_same = arn is not None and (arn.account, arn.name) == (declared.account, role_name(grant, declared.naming))
    return arn if is_same else None


def pass_of_door(name: GrantName, desk: HandingDesk) -> HandedOver:
    """Write the pass of an open door, such as the first one after a set-up; the same pass when it is asked for again.

    Raises:
        InvalidInput: the grant names nobody to seal it to.
        NotThere: the door was never opened, or the workspace is gone.
        Conflict: the door is closed, or a move of it was interrupted.
    """
    grant, moves = desk.declaration.grant(name), desk.moves
    record = door_record(desk.declaration.account, name, moves.store)
    if record is None or not record.ids or record.step is Step.WRITTEN:
        raise Conflict(
            f"the door of {name} is not open, so there is nothing to hand over",
            why="a move of it was interrupted" if record is not None and record.ids else "no external ID opens it",
            next_step=f"{moves.command} open FILE {name}, which goes on where it stopped, and writes the pass",
        )
    demand_recipient_of(grant)
    if not record.pass_id:
        record = replace(record, pass_id=moves.randomness.word(PASS_BITS))
        keep_door(desk.declaration.account, name, record, moves.store)
    at = moves.platform.our_workspace(moves.setup)
    return hand_over_door(grant, replace(record, role=""), lambda: moves.platform.outputs(at.workspace), desk)


def lies_ready(grant: GrantName, record: DoorRecord, desk: HandingDesk) -> SentPass:
    """Return the pass that an earlier run wrote."""
    return SentPass(record.pass_id, pass_place(grant, desk.declaration, desk.outbox.tray), was_there=True)


def play_provider(grant: Grant, provider: ProviderHalf, desk: HandingDesk) -> None:
    """Play the provider's half: wait until the role opens with the new external ID, then admit the pass.

    Afterwards the provider keeps the new one, and its receipt lies in its outbox.

    Raises:
        Conflict: the role does not open after a minute, its door is not safe, or nobody has vouched for the customer.
        GatepassError: AWS, the store or the register said no.
    """
    text = desk.outbox.tray.get(pass_name(desk.declaration.account, grant.name))
    if text is None:
        raise Conflict(
            f"the pass of {grant.name} is not in the outbox any more",
            why="somebody took it while it was being admitted",
            next_step="both second factors open; rotate again",
        )
    _wait_until_it_opens(text, grant, provider, desk.moves.clock)
    take_pass(text, provider)


def _wait_until_it_opens(text: str, grant: Grant, provider: ProviderHalf, clock: Clock) -> None:
    clock.sleep(_FIRST)
    for attempt in range((_GIVE_UP - _FIRST) // _THEN + 1):
        if attempt:
            clock.sleep(_THEN)
        if opens_with(text, provider):
            return
    raise Conflict(
        f"the role of {grant.name} does not open with the new second factor a minute after the run",
        why="AWS refused it each time; both second factors open until the previous one's date",
        next_step="look who is named in the grant's principals, and what the run changed; then rotate again",
    )
