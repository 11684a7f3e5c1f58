"""The parts of the stub: what stands outside of both halves, and what can go wrong there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, TypeVar

from gatepass.adapters.aws_words import in_words
from gatepass.adapters.memory import MemoryClock, MemoryRoles, MemorySecrets
from gatepass.adapters.memory_requests import MemorySigningKey
from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.identifiers import AccountId, RoleName
from gatepass.domain.limits import VERIFIER
from gatepass.domain.role import SWITCH_POLICY, Role
from gatepass.domain.rotation_record import parse_record, rotation_secret_name
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.signed_file import PublicKey
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import closed_trust
from gatepass.ports.roles import StandingRole
from tests.people import CUSTOMER, MORNING, PROVIDER, SUPPORT
from tests.usecases.judge import may_enter

PROPAGATION = timedelta(seconds=4)
STS_A_SECOND = 600
# What somebody adds to the trust by hand.
BY_HAND = "203.0.113.0/24"
RECORD = rotation_secret_name(CUSTOMER, SUPPORT)
VERIFIER_ARN = f"arn:aws:iam::{PROVIDER}:user/{VERIFIER}"
_Answer = TypeVar("_Answer")


class Outside(Protocol):
    """What all parts share: the clock, the role, and how a call goes wrong."""

    clock: MemoryClock
    judging: bool
    drawn: set[str]
    roles: StubRoles

    def call(
        self, what: str, act: Callable[[], _Answer], *, is_write: bool = False, is_disk: bool = False
    ) -> _Answer: ...


class Fault(Enum):
    """What can go wrong with one call."""

    THROTTLED = "throttled"
    FAILED = "5xx"
    TIMED_OUT_AFTER_EFFECT = "time-out after effect"
    LOST_RESPONSE = "lost response"
    DELETED = "role deleted in the middle"
    EDITED = "role edited in the middle"
    CLOSED = "door closed in the middle"
    DOWN = "down for 30 s"
    DISK_FULL = "disk full"
    KILLED_BEFORE = "killed before the effect"
    KILLED_AFTER = "killed after the effect"


@dataclass
class Sealed:
    """A seal that hides nothing but its look, a hundred times faster than the real one."""

    kept: dict[str, str] = field(default_factory=dict)

    def seal(self, text: str, recipient: str) -> str:
        del recipient
        name = f"{len(self.kept):08d}"
        self.kept[name] = text
        return f"-----BEGIN AGE ENCRYPTED FILE-----\n{name}\n-----END AGE ENCRYPTED FILE-----\n"

    def open(self, sealed: str) -> str:
        return self.kept[sealed.split("\n")[1]]


@dataclass
class StubRoles(MemoryRoles):
    """The customer's account, whose trusts take a while to be gone by."""

    world: Outside = field(kw_only=True, repr=False)
    written: list[tuple[datetime, Document]] = field(default_factory=list)
    names: list[RoleName] = field(default_factory=list)

    def standing_role(self, name: RoleName) -> StandingRole | None:
        return self.world.call("iam:GetRole", lambda: MemoryRoles.standing_role(self, name))

    def make(self, change: Change) -> None:
        self.world.call(f"iam:{type(change).__name__}", lambda: self._make(change), is_write=True)

    def _make(self, change: Change) -> None:
        if self.world.judging and change.name not in self.roles:
            raise in_words("NoSuchEntity", "gone", f"iam:{type(change).__name__}")
        super().make(change)
        self._note()

    def stand(self, role: Role) -> None:
        """Let the role stand from the beginning."""
        self.roles[role.name], self.names = role, [role.name]
        self._note()

    def _note(self) -> None:
        role = next(iter(self.roles.values()), None)
        if role is not None and (not self.written or self.written[-1][1] != role.trust):
            self.written.append((self.clock.now(), role.trust))

    def effective(self) -> Sequence[Document]:
        """Return every trust that AWS may go by just now: the last one, and those it was in time to replace."""
        line = self.clock.now() - PROPAGATION
        first = max((place for place, (when, _) in enumerate(self.written) if when <= line), default=0)
        return [trust for _, trust in self.written[first:]]

    def lagging(self) -> Document:
        """Return the trust that AWS goes by where it is slowest."""
        return self.effective()[0]

    def edit_by_hand(self) -> None:
        for name, role in self.roles.items():
            tree = role.trust.data
            tree["Statement"][0]["Condition"]["IpAddress"] = {"aws:SourceIp": BY_HAND}  # type: ignore[index]
            self.roles[name] = replace(role, trust=Document(json.dumps(tree, sort_keys=True, separators=(",", ":"))))
        self._note()

    def close_by_hand(self) -> None:

        for name, role in self.roles.items():
            inline = {**role.inline, SWITCH_POLICY: deny_everything()}
            self.roles[name] = replace(role, trust=closed_trust(), inline=inline)
        self._note()


@dataclass
class StubSecrets(MemorySecrets):
    """A store that can be down or full."""

    world: Outside = field(kw_only=True, repr=False)

    def get(self, name: str) -> str | None:
        return self.world.call("store:get", lambda: MemorySecrets.get(self, name))

    def put(self, name: str, value: str) -> None:
        if name == RECORD:
            self.world.drawn.add(parse_record(value).new.reveal())
        self.world.call("store:put", lambda: MemorySecrets.put(self, name, value), is_write=True, is_disk=True)

    def delete(self, name: str) -> None:
        self.world.call("store:delete", lambda: MemorySecrets.delete(self, name), is_write=True, is_disk=True)


@dataclass
class StubTray:
    """A folder that can be full."""

    title: str
    world: Outside = field(repr=False)
    files: dict[str, str] = field(default_factory=dict)

    def names(self) -> Sequence[str]:
        return sorted(self.files)

    def get(self, name: str) -> str | None:
        return self.world.call("tray:get", lambda: self.files.get(name))

    def put(self, name: str, text: str) -> None:
        self.world.call("tray:put", lambda: self.files.update({name: text}), is_disk=True)


@dataclass
class StubTokens:
    """STS for the provider's verifier, by the trust that AWS goes by where it is slowest."""

    world: Outside
    second: datetime = MORNING
    asked: int = 0

    def caller(self) -> Caller:
        return Caller(PROVIDER, VERIFIER_ARN)

    def enter(self, entry: Entry) -> Session:
        return self.world.call("sts:AssumeRole", lambda: self._entered(entry))

    def _entered(self, entry: Entry) -> Session:
        now = self.world.clock.now()
        self.second, self.asked = (now, 1) if now != self.second else (now, self.asked + 1)
        if self.asked > STS_A_SECOND:
            raise in_words("Throttling", "Rate exceeded", "sts:AssumeRole")
        role = self.world.roles.roles.get(entry.role.name)
        slowest = replace(role, trust=self.world.roles.lagging()) if role is not None else None
        if slowest is None or not may_enter(slowest, VERIFIER_ARN, entry.external_id, now):
            raise in_words("AccessDenied", "not authorized to perform: sts:AssumeRole", "sts:AssumeRole")
        expiry = now + entry.duration
        return Session(entry.role, entry.engineer, expiry, Credentials("ASIAMEMORY", "memory", "memory", expiry))


class StubTrial:
    """A role whose limits refuse the verifier everything."""

    def may_act(self, session: Session) -> bool:
        del session
        return False


class Pins:
    """A customer who knows the provider's key."""

    def known_key(self, provider: AccountId) -> PublicKey | None:
        return MemorySigningKey("provider").public_key if provider == PROVIDER else None

    def pin(self, provider: AccountId, key: PublicKey) -> None:
        raise NotImplementedError
