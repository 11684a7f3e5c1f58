"""Set a workspace up on its platform: look, show what would be made or changed, and do it so that it can be repeated.

The external IDs are kept before the platform hears of them, and every object is looked for by its name before it is
made: stopped anywhere, the next run goes on, and nothing is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gatepass.domain.errors import Conflict
from gatepass.domain.workspace_door import doors_variable
from gatepass.domain.workspace_objects import Doors, Found, OwnAccess, PlatformObject, Standing
from gatepass.domain.workspace_plan import (
    Alter,
    Drop,
    Keep,
    Make,
    Refuse,
    Wanted,
    WorkspaceChange,
    plan_workspace_changes,
    with_found,
)
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.orchestrators import Orchestrator
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.begin_doors import DoorsDesk, DoorsPlan, begin_doors, doors_unknown, plan_doors
from gatepass.usecases.door_records import door_records, seal_salt
from gatepass.usecases.platform_access import platform_access

# How often the variable is written again because a door moved while it was written.
_MOST_WRITES = 5


@dataclass(frozen=True, slots=True)
class SetUpDesk:
    """One workspace, and what setting it up needs.

    Attributes:
        store: where the customer keeps the records of its doors.
        roles: the customer's account, if there are credentials of it; needed to make the platform's own access.
    """

    setup: WorkspaceSetup
    platform: Orchestrator
    store: SecretStore
    clock: Clock
    randomness: Randomness
    roles: RoleDirectory | None = None

    @property
    def doors(self) -> DoorsDesk:
        """What doors are begun with."""
        return DoorsDesk(self.setup.declaration, self.store, self.clock, self.randomness, self.roles)


@dataclass(frozen=True, slots=True)
class WorkspacePlan:
    """What setting up would do.

    Attributes:
        changes: in their order, what stands as it should included.
        doors: where each door's external ID comes from.
    """

    setup: WorkspaceSetup
    standing: Standing
    changes: tuple[WorkspaceChange, ...]
    doors: DoorsPlan

    @property
    def refusals(self) -> tuple[Refuse, ...]:
        """What is in the way; with any, nothing is done."""
        return tuple(change for change in self.changes if isinstance(change, Refuse))

    @property
    def pending(self) -> tuple[WorkspaceChange, ...]:
        """What would be done."""
        return tuple(change for change in self.changes if not isinstance(change, Keep | Refuse))


def plan_workspace(desk: SetUpDesk) -> WorkspacePlan:
    """Return what setting up would do; the platform, the store and AWS are only read.

    Raises:
        NotThere: the role by which the platform is to enter is not there.
        Conflict: it is closed or another engine's, or the credentials are for another account.
        GatepassError: the platform, the store or AWS said no, or did not answer.
    """
    standing = desk.platform.standing(desk.setup)
    doors = plan_doors(desk.doors, standing.doors.what if standing.doors is not None else None)
    wanted = Wanted(_own_access(desk, doors.salt or ""), doors.variable(desk.clock.now()))
    changes = plan_workspace_changes(desk.setup, standing, wanted)
    if doors.unknown:
        unknown = doors_unknown(doors, desk.doors)
        changes = (*changes, Refuse(unknown.what, unknown.why, unknown.next_step))
    return WorkspacePlan(desk.setup, standing, changes, doors)


def set_up_workspace(plan: WorkspacePlan, desk: SetUpDesk) -> Iterator[WorkspaceChange]:
    """Do what the plan says, yielding each change once the platform has accepted it.

    Raises:
        Conflict: something is in the way, and nothing was changed; or it came there meanwhile, and what was yielded
            stands.
        Overtaken: somebody else begins or moves the same doors at the same time.
        GatepassError: the platform, the store or AWS said no, or did not answer; what was yielded stands, and another
            run finishes.
    """
    demand_possible(plan)
    standing = plan.standing
    begun = begin_doors(desk.doors, standing.doors.what if standing.doors is not None else None)
    wanted = Wanted(_own_access(desk, begun.salt or ""), begun.variable(desk.clock.now()))
    for change in plan_workspace_changes(desk.setup, standing, wanted):
        match change:
            case Make(what):
                found = desk.platform.make(desk.setup, what, standing)
                standing = with_found(standing, found)
                if isinstance(what, Doors):
                    _write_until_it_stands(what, found, desk)
                yield change
            case Alter(what, found):
                desk.platform.change(desk.setup, what, found)
                if isinstance(what, Doors):
                    _write_until_it_stands(what, found, desk)
                yield change
            case Drop(found):
                desk.platform.remove(desk.setup, found)
                yield change
            case Keep() | Refuse():
                pass


def demand_possible(plan: WorkspacePlan) -> None:
    """Let only a plan pass that nothing is in the way of.

    Raises:
        Conflict: something is; all of it is told.
    """
    if not plan.refusals:
        return
    first, *others = plan.refusals
    also = "".join(f"\nalso: {other.what}, for {other.why}" for other in others)
    raise Conflict(first.what, why=f"{first.why}; nothing was changed{also}", next_step=first.next_step)


def _own_access(desk: SetUpDesk, salt: str) -> OwnAccess | None:
    """Return how the platform should enter, or None where nobody can or need ask."""
    if desk.setup.own_access is None or desk.roles is None:
        return None
    return platform_access(desk.setup, desk.setup.own_access, desk.roles, salt)


def _write_until_it_stands(written: Doors, found: Found[PlatformObject], desk: SetUpDesk) -> None:
    """Write the variable again while a door moves: who moved it may have written before us what we overwrote."""
    salt = seal_salt(desk.setup.declaration.account, desk.store)
    for _ in range(_MOST_WRITES):
        records = door_records(desk.setup.declaration, desk.store)
        now = doors_variable(records, salt, desk.clock.now())
        if now.seal == written.seal:
            return
        desk.platform.change(desk.setup, now, replace(found, what=written))
        written = now
    raise Conflict(
        f"the doors of the workspace {desk.setup.workspace} move faster than its variable can be written",
        why="the records in the store had changed each time after it was written",
        next_step="let the others finish, then do it again: it goes on where it stopped",
    )
