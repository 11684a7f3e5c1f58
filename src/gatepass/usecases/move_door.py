"""Move doors that a workspace keeps: the record, then the variable that says of all doors, then a run.

Each move bears a token. A record that says WRITTEN is a move that was interrupted, and whoever finds it finishes it:
the same token over the same variable is the same run. The variable is always made from all records of the file, and
they are read again after it was written, so that two people who move two doors at once do not undo each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gatepass.domain.errors import Conflict, Overtaken
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import GrantName
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_door import DoorRecord, Step, doors_variable
from gatepass.domain.workspace_objects import Doors
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.orchestrators import Orchestrator, OurWorkspace
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.door_records import (
    DoorRecords,
    demand_known,
    door_record,
    door_records,
    keep_door,
    mark_door,
    note_close,
    overtaken,
    seal_salt,
)
from gatepass.usecases.run_move import run_move

_TOKEN_BITS = 80
# How often the variable is written again because a record changed meanwhile, and how often a run follows.
_MOST_WRITES = 5
_MOST_RUNS = 3
# How often who closes puts the record again that somebody else replaced.
_MOST_PUTS = 5


@dataclass(frozen=True, slots=True)
class MovingDesk:
    """One workspace, and what moving its doors needs.

    Attributes:
        store: where the customer keeps the records of its doors.
        watch: waits until a run is over, and returns it if it ended well; raises why not otherwise.
    """

    setup: WorkspaceSetup
    platform: Orchestrator
    store: SecretStore
    clock: Clock
    randomness: Randomness
    watch: Callable[[Run], Run]

    @property
    def declaration(self) -> Declaration:
        """The customer's file."""
        return self.setup.declaration

    @property
    def command(self) -> str:
        """What a person types before the verb."""
        return f"gatepass {self.setup.platform.value}"


@dataclass(frozen=True, slots=True)
class Moved:
    """Doors that stand as their records say.

    Attributes:
        records: those of this move; one that somebody else moved meanwhile is not among them.
        run: what brought them there.
        workspace: the platform's id of the workspace.
    """

    records: Mapping[GrantName, DoorRecord]
    run: Run
    workspace: str


def move_token(verb: str, randomness: Randomness) -> str:
    """Return what marks a new move."""
    return f"{verb}-{randomness.word(_TOKEN_BITS)}"


def move_doors(
    wanted: Mapping[GrantName, DoorRecord],
    known: DoorRecords,
    desk: MovingDesk,
    *,
    at: OurWorkspace | None = None,
    closes: bool = False,
) -> Moved:
    """Bring doors to where these records say, by one run.

    Nothing is written, neither here nor there, while the workspace is locked or the store does not know all its doors.

    Args:
        wanted: one record for each door, all with the same new token.
        known: every record of the file as it was when that was decided; who closes a door need not be up to date.
        desk: the workspace.
        at: the workspace as it was just read; None to read it here.
        closes: whether they are closed: then a record that somebody else puts meanwhile is replaced again.

    Raises:
        NotThere: the workspace is gone, or was never set up from this store.
        Overtaken: somebody else moves each of the doors at the same time.
        Conflict: the workspace is locked or not ours, or the run did not end well; the same verb goes on.
        GatepassError: the platform or the store said no, or did not answer; the same verb goes on.
    """
    (token,) = {record.token for record in wanted.values()}
    at = unlocked(at or desk.platform.our_workspace(desk.setup), desk)
    standing = door_records(desk.declaration, desk.store)
    demand_known(desk.declaration, standing | dict(wanted), desk.store)
    if not closes and any(standing[grant].token != known[grant].token for grant in wanted):
        raise overtaken(*wanted)
    seal_salt(desk.declaration.account, desk.store)
    for left in reversed(range(_MOST_PUTS if closes else 1)):
        try:
            for grant, record in wanted.items():
                if closes:
                    note_close(desk.declaration.account, grant, token, desk.store)
                keep_door(desk.declaration.account, grant, record, desk.store)
            return finish_move(token, tuple(wanted), desk, at=at)
        except Overtaken:
            if not left:
                raise
            at = desk.platform.our_workspace(desk.setup)
    raise overtaken(*wanted)


def finish_move(token: str, grants: Sequence[GrantName], desk: MovingDesk, *, at: OurWorkspace | None = None) -> Moved:
    """Do the rest of a move whose records lie in the store.

    Raises:
        As ``move_doors``.
    """
    salt = seal_salt(desk.declaration.account, desk.store)
    at = unlocked(at or desk.platform.our_workspace(desk.setup), desk)
    move, tries = _Move(token, tuple(grants), salt, desk), 0
    for _ in range(_MOST_RUNS):
        at, used = move.write_variable(at)
        run, tries = run_move(at, token, tries + 1, desk.platform, desk.watch)
        if not move.must_look_again(used):
            return move.applied(run, at)
        # Somebody who read the records before ours lay there could have written the variable after us.
        at = desk.platform.our_workspace(desk.setup)
        now = move.all_records()
        if not move.is_mine(now):
            raise overtaken(*grants)
        if at.seal == move.variable(now).seal:
            return move.applied(run, at)
    raise Conflict(
        f"the variable of the workspace {desk.setup.workspace} was changed during each of {_MOST_RUNS} runs",
        why="others move doors of the same file, again and again",
        next_step="let them finish, then do it again: it goes on where it stopped",
    )


def finish_these(moves: Mapping[str, tuple[GrantName, ...]], desk: MovingDesk) -> dict[GrantName, Run]:
    """Finish these moves, and return the runs by their doors.

    Raises:
        As ``move_doors``.
    """
    runs: dict[GrantName, Run] = {}
    for token, grants in moves.items():
        runs |= dict.fromkeys(grants, finish_move(token, grants, desk).run)
    return runs


def interrupted_moves(records: DoorRecords) -> dict[str, tuple[GrantName, ...]]:
    """Return the moves that were begun and may not be in AWS yet, by their tokens, with their doors."""
    moves: dict[str, tuple[GrantName, ...]] = {}
    for grant, record in records.items():
        if record.step is Step.WRITTEN:
            moves[record.token] = (*moves.get(record.token, ()), grant)
    return moves


def unlocked(at: OurWorkspace, desk: MovingDesk) -> OurWorkspace:
    """Let only a workspace pass in which runs may begin.

    Raises:
        Conflict: it is locked.
    """
    if at.is_locked:
        raise Conflict(
            f"the workspace {desk.setup.workspace} is locked",
            why="somebody keeps runs from beginning there, so no door of it can be moved; nothing was changed",
            next_step=f"unlock it on {desk.platform.title}, then do it again",
        )
    return at


@dataclass(frozen=True, slots=True)
class _Move:
    """One move whose records lie in the store."""

    token: str
    grants: tuple[GrantName, ...]
    salt: str = field(repr=False)
    desk: MovingDesk

    def write_variable(self, at: OurWorkspace) -> tuple[OurWorkspace, DoorRecords]:
        """Let the variable say what all records say, and return it with them.

        Who finds its own record replaced after it wrote brings the variable and AWS to what the records say before it
        gives up: what it wrote could stand over what the other wrote.
        """
        at, records, has_written = self._written(at)
        if self.is_mine(records):
            return at, records
        if has_written:
            run_move(at, self.token, 1, self.desk.platform, self.desk.watch)
        raise overtaken(*self.grants)

    def _written(self, at: OurWorkspace) -> tuple[OurWorkspace, DoorRecords, bool]:
        records, has_written = self.all_records(), False
        for _ in range(_MOST_WRITES):
            doors = self.variable(records)
            if doors.seal == at.seal or not (has_written or self.is_mine(records)):
                return at, records, has_written
            self.desk.platform.write_doors(at, doors)
            at, has_written, records = replace(at, seal=doors.seal), True, self.all_records()
        raise Conflict(
            f"the doors of the workspace {self.desk.setup.workspace} move faster than its variable can be written",
            why="the records in the store had changed each time after it was written",
            next_step="let the others finish, then do it again: it goes on where it stopped",
        )

    def variable(self, records: DoorRecords) -> Doors:
        """Return what the variable should say."""
        return doors_variable(records, self.salt, self.desk.clock.now())

    def all_records(self) -> DoorRecords:
        """Return every record of the file."""
        records = door_records(self.desk.declaration, self.desk.store)
        demand_known(self.desk.declaration, records, self.desk.store)
        return records

    def is_mine(self, records: DoorRecords) -> bool:
        """Say whether one of them is this move's."""
        return any(record.token == self.token for record in records.values())

    def must_look_again(self, used: DoorRecords) -> bool:
        """Say whether the run could have seen another variable: others were moving, or a door was taken from them."""
        others = (record for record in used.values() if record.token != self.token)
        closes = any(record.token == self.token and not record.ids for record in used.values())
        return closes or any(record.step is Step.WRITTEN for record in others)

    def applied(self, run: Run, at: OurWorkspace) -> Moved:
        """Write down that AWS holds what this move's records say."""
        moved, account = {}, self.desk.declaration.account
        for grant in self.grants:
            record = door_record(account, grant, self.desk.store)
            if record is not None and record.token == self.token:
                is_ahead = record.step is Step.WRITTEN
                moved[grant] = mark_door(account, grant, record, Step.APPLIED, self.desk.store) if is_ahead else record
        if not moved:
            raise overtaken(*self.grants)
        return Moved(moved, run, at.workspace)
