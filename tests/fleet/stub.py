"""A customer, its provider and an AWS in memory, in which everything can go wrong and every write is judged.

At each write two promises are asked for: what the provider's store holds as current opens the role, whichever of the
trusts AWS goes by just then; and what the customer's store holds names something that opens it.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from gatepass.adapters.aws_words import in_words
from gatepass.adapters.locksmith import AgeLocksmith
from gatepass.adapters.memory import MemoryClock, MemoryRandomness
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.memory_requests import MemorySignatures, MemorySigningKey
from gatepass.domain.errors import NotAnswered
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.kept_secrets import second_factor_name
from gatepass.domain.register import CustomerName, Register, Team, TeamName
from gatepass.domain.role import Role
from gatepass.domain.rotation_record import parse_record
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import retiring_external_id
from gatepass.fleet.memory_steps import Killed, MemorySteps
from gatepass.fleet.work import Unit, UnitResult, Work
from gatepass.fleet.works.admit import admit_kind
from gatepass.fleet.works.rotate import BothSides, RotationDesk, rotate_kind
from gatepass.usecases.admit_pass import Provider, Trust, admit, examine_pass
from gatepass.usecases.customer_half import CustomerHalf
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.place_customer import Wish
from gatepass.usecases.read_pass import AdmissionDesk
from gatepass.usecases.review_offer import OfferDesk
from gatepass.usecases.shake_hands import Probers
from gatepass.usecases.take_pass import ProviderHalf
from gatepass.usecases.write_pass import PassTools, write_pass
from tests.fleet.stub_parts import (
    RECORD,
    VERIFIER_ARN,
    Fault,
    Pins,
    Sealed,
    StubRoles,
    StubSecrets,
    StubTokens,
    StubTray,
    StubTrial,
)
from tests.people import CUSTOMER, GRANT, MANAGED, MORNING, PROVIDER, SUPPORT
from tests.usecases.applied import applied, the_role
from tests.usecases.judge import may_enter

NETOPS = TeamName("netops")
PASS = f"{CUSTOMER}-{SUPPORT}.pass.json"
SUBJECT = f"{CUSTOMER}/{SUPPORT}"
SECRET = "netops/acme-prod/support"
_KEPT = second_factor_name(CUSTOMER, SUPPORT)
_Answer = TypeVar("_Answer")


@dataclass
class World:
    """Both sides, one clock, and what is to go wrong.

    Attributes:
        faults: what goes wrong, by the number of the call from 0.
        calls: what was called, in order.
        hidden: whether the door was closed or opened by hand since the provider last admitted a pass; nobody can
            promise then that what the provider holds opens.
        afterwards: told of every call that went well, and may meddle then.
    """

    faults: dict[int, Fault] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MORNING))
    randomness: MemoryRandomness = field(default_factory=lambda: MemoryRandomness(100))
    seal: Sealed = field(default_factory=Sealed)
    drawn: set[str] = field(default_factory=set, repr=False)
    hidden: bool = False
    down_until: datetime = MORNING
    overlap: timedelta = timedelta(days=1)
    afterwards: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.judging = False
        self.roles = StubRoles(CUSTOMER, self.clock, MANAGED, world=self)
        self.roles.stand(_applied_role())
        self.provider_store, self.customer_store = StubSecrets(world=self), StubSecrets(world=self)
        self.passes, self.receipts = StubTray("passes", self), StubTray("receipts", self)
        register = Register(PROVIDER, {NETOPS: Team(NETOPS, iam_groups=("NetOps",))})
        self.register = MemoryRegister(register)
        keep_second_factor(SUPPORT, self.roles, self.customer_store)
        self._admit_the_first()
        self.clock.instant += timedelta(seconds=60)
        self.calls.clear()
        self.judging = True

    def call(self, what: str, act: Callable[[], _Answer], *, is_write: bool = False, is_disk: bool = False) -> _Answer:
        """Do one call to the outside, unless it is to go wrong."""
        number = len(self.calls)
        self.calls.append(what)
        fault = self.faults.pop(number, None) if self.judging else None
        if fault is Fault.DOWN:
            self.down_until = self.clock.now() + timedelta(seconds=30)
        if self.clock.now() < self.down_until:
            raise in_words("ServiceUnavailable", "down", what)
        if fault is Fault.DISK_FULL and is_disk:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._spoil(fault, what)
        answer = act()
        if is_write and self.judging:
            self.judge(what)
        if fault is Fault.KILLED_AFTER:
            raise Killed
        if fault in {Fault.TIMED_OUT_AFTER_EFFECT, Fault.LOST_RESPONSE}:
            raise NotAnswered(f"AWS does not answer to {what}")
        self.afterwards(what)
        return answer

    def judge(self, what: str) -> None:
        """Demand both promises."""
        role = self.role
        if role is None or doors(role).position is not Position.OPEN or self.hidden:
            return
        held = self.held_by_provider()
        for trust in self.roles.effective():
            assert may_enter(replace(role, trust=trust), VERIFIER_ARN, held, self.clock.now()), f"lost after {what}"
        named = self.named_by_customer()
        assert any(may_enter(role, VERIFIER_ARN, one, self.clock.now()) for one in named), f"unnamed after {what}"

    @property
    def role(self) -> Role | None:
        return next(iter(self.roles.roles.values()), None)

    def held_by_provider(self) -> ExternalId:
        kept = parse_kept(self.provider_store.secrets[SECRET])
        assert isinstance(kept, KeptFactor)
        assert kept.factor is not None
        return kept.factor.external_id

    def named_by_customer(self) -> list[ExternalId]:
        named = []
        if (text := self.customer_store.secrets.get(_KEPT)) is not None:
            named = [ExternalId(entry["external_id"]) for entry in json.loads(text)["roles"]]
        if (text := self.customer_store.secrets.get(RECORD)) is not None:
            record = parse_record(text)
            named += [record.new, record.previous]
        return named

    def enters(self, external_id: ExternalId | None) -> bool:
        """Say whether an engineer gets in now, by the trust that AWS goes by."""
        role = self.role
        if role is None or doors(role).position is not Position.OPEN:
            return False
        now = self.clock.now()
        return all(
            may_enter(replace(role, trust=trust), VERIFIER_ARN, external_id, now) for trust in self.roles.effective()
        )

    @property
    def half(self) -> CustomerHalf:
        tools = PassTools(MemorySigningKey("customer"), self.seal, self.clock, self.randomness)
        desk = OfferDesk(Pins(), MemorySignatures(), self.clock)
        (name,) = self.roles.names
        return CustomerHalf(
            CUSTOMER, SUPPORT, name, RECIPIENT, None, self.roles, self.customer_store, tools, self.passes, self.receipts, desk,
            self.overlap,
        )  # fmt: skip

    @property
    def provider(self) -> Provider:
        desk = AdmissionDesk(MemorySignatures(), self.seal, self.clock)
        probers = Probers(StubTokens(self), StubTrial(), self.clock, self.randomness)
        return Provider(self.register, self.provider_store, (), desk, probers)

    @property
    def provider_half(self) -> ProviderHalf:
        return ProviderHalf(self.provider, self.passes, self.receipts, MemorySigningKey("provider"))

    def rotation(self, *, both: bool) -> Work:
        provider = BothSides(self.provider_half, StubTokens(self)) if both else None
        return rotate_kind(RotationDesk(lambda: [SUBJECT], lambda _: self.half, provider)).work

    def admission(self) -> Work:
        return admit_kind(self.provider_half).work

    def _admit_the_first(self) -> None:
        """Let the first pass be admitted by hand, as it always is."""
        _, signed = write_pass(SUPPORT, RECIPIENT, self.roles, self.half.tools)
        self.clock.instant += timedelta(seconds=10)
        wish = Wish(CustomerName("acme-prod"), "acme", (NETOPS,))
        admit(examine_pass(signed.text, wish, self.provider, Trust()), self.provider)

    def _spoil(self, fault: Fault | None, what: str) -> None:
        match fault:
            case Fault.THROTTLED:
                raise in_words("Throttling", "Rate exceeded", what)
            case Fault.FAILED:
                raise in_words("ServiceFailure", "500", what)
            case Fault.KILLED_BEFORE:
                raise Killed
            case Fault.DELETED:
                self.roles.roles.clear()
            case Fault.EDITED:
                self.roles.edit_by_hand()
            case Fault.CLOSED:
                self.roles.close_by_hand()
            case _:
                pass


@lru_cache(maxsize=1)
def _applied_role() -> Role:
    return the_role(applied(GRANT))


@lru_cache(maxsize=1)
def _recipient() -> str:
    locksmith = AgeLocksmith()
    return locksmith.public_halves(locksmith.make()).seal_to


RECIPIENT = _recipient()


def finished(world: World, work: Work, unit: Unit, steps: MemorySteps | None = None) -> UnitResult:
    """Do the unit, and as often again as its process is killed."""
    kept = steps or steps_of(world)
    while True:
        kept.begin_again()
        try:
            return work(unit, kept)
        except Killed:
            continue


@dataclass
class _WorldSteps(MemorySteps):
    """Steps whose waiting moves the world's clock."""

    world: World | None = None

    def wait(self, duration: timedelta) -> None:
        before = self.clock
        super().wait(duration)
        if self.world is not None:
            self.world.clock.instant += self.clock - before


def steps_of(world: World) -> MemorySteps:
    """Return steps in this world's time."""
    return _WorldSteps(clock=world.clock.now(), world=world)


def rotates(world: World, *, both: bool = True, run: str = "run-1") -> UnitResult:
    """Rotate, in one process with both sides or in the customer's alone."""
    return finished(world, world.rotation(both=both), Unit("rotate", SUBJECT, run))


def admits(world: World, run: str = "run-2") -> UnitResult:
    """Let the provider admit the pass that lies there."""
    return finished(world, world.admission(), Unit("admit", PASS, run))


def overlaps(world: World) -> bool:
    """Say whether the second factor from before opens beside another."""
    assert world.role is not None
    retiring = retiring_external_id(world.role.trust)
    return retiring is not None and retiring.until > world.clock.now()
