"""A customer's account and a platform in memory, whose runs keep the roles of a file as Terraform would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles, MemorySecrets
from gatepass.adapters.memory_faults import Calls, Fault
from gatepass.adapters.memory_orchestrator import MemoryOrchestrator
from gatepass.adapters.memory_runs import Outcome, Running
from gatepass.domain.documents import Document
from gatepass.domain.engines import TERRAFORM
from gatepass.domain.errors import GatepassError
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, Partition, RoleName, role_arn
from gatepass.domain.platform_run import Output, Run
from gatepass.domain.role import ENGINE_TAG, Role
from gatepass.domain.trust import (
    Retiring,
    accepted_external_id,
    closed_trust,
    open_trust,
    read_instant,
    retiring_external_id,
)
from gatepass.domain.wanted import wanted_role
from gatepass.domain.workspace_setup import Platform, Repository, WorkspaceSetup
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.apply_changes import apply_changes
from gatepass.usecases.door_records import door_records
from gatepass.usecases.move_door import MovingDesk
from gatepass.usecases.plan_grants import plan_account
from gatepass.usecases.set_up_workspace import SetUpDesk, plan_workspace, set_up_workspace
from gatepass.usecases.watch_run import Watch, watch_run
from tests.people import CUSTOMER, GRANT, MORNING, PROVIDER, memory_roles
from tests.usecases.applied import WAIT

SCALR_ACCOUNT = AccountId("919814621061")
AUDIT = Grant(GrantName("audit"), PROVIDER, ("SecurityAudit",))
OWN = Grant(GrantName("scalr"), SCALR_ACCOUNT, ("ReadOnlyAccess",), keeps_roles=True)
FILE = Declaration(CUSTOMER, (GRANT, AUDIT))
REPOSITORY = Repository("github", "acme/aws-access", "main", "customer")
SETUP = WorkspaceSetup(
    Platform.SCALR,
    "example.scalr.io",
    "acc-example",
    "aws-access",
    "access-444455556666",
    REPOSITORY,
    FILE,
    OWN.name,
    "0 3 * * *",
    "1.11.4",
)
HCP_SETUP = replace(SETUP, platform=Platform.HCP, hostname="app.terraform.io", owner="acme", schedule=None)


class Killed(BaseException):
    """The process ended at this very point."""


@dataclass
class CountedSecrets:
    """A store whose calls are counted with those of the platform, and failed like them."""

    calls: Calls
    inner: MemorySecrets = field(default_factory=MemorySecrets)
    title: str = "the memory of this process"

    def get(self, name: str) -> str | None:
        """Return what was put."""
        with self.calls.call("get"):
            return self.inner.get(name)

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what was put."""
        with self.calls.call("get_all"):
            return self.inner.get_all(names)

    def put(self, name: str, value: str) -> None:
        """Keep it."""
        with self.calls.call("put"):
            self.inner.put(name, value)

    def delete(self, name: str) -> None:
        """Forget it."""
        with self.calls.call("delete"):
            self.inner.delete(name)

    def names(self, prefix: str) -> frozenset[str]:
        """Return what lies there."""
        with self.calls.call("names"):
            return self.inner.names(prefix)


@dataclass
class Silent:
    """Who listens and notes what was told."""

    stages: list[str] = field(default_factory=list)
    left_going: list[str] = field(default_factory=list)

    def reached(self, run: Run) -> None:
        """Note the stage."""
        self.stages.append(run.stage.value)

    def left(self, run: Run) -> None:
        """Note the run."""
        self.left_going.append(run.id)


@dataclass
class Terraform:
    """What a run does: it keeps the roles of the file, in the account of the customer.

    Attributes:
        enters_by: the role by which it must be able to enter; None where it needs none.
        fails: what it says instead of doing anything; empty to do it.
    """

    declaration: Declaration
    roles: MemoryRoles
    enters_by: RoleName | None = None
    fails: str = ""

    def __call__(self, running: Running) -> Outcome:
        """Do it."""
        if self.fails:
            return Outcome(went_well=False, log=self.fails)
        if self.enters_by is not None and not self._enters(running):
            return Outcome(went_well=False, log="AccessDenied: sts:AssumeRole")
        doors = json.loads(running.doors or "{}")
        wanted = {} if running.is_destroy else {role.name: role for role in self._wanted(doors)}
        names = {role_name(grant, self.declaration.naming) for grant in self.declaration.grants}
        kept = {name: role for name, role in self.roles.roles.items() if name not in names} | wanted
        changes = kept != self.roles.roles
        if not running.is_dry:
            self.roles.roles = kept
        return Outcome(outputs=self._outputs(wanted), has_changes=changes)

    def _enters(self, running: Running) -> bool:
        role = self.roles.roles.get(self.enters_by) if self.enters_by is not None else None
        access = running.own_access
        if role is None or access is None or access.role.name != role.name:
            return False
        old = retiring_external_id(role.trust)
        return access.external_id in {accepted_external_id(role.trust), old.external_id if old else None}

    def _wanted(self, doors: dict[str, dict[str, object]]) -> Iterator[Role]:
        for grant in self.declaration.grants:
            role = wanted_role(
                self.declaration,
                grant,
                Partition(),
                policies=frozenset(),
                trust=_trust(grant, doors.get(str(grant.name), {})),
                customer_key=None,
            )
            yield replace(role, tags={**role.tags, ENGINE_TAG: TERRAFORM})

    def _outputs(self, wanted: dict[RoleName, Role]) -> tuple[Output, ...]:
        if not wanted:
            return ()
        arns = {
            str(grant.name): str(role_arn(Partition(), CUSTOMER, role_name(grant, self.declaration.naming)))
            for grant in self.declaration.grants
        }
        return (Output("role_arns", arns, is_sensitive=False),)


def _trust(grant: Grant, door: dict[str, object]) -> Document:
    ids = door.get("external_ids", [])
    assert isinstance(ids, list)
    if not grant.needs_second_factor:
        return open_trust(grant, Partition(), None)
    if not ids:
        return closed_trust()
    until = read_instant(door["old_opens_until"]) if len(ids) > 1 else None
    old = Retiring(ExternalId(ids[1]), until) if until is not None else None
    return open_trust(grant, Partition(), ExternalId(ids[0]), retiring=old)


@dataclass
class Scene:
    """One customer, one platform, one store."""

    setup: WorkspaceSetup = SETUP
    roles: MemoryRoles = field(default_factory=memory_roles)
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MORNING))
    randomness: MemoryRandomness = field(default_factory=MemoryRandomness)
    platform: MemoryOrchestrator = field(default_factory=MemoryOrchestrator)
    listener: Silent = field(default_factory=Silent)
    can_read_aws: bool = True

    def __post_init__(self) -> None:
        self.store = CountedSecrets(self.platform.calls)
        self.roles.roles |= {role.name: role for role in own_roles()}
        self.enters_by = role_name(OWN, FILE.naming)
        needs = self.enters_by if self.setup.own_access is not None else None
        self.terraform = Terraform(self.setup.declaration, self.roles, needs)
        self.platform.runs_terraform = self.terraform

    @property
    def kept(self) -> SecretStore:
        """The store without its count."""
        return self.store.inner

    def desk(self) -> SetUpDesk:
        """Return what set-up needs."""
        roles = self.roles if self.can_read_aws else None
        return SetUpDesk(self.setup, self.platform, self.store, self.clock, self.randomness, roles)

    def moves(self) -> MovingDesk:
        """Return what moves need."""
        return MovingDesk(
            self.setup, self.platform, self.store, self.clock, self.randomness, lambda run: watch_run(run, self.watch())
        )

    def watch(self) -> Watch:
        """Return what waiting needs."""
        return Watch(self.platform, self.clock, self.listener, self.ids)

    def ids(self) -> tuple[ExternalId, ...]:
        """Return every external ID that the store keeps."""
        records = door_records(self.setup.declaration, self.kept)
        return tuple(one for record in records.values() for one in record.ids)

    def set_up(self) -> None:
        """Set it up, and forget which calls that took."""
        desk = self.desk()
        list(set_up_workspace(plan_workspace(desk), desk))
        self.platform.calls.made.clear()

    def lying(self) -> dict[str, object]:
        """Return all that could be doubled or differ: what lies on the platform, in AWS and in the store."""
        return {
            "platform": {key: found.what for key, found in self.platform.objects.items()},
            "doors": self.platform.doors_value(self.setup),
            "roles": dict(self.roles.roles),
            "store": dict(self.store.inner.secrets),
        }


@cache
def own_roles() -> tuple[Role, ...]:
    """Return the role by which the platform enters, as applied; it takes longer than all the rest of a scene."""
    roles = memory_roles()
    planned = plan_account(Declaration(CUSTOMER, (OWN,)), roles, roles.clock, MemoryRandomness(900))
    list(apply_changes(planned.changes, roles, roles.clock, WAIT))
    return tuple(roles.roles.values())


def kill_points(most: int = 200) -> Iterator[tuple[int, bool]]:
    """Yield every point at which a process can end: before and after the work of each call."""
    for call in count():
        assert call < most, "it never ended"
        yield call, False
        yield call, True


def killing(scene: Scene, call: int, *, after: bool, error: BaseException | None = None) -> None:
    """Let the process end at that call."""
    scene.platform.fail(Fault("", call, error or Killed(), after))


def facts(error: GatepassError) -> str:
    """Return all words of an error."""
    return f"{error.what} {error.why} {error.next_step}"
