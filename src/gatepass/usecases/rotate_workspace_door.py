"""Rotate the external IDs of the doors that a workspace keeps; with an overlap the old one opens beside the new one.

A rotation that was interrupted is finished first, and while an overlap runs nothing is drawn: three external IDs would
be one too many. The old one goes on the provider's signed receipt, else by its date, in AWS's own policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

from gatepass.domain.errors import Conflict, GatepassError, InvalidInput
from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import GrantName, RoleArn
from gatepass.domain.platform_run import Output, Run
from gatepass.domain.rotation_record import trust_digest
from gatepass.domain.workspace_door import DoorRecord
from gatepass.usecases.door_records import DoorRecords, door_record, door_records, overtaken
from gatepass.usecases.hand_over_door import HandingDesk, hand_over_door, lies_ready, play_provider
from gatepass.usecases.move_door import Moved, finish_these, interrupted_moves, move_doors, move_token
from gatepass.usecases.next_of_door import (
    Draws,
    HandsOver,
    IsClosed,
    IsFinished,
    Next,
    Retires,
    Rotating,
    Waits,
    under_way,
)
from gatepass.usecases.pass_of_workspace import SentPass, declared_trust
from gatepass.usecases.take_pass import ProviderHalf

USUAL_OVERLAP = timedelta(days=7)


class Stage(Enum):
    """How far the rotation of one door came."""

    HANDED_OVER = "handed over"
    WAITING = "waiting for the receipt"
    FINISHED = "finished"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RotatedDoor:
    """Where the rotation of one door stands.

    Attributes:
        stage: ``HANDED_OVER`` when this run drew a new external ID, or wrote the pass that an interrupted one had not;
            ``WAITING`` when an earlier run did, and no receipt came yet; ``FINISHED`` when only the new one opens.
        role: the role's ARN; None where nobody needed to know it.
        old_until: until when the old external ID opens too; None when it does not.
        sent: the pass in the outbox.
        receipt: the id of the receipt that proved it; empty without one.
        run: the run that moved the door; None where none was needed.
        digest_before: the digest of the trust that stood before, as the file and the store say it; or empty.
        digest_after: the digest of the trust that stands now; or empty.
        cause: why it failed; the door stands as its record says all the same.
        next_step: what to do about it.
    """

    grant: GrantName
    stage: Stage
    role: RoleArn | None = None
    old_until: datetime | None = None
    sent: SentPass | None = None
    receipt: str = ""
    run: Run | None = None
    digest_before: str = ""
    digest_after: str = ""
    cause: str = ""
    next_step: str = ""


def rotate_workspace(
    names: Sequence[GrantName], desk: HandingDesk, overlap: timedelta = USUAL_OVERLAP
) -> tuple[RotatedDoor, ...]:
    """Rotate these doors of one file, all by one run; what fails at one of them is told with it.

    Args:
        names: the grants; none for every grant that asks for a second factor.
        desk: the workspace, and where passes and receipts lie.
        overlap: how long the old external ID still opens without a receipt.

    Raises:
        InvalidInput: the file has no such grant, or the overlap is none.
        NotThere: the workspace is gone, or a door of it was never opened.
        Conflict: the workspace is locked or not ours, or the run did not end well; rotating again goes on.
        GatepassError: the platform or the store said no, or did not answer; rotating again goes on.
    """
    if overlap <= timedelta():
        raise InvalidInput(
            "an overlap has a length",
            why="without one nobody could enter until the pass is admitted",
            next_step="leave --overlap out for 7 days, or give a time such as 1h",
        )
    moves, grants = desk.moves, _chosen(names, desk)
    records = door_records(desk.declaration, moves.store)
    begun = under_way(records.values(), moves.clock.now())
    work = Rotating(desk, move_token("rotate", moves.randomness), overlap, begun)
    return _Rotation(work, grants, records).rotate()


def _chosen(names: Sequence[GrantName], desk: HandingDesk) -> tuple[Grant, ...]:
    if not names:
        return tuple(grant for grant in desk.declaration.grants if grant.needs_second_factor)
    grants = tuple(desk.declaration.grant(name) for name in dict.fromkeys(names))
    for grant in grants:
        if not grant.needs_second_factor:
            raise InvalidInput(
                f"the grant {grant.name} asks for no second factor, so there is nothing to rotate",
                why="the file says second_factor: none",
                next_step="write second_factor: required, run the workspace, and open the door",
            )
    return grants


@dataclass(slots=True)
class _Rotation:
    """One run over some doors of one file, and what is to be told of each."""

    work: Rotating
    grants: tuple[Grant, ...]
    records: DoorRecords
    told: dict[GrantName, RotatedDoor] = field(default_factory=dict)
    workspace: str = ""
    outputs: Sequence[Output] | None = None

    def rotate(self) -> tuple[RotatedDoor, ...]:
        """Do what each door needs."""
        runs = self._finish_interrupted()
        needs = self._needs()
        moved = self._move({name: need.record for name, need in needs.items() if isinstance(need, Retires)})
        moved |= self._move({name: need.record for name, need in needs.items() if isinstance(need, Draws)})
        for name, need in needs.items():
            with self._telling(name):
                run = moved[name].run if name in moved else runs.get(name)
                self.told[name] = replace(self._done(name, need, moved.get(name)), run=run)
        if self.desk.provider is not None:
            self._prove(self.desk.provider)
        return tuple(self.told[grant.name] for grant in self.grants)

    def _move(self, records: dict[GrantName, DoorRecord]) -> dict[GrantName, Moved]:
        """Bring the doors there by one run."""
        if not records:
            return {}
        moved = move_doors(records, self.records, self.desk.moves)
        self.workspace = moved.workspace
        return dict.fromkeys(records, moved)

    @property
    def desk(self) -> HandingDesk:
        return self.work.desk

    def _finish_interrupted(self) -> dict[GrantName, Run]:
        interrupted = interrupted_moves(self.records)
        runs = finish_these(interrupted, self.desk.moves)
        if interrupted:
            self.records = door_records(self.desk.declaration, self.desk.moves.store)
        return runs

    def _needs(self) -> dict[GrantName, Next]:
        needs: dict[GrantName, Next] = {}
        for grant in self.grants:
            with self._telling(grant.name):
                needs[grant.name] = self.work.next_of(grant, self.records.get(grant.name))
        # What goes is a move of its own: its doors are over with it, whatever becomes of those that are drawn.
        token = move_token("retire", self.desk.moves.randomness)
        return {name: _with_token(need, token) for name, need in needs.items()}

    def _done(self, name: GrantName, need: Next, moved: Moved | None) -> RotatedDoor:
        """Return what is to be told of the door, its pass written where it has to be."""
        match need:
            case IsClosed():
                return RotatedDoor(name, Stage.CLOSED)
            case IsFinished():
                return RotatedDoor(name, Stage.FINISHED)
            case Waits(record):
                sent = lies_ready(name, record, self.desk)
                return RotatedDoor(name, Stage.WAITING, old_until=record.old_until, sent=sent)
            case Retires(_, before, receipt):
                return self._finished(name, before, self._moved(name, moved), receipt.handshake.role, receipt.id)
            case HandsOver(record):
                return self._handed_over(name, None, record)
            case Draws(_, before):
                return self._handed_over(name, before, self._moved(name, moved))
            case _:
                assert_never(need)

    def _moved(self, name: GrantName, moved: Moved | None) -> DoorRecord:
        """Return the door's record as it was applied, unless somebody else moved it meanwhile."""
        record = moved.records.get(name) if moved is not None else None
        if record is None:
            raise overtaken(name)
        return record

    def _handed_over(self, name: GrantName, before: DoorRecord | None, record: DoorRecord) -> RotatedDoor:
        grant = self.desk.declaration.grant(name)
        handed = hand_over_door(grant, record, self._outputs, self.desk)
        digests = _digests(grant, before, record, handed.role)
        return RotatedDoor(name, Stage.HANDED_OVER, handed.role, record.old_until, handed.sent, "", None, *digests)

    def _finished(
        self, name: GrantName, before: DoorRecord, record: DoorRecord, role: RoleArn, receipt: str
    ) -> RotatedDoor:
        digests = _digests(self.desk.declaration.grant(name), before, record, role)
        return RotatedDoor(name, Stage.FINISHED, role, None, None, receipt, None, *digests)

    def _prove(self, provider: ProviderHalf) -> None:
        """Let the provider's side, which is at hand, take each pass; then its receipt retires the old ones at once."""
        proven: dict[GrantName, Retires] = {}
        for name, told in self.told.items():
            if told.stage in {Stage.HANDED_OVER, Stage.WAITING}:
                with self._telling(name):
                    proven[name] = self._proof(self.desk.declaration.grant(name), provider)
        if not proven:
            return
        known = self.records | {name: proof.before for name, proof in proven.items()}
        moved = move_doors({name: proof.record for name, proof in proven.items()}, known, self.desk.moves)
        for name, proof in proven.items():
            with self._telling(name):
                role = proof.receipt.handshake.role
                found = self._finished(name, proof.before, self._moved(name, moved), role, proof.receipt.id)
                self.told[name] = replace(found, sent=self.told[name].sent, run=moved.run)

    def _proof(self, grant: Grant, provider: ProviderHalf) -> Retires:
        play_provider(grant, provider, self.desk)
        record = door_record(self.desk.declaration.account, grant.name, self.desk.moves.store)
        need = self.work.next_of(grant, record)
        if not isinstance(need, Retires):
            raise Conflict(
                f"the provider admitted the pass of {grant.name}, and its receipt is not in the inbox",
                why="its receipts go to another place than the one that was looked into, or somebody moved the door",
                next_step="both second factors open; give both sides the same place for receipts, and rotate again",
            )
        return need

    def _outputs(self) -> Sequence[Output]:
        platform = self.desk.moves.platform
        if self.outputs is None:
            workspace = self.workspace or platform.our_workspace(self.desk.moves.setup).workspace
            self.outputs = platform.outputs(workspace)
        return self.outputs

    @contextmanager
    def _telling(self, name: GrantName) -> Iterator[None]:
        """Let a failure at one door be told with it, and the others go on."""
        try:
            yield
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            known = self.told.get(name, RotatedDoor(name, Stage.FAILED))
            self.told[name] = replace(known, stage=Stage.FAILED, cause=cause, next_step=error.next_step)


def _with_token(need: Next, token: str) -> Next:
    return replace(need, record=replace(need.record, token=token)) if isinstance(need, Retires) else need


def _digests(grant: Grant, before: DoorRecord | None, after: DoorRecord, role: RoleArn) -> tuple[str, str]:
    earlier = trust_digest(declared_trust(grant, role.partition, before)) if before is not None else ""
    return earlier, trust_digest(declared_trust(grant, role.partition, after))
