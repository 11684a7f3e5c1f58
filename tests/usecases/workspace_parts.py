"""What stands around a workspace in the tests of its moves: ports that can be killed, and an AWS that lags."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from gatepass.adapters.aws_words import in_words
from gatepass.adapters.memory import MemoryRoles, MemorySecrets
from gatepass.adapters.memory_runs import Outcome, Running
from gatepass.domain.change import Change
from gatepass.domain.documents import Document
from gatepass.domain.grant import Declaration, Grant, role_name
from gatepass.domain.identifiers import ExternalId, Partition, RoleName, role_arn
from gatepass.domain.limits import VERIFIER
from gatepass.domain.platform_run import Output
from gatepass.domain.role import ENGINE_TAG, SWITCH_POLICY, Role
from gatepass.domain.session import Caller, Credentials, Entry, Session
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import Retiring, closed_trust, open_trust, read_instant
from gatepass.domain.wanted import wanted_role
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.pass_of_workspace import ROLE_ARNS
from tests.people import PROVIDER
from tests.usecases.judge import may_enter

PROPAGATION = timedelta(seconds=4)
VERIFIER_ARN = f"arn:aws:iam::{PROVIDER}:user/{VERIFIER}"
# From where the platform acts.
PLATFORM_ARN = "arn:aws:iam::919814621061:role/platform"


class Calls(Protocol):
    """Who counts the calls to the outside."""

    def call(self, what: str, act: Callable[[], Any]) -> Any: ...  # noqa: ANN401 - of every port


class Port:
    """A port whose calls are counted, and can be the last thing that a process does."""

    def __init__(self, name: str, target: object, calls: Calls) -> None:
        self._name, self._target, self._calls = name, target, calls

    def __getattr__(self, word: str) -> Any:  # noqa: ANN401 - of every port
        found = getattr(self._target, word)
        if not callable(found):
            return found
        return lambda *given, **named: self._calls.call(f"{self._name}.{word}", lambda: found(*given, **named))


@dataclass
class LaggingRoles(MemoryRoles):
    """The customer's account, whose trusts take a while to be gone by."""

    propagation: timedelta = PROPAGATION
    written: dict[RoleName, list[tuple[datetime, Document]]] = field(default_factory=dict)

    def make(self, change: Change) -> None:
        super().make(change)
        self.note(change.name)

    def put(self, role: Role) -> None:
        """Let the role stand so."""
        self.roles[role.name] = role
        self.note(role.name)

    def note(self, name: RoleName) -> None:
        role, kept = self.roles.get(name), self.written.setdefault(name, [])
        if role is not None and (not kept or kept[-1][1] != role.trust):
            kept.append((self.clock.now(), role.trust))

    def effective(self, name: RoleName) -> Sequence[Document]:
        """Return every trust that AWS may go by just now."""
        line, kept = self.clock.now() - self.propagation, self.written.get(name, [])
        first = max((place for place, (when, _) in enumerate(kept) if when <= line), default=0)
        return [trust for _, trust in kept[first:]]

    def takes(self, name: RoleName, external_id: ExternalId | None, who: str = VERIFIER_ARN) -> bool:
        """Say whether the role lets in whoever gives this, by every trust that AWS may go by."""
        role = self.roles.get(name)
        if role is None or SWITCH_POLICY in role.inline:
            return False
        now, trusts = self.clock.now(), self.effective(name)
        return all(may_enter(replace(role, trust=trust), who, external_id, now) for trust in trusts)


@dataclass
class Terraform:
    """What a run does: it makes the roles of the file as the variable says.

    Attributes:
        file: which the root module reads.
        entry: the role by which the platform enters; None for the run's own credentials.
        says: what the next run fails with; empty for none.
        seen: how often roles were brought to another trust.
    """

    file: Declaration
    roles: LaggingRoles
    entry: RoleName | None = None
    says: str = ""
    refused: int = 0

    def __call__(self, running: Running) -> Outcome:
        if self.entry is not None and not self._lets_in(running):
            self.refused += 1
            return Outcome(
                went_well=False,
                log="Error: Cannot assume IAM Role\n\napi error AccessDenied: not authorized to perform: sts:AssumeRole",
            )
        if self.says:
            said, self.says = self.says, ""
            return Outcome(went_well=False, log=said)
        if running.is_dry:
            return Outcome()
        doors = json.loads(running.doors)
        arns = {str(each.name): self._stands(each, doors.get(str(each.name), {})) for each in self.file.grants}
        return Outcome(outputs=(Output(ROLE_ARNS, arns, is_sensitive=False),))

    def _lets_in(self, running: Running) -> bool:
        access = running.own_access
        if access is None or self.entry is None:
            return False
        return self.roles.takes(self.entry, access.external_id, PLATFORM_ARN)

    def _stands(self, grant: Grant, door: dict[str, Any]) -> str:
        name, partition = role_name(grant, self.file.naming), Partition()
        ids = [ExternalId(each) for each in door.get("external_ids", ())]
        if grant.needs_second_factor and not ids:
            trust = closed_trust()
        else:
            until = read_instant(door.get("old_opens_until"))
            old = Retiring(ids[1], until) if len(ids) == 2 and until is not None else None
            trust = open_trust(grant, partition, ids[0] if ids else None, retiring=old)
        role = wanted_role(self.file, grant, partition, policies=frozenset(), trust=trust, customer_key=None)
        inline = {**role.inline, SWITCH_POLICY: deny_everything()} if trust == closed_trust() else role.inline
        self.roles.put(replace(role, inline=inline, tags={**role.tags, ENGINE_TAG: "terraform"}))
        return str(role_arn(partition, self.file.account, name))


@dataclass
class ProviderTokens:
    """STS for the provider's verifier, by the trusts that AWS may go by."""

    roles: LaggingRoles

    def caller(self) -> Caller:
        return Caller(PROVIDER, VERIFIER_ARN)

    def enter(self, entry: Entry) -> Session:
        if not self.roles.takes(entry.role.name, entry.external_id):
            raise in_words("AccessDenied", "not authorized to perform: sts:AssumeRole", "sts:AssumeRole")
        expiry = self.roles.clock.now() + entry.duration
        return Session(entry.role, entry.engineer, expiry, Credentials("ASIAMEMORY", "memory", "memory", expiry))


@dataclass
class MemoryTray:
    """A folder.

    Attributes:
        ids: of every file of ours that ever lay there.
    """

    title: str
    files: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def names(self) -> Sequence[str]:
        return sorted(self.files)

    def get(self, name: str) -> str | None:
        return self.files.get(name)

    def put(self, name: str, text: str) -> None:
        self.files[name] = text
        body = next(iter(each for each in json.loads(text).values() if isinstance(each, dict)))
        self.ids.append(body["id"])


@dataclass
class Kills:
    """Which call to the outside the process dies at.

    Attributes:
        at: the number of the call from now, from 0; None for none.
        what: with what the names of the calls begin that count.
        error: what is raised after the call did its work, in place of its answer.
        made: the calls that were made, in order.
    """

    at: int | None = None
    what: str = ""
    error: BaseException = field(default_factory=Killed)
    made: list[str] = field(default_factory=list)

    def around(self, what: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - of every port
        """Do one call, unless the process dies with it."""
        self.made.append(what)
        answer = act()
        if self.at is not None and what.startswith(self.what):
            self.at -= 1
            if self.at < 0:
                self.at = None
                raise self.error
        return answer


def effects(calls: Sequence[str]) -> list[int]:
    """Return the numbers of the calls that can change something: a death after another is one after the last of them.

    The very first call is among them, so that a death before any effect is tried too.
    """
    reads = ("get", "names", "now", "our_workspace", "standing", "standing_role", "outputs", "log", "caller")
    return [number for number, call in enumerate(calls) if number == 0 or call.rpartition(".")[2] not in reads]


@dataclass
class TellingSecrets(MemorySecrets):
    """A store that remembers every value that it ever kept."""

    history: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def put(self, name: str, value: str) -> None:
        super().put(name, value)
        self.history.append((name, value))
