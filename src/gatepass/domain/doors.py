"""Roles seen as doors: who outside the account can enter, with what, until when, and what for at worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from gatepass.domain.account_policies import LastUse
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.id_strength import IdStrength
from gatepass.domain.identifiers import AccountId


class DoorState(Enum):
    """Whether anybody outside gets in."""

    OPEN = "open"
    NOT_YET = "opens later"
    HALF_CLOSED = "half closed"
    CHANGING = "changing"
    CLOSED = "closed"
    OVER = "over"
    SHUT = "nobody gets in"
    NOT_READ = "not readable"

    @property
    def lets_in(self) -> bool:
        """Whether somebody outside can enter, now or later, or may be able to as far as is known."""
        return self not in (DoorState.CLOSED, DoorState.OVER, DoorState.SHUT)


class EntrantKind(Enum):
    """What somebody outside is to AWS."""

    EVERYONE = "everyone"
    WHOEVER_MEETS = "whoever meets the conditions"
    ACCOUNT = "account"
    WEB_IDENTITY = "web identity"
    SAML = "SAML"
    DELETED = "unknown principal"
    OTHER = "other principal"


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody outside whom a trust policy lets in, or names.

    Attributes:
        kind: what it is.
        name: the account's number, the identity provider's name, or the principal as it stands in the policy.
        title: whose that is said to be; it helps reading and proves nothing.
        source: who says so.
        principals: which users and roles of the account are named; none for all that the account itself allows.
        gets_in: whether a call of theirs was seen to get through, now or at some time.
    """

    kind: EntrantKind
    name: str
    title: str | None = None
    source: str | None = None
    principals: tuple[str, ...] = ()
    gets_in: bool = True

    @property
    def words(self) -> str:
        """Who it is, for people."""
        match self.kind:
            case EntrantKind.EVERYONE:
                return "everyone: any AWS account"
            case EntrantKind.WHOEVER_MEETS:
                return "any AWS account that meets the conditions"
            case EntrantKind.ACCOUNT:
                return f"{self.name} ({self.title})" if self.title else self.name
            case EntrantKind.DELETED:
                return f"unknown principal {self.name}: its {_what_it_was(self.name)} was deleted"
            case _:
                return f"{self.kind.value}: {self.name}" + (f" ({self.title})" if self.title else "")


def _what_it_was(unique_id: str) -> str:
    # IAM User Guide, "IAM identifiers": AIDA is a user's, AROA a role's.
    return {"AIDA": "user", "AROA": "role"}.get(unique_id[:4], "user or role")


class Asking(Enum):
    """Whether a door asks for an external ID."""

    ALWAYS = "asked for"
    PARTLY = "not asked for in every statement"
    IN_VAIN = "asked for, and the door opens without it"
    NEVER = "none"
    NOT_TAKEN = "not for this kind of entry"
    CLOSED = "none while it is closed"
    NOT_READ = "not readable"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a door asks for besides who calls; the external ID itself is nowhere in it.

    Attributes:
        asking: whether it is asked for.
        strength: of the weakest that is accepted, or None where none is asked for.
        count: how many are accepted.
        unasked: the statements that do not ask, where others do.
        also_in: the other roles that accept one of the same.
    """

    asking: Asking
    strength: IdStrength | None = None
    count: int = 0
    unasked: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What a reader has to know of it."""
        if self.asking is Asking.PARTLY:
            text = f"{self.asking.value}: {', '.join(self.unasked)}"
        elif self.asking is Asking.ALWAYS and self.strength is not None:
            text = self.strength.value
        else:
            text = self.asking.value
        if self.count > 1:
            text += f"; {self.count} are accepted"
        if self.also_in:
            text += f"; the same in {len(self.also_in)} other role{'s' if len(self.also_in) > 1 else ''}"
        return text


@dataclass(frozen=True, slots=True)
class Power:
    """Something that a session can do, in words; how it was found is in the proof.

    Attributes:
        words: such as ``can read secrets``.
        proof: the actions that were allowed, or none where the words are an upper bound.
    """

    words: str
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worst:
    """What a session can do at worst.

    Attributes:
        powers: the weightiest first; never empty.
        is_while_open: whether this holds only once the door is opened again; until then a session can do nothing.
        unread: policies whose text is not known, so that it may be more.
    """

    powers: tuple[Power, ...]
    is_while_open: bool = False
    unread: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The weightiest in few words."""
        text = self.powers[0].words
        if self.unread:
            text = f"not fully known; at least: {text}"
        return f"nothing now; once open: {text}" if self.is_while_open else text


@dataclass(frozen=True, slots=True)
class Times:
    """From when until when outsiders get in, by AWS's clock.

    Attributes:
        begin: when it opens, or None when it is open already or never was.
        end: when the trust lets in nobody any more, or None for never.
        sessions_end: when the permissions end, whoever is inside, or None for never.
        is_sure: whether every date was tried.
    """

    begin: datetime | None = None
    end: datetime | None = None
    sessions_end: datetime | None = None
    is_sure: bool = True

    @property
    def ends(self) -> datetime | None:
        """The earlier of the two ends, or None for never."""
        return min((each for each in (self.end, self.sessions_end) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class TrustLine:
    """One statement of a trust policy, for people; external IDs and values of unusual keys are left out."""

    label: str
    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleDoor:
    """One role that somebody outside the account can enter, could, or will.

    Attributes:
        grant: the grant it was made for, or None for a role that is not one of Gatepass.
        made_for: the account that the grant is for, which a closed role lets in no more.
        switch: where the grant's switch stands, or None for a role that is not one of Gatepass.
        engine: what keeps the role, or None for a role that is not one of Gatepass.
        permissions: the names of the policies on it.
        tags: without those of Gatepass.
        findings: the weightiest first.
    """

    arn: str
    state: DoorState
    entrants: tuple[Entrant, ...]
    factor: SecondFactor
    worst: Worst
    times: Times
    grant: str | None = None
    made_for: Entrant | None = None
    switch: str | None = None
    engine: str | None = None
    created: datetime | None = None
    last_used: LastUse | None = None
    permissions: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    trust: tuple[TrustLine, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """The role's name without its path."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def severity(self) -> Severity | None:
        """The weight of the weightiest finding."""
        return self.findings[0].severity if self.findings else None

    @property
    def is_weighty(self) -> bool:
        """Whether something was found that a careful reviewer would not let pass."""
        return self.severity in (Severity.HIGH, Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class InsideRole:
    """A role that nobody outside can enter, and who can: the account itself, AWS's services, or nobody."""

    arn: str
    entered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorList:
    """Every door of one account at one instant.

    Attributes:
        doors: those that let somebody in first, and of these the weightiest first.
        inside: the account's other roles.
    """

    account: AccountId
    at: datetime
    doors: tuple[RoleDoor, ...]
    inside: tuple[InsideRole, ...] = ()

    @property
    def is_weighty(self) -> bool:
        """Whether something was found at any door that a careful reviewer would not let pass."""
        return any(door.is_weighty for door in self.doors)

    def count(self, severity: Severity) -> int:
        """Return how many findings weigh so much."""
        return sum(finding.severity is severity for door in self.doors for finding in door.findings)
