"""A workspace that keeps two doors, their provider, and an AWS in memory, in which every call is judged.

Two promises are asked for after each call: of every open door, what the provider holds and the customer's store names
opens the role; and what the platform enters with is what its role takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemorySecrets
from gatepass.adapters.memory_orchestrator import MemoryOrchestrator
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import AccountId, ExternalId, GrantName, RoleName
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.platform_run import Run
from gatepass.domain.register import CustomerName, Register, Team, TeamName
from gatepass.domain.trust import retiring_external_id
from gatepass.domain.workspace_door import DoorRecord, door_secret_name, parse_door_record
from gatepass.domain.workspace_objects import OwnAccess
from gatepass.domain.workspace_setup import Platform, WorkspaceSetup
from gatepass.usecases.admit_pass import Provider, Trust, admit, examine_pass
from gatepass.usecases.customer_half import CustomerHalf, pass_name
from gatepass.usecases.hand_over_door import HandingDesk, pass_of_door
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.move_door import MovingDesk
from gatepass.usecases.pass_of_workspace import Outbox
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.read_pass import AdmissionDesk
from gatepass.usecases.review_offer import OfferDesk
from gatepass.usecases.run_workspace import run_workspace
from gatepass.usecases.set_up_workspace import SetUpDesk, plan_workspace, set_up_workspace
from gatepass.usecases.shake_hands import Probers
from gatepass.usecases.take_pass import ProviderHalf, take_pass
from gatepass.usecases.watch_run import Watch, watch_run
from gatepass.usecases.write_pass import PassTools
from tests.fleet.stub import RECIPIENT
from tests.fleet.stub_parts import Pins, Sealed, StubTrial
from tests.people import CUSTOMER, GRANT, MANAGED, MORNING, PROVIDER
from tests.usecases.applied import apply_file
from tests.usecases.workspace_parts import (
    PLATFORM_ARN,
    PROPAGATION,
    Kills,
    LaggingRoles,
    MemoryTray,
    Port,
    ProviderTokens,
    TellingSecrets,
    Terraform,
)

SUPPORT, AUDIT, OWN = GrantName("support"), GrantName("audit"), GrantName("scalr")
NETOPS = TeamName("netops")
_DOOR = replace(GRANT, seal_to=RECIPIENT, customer_key="7KQ2M9XW4T")
DOORS = (_DOOR, replace(_DOOR, name=AUDIT, permissions=("SecurityAudit",)))
OWN_GRANT = Grant(OWN, AccountId("919814621061"), ("AdministratorAccess",), keeps_roles=True)
OVERLAP = timedelta(days=365)


class Silent:
    """Nobody who listens."""

    def reached(self, run: Run) -> None:
        del run

    def left(self, run: Run) -> None:
        del run


@dataclass
class World:
    """Both sides, the platform, one clock, and what is to go wrong.

    Attributes:
        hidden: doors that were opened or closed since the provider last admitted a pass of them.
        switch: called before each call, so that another person can go on.
    """

    grants: tuple[Grant, ...] = DOORS
    platform_kind: Platform = Platform.SCALR
    kills: Kills = field(default_factory=Kills)
    hidden: set[GrantName] = field(default_factory=set)
    switch: Callable[[], None] = lambda: None
    judging: bool = False

    def __post_init__(self) -> None:
        self.clock, self.randomness = MemoryClock(MORNING), MemoryRandomness(100)
        self.roles = LaggingRoles(CUSTOMER, self.clock, MANAGED)
        self.file = Declaration(CUSTOMER, self.grants)
        self.own_file = Declaration(CUSTOMER, (OWN_GRANT,))
        self.own_role = role_name(OWN_GRANT, self.own_file.naming)
        self.terraform = Terraform(self.file, self.roles, self.own_role)
        self.platform = MemoryOrchestrator(self.terraform)
        self.setup = WorkspaceSetup(
            self.platform_kind, "example.scalr.io", "acc-1", "aws", "access", None, self.file, OWN
        )
        self.store, self.provider_store = TellingSecrets("the customer's store"), MemorySecrets("the provider's store")
        self.passes, self.receipts = MemoryTray("passes"), MemoryTray("receipts")
        self.seal = Sealed()
        self.register = MemoryRegister(Register(PROVIDER, {NETOPS: Team(NETOPS, iam_groups=("NetOps",))}))
        self._begin()
        self.judging = True

    def call(self, what: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - of every port
        """Do one call to the outside, unless the process dies at it, and judge what stands then."""
        self.switch()
        return self.kills.around(what, lambda: self._judged(what, act))

    def _judged(self, what: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - of every port
        answer = act()
        if self.judging:
            self.judge(what)
        return answer

    def judge(self, what: str) -> None:
        """Demand both promises."""
        for grant in self.grants:
            if grant.name not in self.hidden:
                held = self.held(grant.name) & self.named(grant.name)
                opening = [one for one in held if self.roles.takes(self.role(grant.name), ExternalId(one))]
                assert opening, f"{grant.name} was lost after {what}"
        assert self.roles.takes(self.own_role, self.platform_holds(), PLATFORM_ARN), f"locked out after {what}"

    @property
    def moves(self) -> MovingDesk:
        """The customer's side, without credentials of AWS."""
        platform, store, clock = (
            self.port("platform", self.platform),
            self.port("store", self.store),
            self.port("clock", self.clock),
        )
        watch = Watch(platform, clock, Silent(), tuple)
        return MovingDesk(self.setup, platform, store, clock, self.randomness, partial(watch_run, watch=watch))

    def desk(self, *, both: bool = False) -> HandingDesk:
        """The customer's side, and the provider's too if both are at hand."""
        outbox = Outbox(self.port("outbox", self.passes), self.tools)
        offers = OfferDesk(Pins(), MemorySignatures(), self.clock)
        inbox = self.port("inbox", self.receipts)
        return HandingDesk(self.moves, outbox, inbox, offers, self.provider if both else None)

    @property
    def tools(self) -> PassTools:
        return PassTools(MemorySigningKey("customer"), self.seal, self.clock, self.randomness)

    @property
    def half(self) -> CustomerHalf:
        """The customer's side of the platform's own access, with credentials of AWS."""
        return CustomerHalf(
            CUSTOMER, OWN, self.own_role, RECIPIENT, None, self.port("roles", self.roles), self.port("store", self.store),
            self.tools, self.passes, self.receipts, OfferDesk(Pins(), MemorySignatures(), self.clock),
        )  # fmt: skip

    @property
    def provider(self) -> ProviderHalf:
        probers = Probers(ProviderTokens(self.roles), StubTrial(), self.port("clock", self.clock), self.randomness)
        desk = AdmissionDesk(MemorySignatures(), self.seal, self.clock)
        provider = Provider(self.register, self.port("provider store", self.provider_store), (), desk, probers)
        inbox, outbox = self.port("provider inbox", self.passes), self.port("provider outbox", self.receipts)
        return ProviderHalf(provider, inbox, outbox, MemorySigningKey("provider"))

    def port(self, name: str, target: object) -> Any:  # noqa: ANN401 - of every port
        return Port(name, target, self)

    def admits(self, name: GrantName) -> None:
        """Let the provider take the pass that lies there, a while after it was written."""
        self.clock.instant += timedelta(seconds=60)
        take_pass(self.passes.files[pass_name(CUSTOMER, name)], self.provider)
        self.hidden.discard(name)

    def role(self, name: GrantName) -> RoleName:
        return role_name(self.file.grant(name), self.file.naming)

    def record(self, name: GrantName) -> DoorRecord:
        return parse_door_record(self.store.secrets[door_secret_name(CUSTOMER, name)])

    def named(self, name: GrantName) -> set[str]:
        """Return what the customer's store names for the door."""
        return {one.reveal() for one in self.record(name).ids}

    def held(self, name: GrantName) -> set[str]:
        """Return what the provider keeps for the door, the one from before included."""
        kept = parse_kept(self.provider_store.secrets[f"netops/acme-prod/{name}"])
        assert isinstance(kept, KeptFactor)
        assert kept.factor is not None
        old = kept.factor.also_valid
        return {kept.factor.external_id.reveal()} | ({old.external_id.reveal()} if old is not None else set())

    def current(self, name: GrantName) -> str:
        """Return what the provider enters with."""
        kept = parse_kept(self.provider_store.secrets[f"netops/acme-prod/{name}"])
        assert isinstance(kept, KeptFactor)
        assert kept.factor is not None
        return kept.factor.external_id.reveal()

    def opens_with(self, name: GrantName, text: str) -> bool:
        """Say whether AWS lets in whoever gives this."""
        return self.roles.takes(self.role(name), ExternalId(text))

    def takes_two(self, name: GrantName) -> bool:
        """Say whether the role's trust names an external ID from before."""
        return retiring_external_id(self.roles.roles[self.role(name)].trust) is not None

    def platform_holds(self) -> ExternalId | None:
        (access,) = (each.what for each in self.platform.objects.values() if isinstance(each.what, OwnAccess))
        return access.external_id

    def drawn(self) -> int:
        """Return how many external IDs were kept for doors since the world began."""
        texts = (text for name, text in self.store.history if name.startswith("customer/workspace-/") and "{" in text)
        return len({one.reveal() for text in texts for one in parse_door_record(text).ids} - self._first)

    def enters(self, text: str) -> bool:
        """Say whether AWS lets the platform in with this."""
        self.clock.instant += PROPAGATION
        return self.roles.takes(self.own_role, ExternalId(text), PLATFORM_ARN)

    @property
    def applies(self) -> list[str]:
        """The messages of the runs that were to change something, in order."""
        return [run.reason for run in self.platform.runs.values() if not run.is_dry]

    def _begin(self) -> None:
        """Let the platform's role stand, set the workspace up, and let the provider admit the first passes."""
        apply_file(self.own_file, self.roles)
        self.roles.note(self.own_role)
        keep_second_factor(OWN, self.roles, self.store)
        self.clock.instant += timedelta(seconds=60)
        desk = SetUpDesk(self.setup, self.platform, self.store, self.clock, self.randomness, self.roles)
        list(set_up_workspace(plan_workspace(desk), desk))
        run_workspace(self.moves)
        for grant in self.grants:
            pass_of_door(grant.name, self.desk())
            self.clock.instant += timedelta(seconds=60)
            text = self.passes.files[pass_name(CUSTOMER, grant.name)]
            wish = Wish(CustomerName("acme-prod"), "acme", (NETOPS,))
            admit(examine_pass(text, wish, self.provider.provider, Trust()), self.provider.provider)
        self.clock.instant += timedelta(seconds=60)
        self._first = self.named(self.grants[0].name).union(*(self.named(each.name) for each in self.grants))
        self.kills.made.clear()
        self.platform.runs.clear()
        self.randomness.drawn = 1000
