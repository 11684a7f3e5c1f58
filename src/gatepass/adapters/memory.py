"""In-memory twins of the ports, for tests and for trying rules without AWS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gatepass.domain.change import Change, CreateRole, DeleteRole, after
from gatepass.domain.documents import Document
from gatepass.domain.errors import AccessRefused, Conflict, NotThere
from gatepass.domain.identifiers import ROLE_PATH, AccountId, Partition, PolicyArn, RoleArn, RoleName, role_arn
from gatepass.domain.kept_secrets import demand_secret_name, demand_secret_value, names_under
from gatepass.domain.quotas import Quotas
from gatepass.domain.role import ADOPTED_TAG, SESSION_LIMIT_NOT_READ, SWITCH_POLICY, Role
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.switch import doors
from gatepass.domain.trust import accepted_external_id
from gatepass.ports.entries import EntryRecord
from gatepass.ports.roles import Inventory, Sighting, StandingRole


@dataclass
class MemoryClock:
    """A clock that moves only when told; ``slept`` adds up what was waited."""

    instant: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    slept: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.instant

    def sleep(self, duration: timedelta) -> None:
        """Move on by the duration."""
        self.slept += duration
        self.instant += duration


@dataclass
class MemoryRandomness:
    """Words that differ but are the same in every run."""

    drawn: int = 0

    def word(self, bits: int) -> str:
        """Return the next word, as long as the real one."""
        self.drawn += 1
        return f"W{self.drawn}".ljust(-(-bits // 5), "X")


@dataclass
class MemoryRoles:
    """One account's roles.

    Attributes:
        texts: the texts of managed policies that can be read.
        partition: where the account is.
        room: its quotas; None for AWS's default ones.
        failures: for tests: how many changes succeed before AWS refuses one; None for never.
        made: every change that was accepted, in order.
    """

    account: AccountId
    clock: MemoryClock
    policies: Mapping[PolicyArn, str] = field(default_factory=dict)
    roles: dict[RoleName, Role] = field(default_factory=dict)
    texts: Mapping[PolicyArn, Document] = field(default_factory=dict)
    partition: Partition = field(default_factory=Partition)
    room: Quotas | None = None
    failures: int | None = None
    made: list[Change] = field(default_factory=list)

    def owner(self) -> tuple[Partition, AccountId]:
        """Return the account it was made for."""
        return self.partition, self.account

    def inventory(self, adopted: Collection[RoleName] = ()) -> Inventory:
        """Return everything at once."""
        kept = {str(name).lower() for name in adopted}
        ours = {
            name: role
            for name, role in self.roles.items()
            if role.path == ROLE_PATH or _is_adopted(role) or str(name).lower() in kept
        }
        return Inventory(ours, frozenset(self.roles) - frozenset(ours))

    def standing(self) -> Mapping[RoleArn, Role]:
        """Return our roles, with no limit of their sessions."""
        ours = (role for role in self.roles.values() if role.path == ROLE_PATH or _is_adopted(role))
        return {
            role_arn(self.partition, self.account, role.name, role.path): replace(
                role, session_limit=SESSION_LIMIT_NOT_READ
            )
            for role in ours
        }

    def quotas(self) -> Quotas | None:
        """Return the quotas it was given, else AWS's default ones."""
        return self.room or Quotas(roles=1000, roles_now=len(self.roles), trust_size=2048, policies_per_role=10)

    def policy_text(self, policy: PolicyArn) -> Document | None:
        """Return the text it was given, if any."""
        return self.texts.get(policy)

    def sight(self, name: RoleName) -> Sighting:
        """Return the switch of the role as it stands."""
        role = self.roles.get(name)
        now = self.clock.now().replace(microsecond=0)
        return Sighting(role.trust, role.inline.get(SWITCH_POLICY), now) if role else Sighting(None, None, now)

    def standing_role(self, name: RoleName) -> StandingRole | None:
        """Return the role with its switch only."""
        role = self.roles.get(name)
        if role is None:
            return None
        switch = {key: text for key, text in role.inline.items() if key == SWITCH_POLICY}
        arn = role_arn(self.partition, self.account, name, role.path)
        bare = replace(role, inline=switch, policies=frozenset(), boundary=None)
        return StandingRole(arn, bare, self.clock.now().replace(microsecond=0))

    def managed_policies(self) -> Mapping[PolicyArn, str]:
        """Return the policies it was given."""
        return self.policies

    def make(self, change: Change) -> None:
        """Make the change, unless it is the one that was told to fail."""
        if self.failures is not None:
            if self.failures == 0:
                raise AccessRefused("the test refused a change")
            self.failures -= 1
        role = self.roles.get(change.name)
        if isinstance(change, CreateRole):
            if role is not None and role != change.role:
                raise Conflict(f"the role {change.name} stands already")
            self.roles[change.name] = change.role
        elif isinstance(change, DeleteRole):
            if role is not None and (role.policies or role.inline):
                raise Conflict("DeleteConflict")
            self.roles.pop(change.name, None)
        elif role is None:
            raise NotThere(f"there is no role {change.name}")
        else:
            left = after(role, change, self.clock.now())
            if left is not None:
                self.roles[change.name] = left
        self.made.append(change)


def _is_adopted(role: Role) -> bool:
    return role.tags.get(ADOPTED_TAG) == role.name.text


@dataclass
class MemoryTokens:
    """STS for one caller, over the roles of one account; it knows accounts and external IDs only."""

    who: Caller
    directory: MemoryRoles
    entries: list[Entry] = field(default_factory=list)

    def caller(self) -> Caller:
        """Return whom it was made for."""
        return self.who

    def enter(self, entry: Entry) -> Session:
        """Let in whoever gives the external ID that the trust asks for."""
        self.entries.append(entry)
        role = self.directory.roles.get(entry.role.name)
        named = role is not None and f"::{self.who.account}:" in role.trust.text
        if role is None or not named or doors(role).trust_is_closed:
            raise AccessRefused("the test refused the entry", message="not authorized to perform: sts:AssumeRole")
        if accepted_external_id(role.trust) not in (None, entry.external_id):
            raise AccessRefused("the test refused the entry", message="not authorized to perform: sts:AssumeRole")
        expiry = self.directory.clock.now() + entry.duration
        credentials = Credentials("ASIAMEMORYMEMORYMEM0", "memory", "memory", expiry)
        return Session(entry.role, entry.engineer, expiry, credentials)


@dataclass
class MemoryEntries:
    """A log of sessions that began."""

    records: Sequence[EntryRecord] = ()

    def entries(self, role: RoleArn) -> Sequence[EntryRecord]:
        """Return what it was given, whatever the role."""
        del role
        return self.records


@dataclass
class MemorySessions:
    """A terminal's sessions."""

    kept: Sequence[Session] = ()

    def sessions(self) -> Sequence[Session]:
        """Return what was put."""
        return self.kept

    def put(self, sessions: Sequence[Session]) -> None:
        """Keep exactly these."""
        self.kept = tuple(sessions)


@dataclass
class MemorySecrets:
    """A store of secrets that forgets them with the process."""

    title: str = "the memory of this process"
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str | None:
        """Return what was put under the name."""
        demand_secret_name(name)
        return self.secrets.get(name)

    def get_all(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return those of the secrets that are there, one after the other."""
        return {name: value for name in names if (value := self.get(name)) is not None}

    def put(self, name: str, value: str) -> None:
        """Keep this instead."""
        demand_secret_name(name)
        demand_secret_value(value)
        self.secrets[name] = value

    def delete(self, name: str) -> None:
        """Forget it."""
        demand_secret_name(name)
        self.secrets.pop(name, None)

    def names(self, prefix: str) -> frozenset[str]:
        """Return what lies under the prefix."""
        return names_under(prefix, self.secrets)


@dataclass
class MemoryNames:
    """The names of accounts."""

    by_account: Mapping[AccountId, str] = field(default_factory=dict)

    def names(self) -> Mapping[AccountId, str]:
        """Return what it was given."""
        return self.by_account


@dataclass
class MemoryTrial:
    """An account that allows some actions to be read and refuses others.

    Attributes:
        who: whose credentials; None when AWS does not accept them.
    """

    who: Caller | None
    time: datetime | None
    refused: frozenset[str] = frozenset()
    untried: frozenset[str] = frozenset()

    def caller(self) -> Caller:
        """Return whom it was made for."""
        if self.who is None:
            raise AccessRefused("the test refused the credentials", why="they are dead")
        return self.who

    def aws_time(self) -> datetime | None:
        """Return the time it was given."""
        return self.time

    def may_read(self, action: str) -> bool | None:
        """Allow what was not told to be refused or left alone."""
        if action in self.refused:
            raise AccessRefused(f"the test refused {action}")
        return None if action in self.untried else True
