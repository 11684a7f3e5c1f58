"""What is there of a workspace: its objects, its last run, and its doors as the store and the variable say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from gatepass.domain.grant import Grant
from gatepass.domain.identifiers import GrantName
from gatepass.domain.platform_run import Run
from gatepass.domain.workspace_door import DoorRecord, Step, doors_variable, salt_secret_name
from gatepass.domain.workspace_objects import Standing
from gatepass.domain.workspace_setup import WorkspaceSetup
from gatepass.ports.machine import Clock
from gatepass.ports.orchestrators import Orchestrator
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.door_records import door_records


class Variable(Enum):
    """What the variable says, held against the store."""

    NOT_THERE = "not there"
    AS_KEPT = "says what the store keeps"
    DIFFERS = "says something else than the store keeps"
    UNKNOWN = "the store keeps nothing to compare it with"


class DoorState(Enum):
    """What a door should be, by the store's record."""

    OPEN = "open"
    CLOSED = "closed"
    ROTATING = "rotating"
    NOT_BEGUN = "not begun"
    NO_SECOND_FACTOR = "no second factor"


@dataclass(frozen=True, slots=True)
class DoorStatus:
    """One door.

    Attributes:
        until: until when the previous external ID opens too, while the door is rotating.
        step: how far its last move came; None for a door without a record.
    """

    grant: GrantName
    state: DoorState
    until: datetime | None = None
    step: Step | None = None

    @property
    def is_ahead(self) -> bool:
        """Whether AWS may not hold it yet: its last move was begun and not finished."""
        return self.step is Step.WRITTEN


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """What is there of one workspace.

    Attributes:
        latest: the run that began last, whoever began it; None without one.
    """

    setup: WorkspaceSetup
    standing: Standing
    variable: Variable
    doors: tuple[DoorStatus, ...]
    latest: Run | None

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do: all is ours and there, says what it should, and the last run went well."""
        there = self.standing.workspace is not None and self.standing.workspace.is_ours
        went = self.latest is not None and self.latest.went_well
        begun = all(door.state is not DoorState.NOT_BEGUN and not door.is_ahead for door in self.doors)
        return there and went and begun and self.variable is Variable.AS_KEPT


def workspace_status(
    setup: WorkspaceSetup, platform: Orchestrator, store: SecretStore, clock: Clock
) -> WorkspaceStatus:
    """Return what is there; nothing is changed, and no external ID is in it.

    Raises:
        InvalidInput: a record in the store is not as Gatepass writes it.
        AccessRefused: the platform or the store said no.
        GatepassError: the platform did not answer.
    """
    standing, now = platform.standing(setup), clock.now()
    records = door_records(setup.declaration, store)
    latest = platform.latest_run(standing.workspace.id) if standing.workspace is not None else None
    doors = tuple(_door(grant, records.get(grant.name), now) for grant in setup.declaration.grants)
    salt = store.get(salt_secret_name(setup.declaration.account))
    return WorkspaceStatus(setup, standing, _variable(standing, records, salt, now), doors, latest)


def _variable(standing: Standing, records: dict[GrantName, DoorRecord], salt: str | None, now: datetime) -> Variable:
    if standing.doors is None:
        return Variable.NOT_THERE
    if salt is None:
        return Variable.UNKNOWN
    is_same = doors_variable(records, salt, now).seal == standing.doors.what.seal
    return Variable.AS_KEPT if is_same else Variable.DIFFERS


def _door(grant: Grant, record: DoorRecord | None, now: datetime) -> DoorStatus:
    if record is None:
        state = DoorState.NOT_BEGUN if grant.needs_second_factor else DoorState.NO_SECOND_FACTOR
        return DoorStatus(grant.name, state)
    if not record.ids:
        return DoorStatus(grant.name, DoorState.CLOSED, step=record.step)
    if record.old_until is not None and record.old_until > now:
        return DoorStatus(grant.name, DoorState.ROTATING, record.old_until, record.step)
    return DoorStatus(grant.name, DoorState.OPEN, step=record.step)
