"""Close a door that a workspace keeps: no external ID opens it, and its role is denied everything."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.errors import GatepassError, Overtaken
from gatepass.domain.identifiers import GrantName
from gatepass.domain.platform_run import Run
from gatepass.domain.rotation_record import trust_digest
from gatepass.domain.trust import closed_trust
from gatepass.domain.workspace_door import DoorRecord, Step
from gatepass.usecases.door_records import door_record, door_records
from gatepass.usecases.move_door import Moved, MovingDesk, finish_move, move_doors, move_token
from gatepass.usecases.open_workspace_door import says_all


@dataclass(frozen=True, slots=True)
class ClosedDoor:
    """What was done and shown.

    Attributes:
        changed: False when the door was closed already.
        evidence: what shows that it is closed, in words.
        at_once: what closes it without waiting for a run, as a command of the customer with AWS credentials.
        run: the run that closed it; None where none was needed.
        digest_after: the digest of the trust that stands now.
    """

    grant: GrantName
    changed: bool
    evidence: str
    at_once: str
    run: Run | None = None
    digest_after: str = ""


def close_workspace_door(name: GrantName, desk: MovingDesk) -> ClosedDoor:
    """Close the door, whatever was under way with it; closing what is closed is a success.

    The run writes a trust that lets nobody in and, as gatepass-switch, a Deny that ends every session. What was shown
    is that the run applied it.

    Args:
        name: the grant.
        desk: the workspace.

    Raises:
        InvalidInput: the file has no such grant.
        NotThere: the workspace is gone, or was never set up from this store.
        Conflict: the workspace is locked or not ours, or the run did not end well; closing again goes on.
        GatepassError: the platform or the store said no, or did not answer; closing again goes on.
    """
    grant = desk.declaration.grant(name)
    try:
        return _close(grant.name, desk)
    except GatepassError as error:
        error.next_step += f"; at once, with AWS credentials and without the platform: {_at_once(name)}"
        raise


def _close(name: GrantName, desk: MovingDesk) -> ClosedDoor:
    records, at = door_records(desk.declaration, desk.store), desk.platform.our_workspace(desk.setup)
    record = records.get(name)
    if record is None or record.ids:
        try:
            moved = move_doors({name: _closed(record, desk)}, records, desk, at=at, closes=True)
        except Overtaken:
            moved = _closed_by_somebody(name, desk)
    elif record.step is Step.WRITTEN or not says_all(at, records, desk):
        moved = finish_move(record.token, (name,), desk, at=at)
    else:
        return _told(name, "the last run that moved this door closed it, and its variable says so still", None)
    return _told(name, f"the run {moved.run.id} of the workspace {desk.setup.workspace} applied it", moved.run)


def _at_once(name: GrantName) -> str:
    return f"gatepass close {name}"


def _closed(record: DoorRecord | None, desk: MovingDesk) -> DoorRecord:
    key = record.ids[0].customer_key or "" if record is not None and record.ids else ""
    token = move_token("close", desk.randomness)
    role = record.role if record is not None else ""
    return DoorRecord(token, Step.WRITTEN, (), customer_key=key, since=token, role=role)


def _closed_by_somebody(name: GrantName, desk: MovingDesk) -> Moved:
    """Finish the closing of somebody who closes the same door at the same time; anything else stays a conflict."""
    record = door_record(desk.declaration.account, name, desk.store)
    if record is None or record.ids:
        raise Overtaken(
            f"the door of {name} was moved again and again while it was being closed",
            why="somebody opens or rotates it at the same time",
            next_step="find out who that is, and close it again",
        )
    return finish_move(record.token, (name,), desk)


def _told(name: GrantName, evidence: str, run: Run | None) -> ClosedDoor:
    return ClosedDoor(name, run is not None, evidence, _at_once(name), run, trust_digest(closed_trust()))
