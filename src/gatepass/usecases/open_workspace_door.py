"""Open a door that a workspace keeps, with a new external ID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.platform_run import Run
from gatepass.domain.rotation_record import trust_digest
from gatepass.domain.workspace_door import DoorRecord, Step, doors_variable
from gatepass.ports.orchestrators import OurWorkspace
from gatepass.usecases.door_records import DoorRecords, demand_known, door_records, overtaken, seal_salt
from gatepass.usecases.hand_over_door import HandingDesk, hand_over_door, lies_ready
from gatepass.usecases.move_door import Moved, MovingDesk, finish_move, move_doors, move_token
from gatepass.usecases.pass_of_workspace import (
    PASS_BITS,
    SentPass,
    declared_trust,
    demand_recipient_of,
    pass_lies_there,
)
from gatepass.usecases.plan_grants import draw_external_id


@dataclass(frozen=True, slots=True)
class OpenedDoor:
    """What was done.

    Attributes:
        changed: False when the door was open already, with the external IDs that it has.
        has_new_id: whether a new external ID was drawn, or one that an interrupted run had drawn came into AWS.
        role: the role's ARN; None where nobody needed to know it.
        sent: the pass in the outbox; None for a door that was open already and whose pass was handed over elsewhere.
        old_until: until when an external ID from before opens too.
        window_ends: when the declared window ends or ended.
        window_is_over: whether it ended already, so that nobody can enter all the same.
        run: the run that opened it; None where none was needed.
        digest_after: the digest of the trust that stands now; or empty.
    """

    grant: GrantName
    changed: bool
    has_new_id: bool
    role: RoleArn | None = None
    sent: SentPass | None = None
    old_until: datetime | None = None
    window_ends: datetime | None = None
    window_is_over: bool = False
    run: Run | None = None
    digest_after: str = ""


def open_workspace_door(name: GrantName, desk: HandingDesk, *, until: datetime | timedelta | None = None) -> OpenedDoor:
    """Open the door, and write the pass of its new external ID; opening what is open is a success and draws nothing.

    Args:
        name: the grant.
        desk: the workspace, and where passes lie.
        until: an end that was asked for; a workspace cannot keep one, so only None is taken.

    Raises:
        InvalidInput: an end was asked for, the file has no such grant, or it asks for no second factor.
        NotThere: the workspace is gone, or was never set up from this store.
        Overtaken: somebody else moves the door at the same time.
        Conflict: the workspace is locked or not ours, or the run did not end well; opening again goes on.
        GatepassError: the platform or the store said no, or did not answer; opening again goes on.
    """
    moves = desk.moves
    grant = _openable(desk.declaration.grant(name), moves, until)
    records = door_records(desk.declaration, moves.store)
    demand_known(desk.declaration, records, moves.store)
    record, at = records[name], moves.platform.our_workspace(moves.setup)
    if not record.ids:
        moved = move_doors({name: _drawn(grant, record, moves)}, records, moves, at=at)
    elif record.step is Step.WRITTEN or not says_all(at, records, moves):
        moved = finish_move(record.token, (name,), moves, at=at)
    else:
        return _open_already(grant, record, at, desk)
    return _opened(grant, moved, desk)


def says_all(at: OurWorkspace, records: DoorRecords, moves: MovingDesk) -> bool:
    """Say whether the variable says what all records of the file say."""
    salt = seal_salt(moves.declaration.account, moves.store)
    return at.seal == doors_variable(records, salt, moves.clock.now()).seal


def _openable(grant: Grant, moves: MovingDesk, until: datetime | timedelta | None) -> Grant:
    if until is not None:
        raise InvalidInput(
            f"the workspace {moves.setup.workspace} opens no door for a time",
            why="an opening that ends by itself stands in the trust, and the workspace's variable says only who enters",
            next_step=f"write window: {{until: ...}} for {grant.name} in the access file, which AWS ends by itself; "
            f"or open it without an end, and close it with: {moves.command} close FILE {grant.name}",
        )
    if not grant.needs_second_factor:
        raise InvalidInput(
            f"the grant {grant.name} asks for no second factor, so no external ID opens its door",
            why="the file says second_factor: none, and the workspace keeps such a door open",
            next_step="write second_factor: required, or take the grant out of the file",
        )
    demand_recipient_of(grant)
    return grant


def _drawn(grant: Grant, record: DoorRecord, moves: MovingDesk) -> DoorRecord:
    key = grant.customer_key or record.customer_key or None
    fresh = draw_external_id(None, moves.randomness, key)
    token, pass_id = move_token("open", moves.randomness), moves.randomness.word(PASS_BITS)
    return DoorRecord(token, Step.WRITTEN, (fresh,), None, pass_id, since=record.since, role=record.role)


def _opened(grant: Grant, moved: Moved, desk: HandingDesk) -> OpenedDoor:
    record = moved.records.get(grant.name)
    if record is None or not record.ids:
        raise overtaken(grant.name)
    handed = hand_over_door(grant, record, lambda: desk.moves.platform.outputs(moved.workspace), desk)
    end = grant.window.end
    return OpenedDoor(
        grant.name,
        changed=True,
        has_new_id=True,
        role=handed.role,
        sent=handed.sent,
        old_until=record.old_until,
        window_ends=end,
        window_is_over=grant.window.has_ended(desk.moves.clock.now()),
        run=moved.run,
        digest_after=trust_digest(declared_trust(grant, handed.role.partition, record)),
    )


def _open_already(grant: Grant, record: DoorRecord, at: OurWorkspace, desk: HandingDesk) -> OpenedDoor:
    """Tell that it was open; a pass that an interrupted run did not write is written."""
    sent, role = None, None
    if record.step is Step.APPLIED and record.pass_id:
        handed = hand_over_door(grant, record, lambda: desk.moves.platform.outputs(at.workspace), desk)
        sent, role = handed.sent, handed.role
    elif record.pass_id and pass_lies_there(grant.name, desk.declaration, record, desk.outbox.tray):
        sent = lies_ready(grant.name, record, desk)
    return OpenedDoor(
        grant.name,
        changed=False,
        has_new_id=False,
        role=role,
        sent=sent,
        old_until=record.old_until,
        window_ends=grant.window.end,
        window_is_over=grant.window.has_ended(desk.moves.clock.now()),
    )
