"""List every role of an account that anybody outside can enter, with all that is to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.instants import instant
from gatepass.decision.policy import MalformedPolicy, Policy, PolicyKind, parse_policy
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document
from gatepass.domain.doors import (
    Asking,
    DoorList,
    DoorState,
    Entrant,
    EntrantKind,
    InsideRole,
    RoleDoor,
    SecondFactor,
    Times,
)
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.identifiers import AccountId
from gatepass.domain.own_role import own_role
from gatepass.domain.role import GRANT_TAG, PROVIDER_TAG, Role, is_our_tag
from gatepass.domain.switch import Position, doors
from gatepass.domain.trust import earliest, is_closed
from gatepass.usecases.door_remarks import door_remarks
from gatepass.usecases.examine_door import Examination, Examiner
from gatepass.usecases.judge_second_factor import accepted_ids, second_factor
from gatepass.usecases.lookalike_roles import lookalike
from gatepass.usecases.name_entrants import named, outsiders, titled, with_admitted
from gatepass.usecases.tell_trust import Mask, masking, trust_lines
from gatepass.usecases.worst_case import WorstCases

_WEIGHT = (Severity.HIGH, Severity.MEDIUM, Severity.LOW, None)
_POSITIONS = {
    Position.CLOSED: DoorState.CLOSED,
    Position.HALF_CLOSED: DoorState.HALF_CLOSED,
    Position.CHANGING: DoorState.CHANGING,
}
_BY_CLOCK = ("DateGreaterThan", "DateGreaterThanEquals")
_LATEST = 253_000_000_000


def list_doors(
    account: AccountPolicies,
    now: datetime,
    organisation: Mapping[AccountId, str] | None = None,
    catalogue: ActionCatalogue | None = None,
) -> DoorList:
    """Return the doors of an account.

    Args:
        account: its policies.
        now: our clock; what is past then cannot be entered any more.
        organisation: the names of accounts, where AWS Organizations tells them.
        catalogue: the names of AWS's actions, to find misspelt ones.
    """
    return _Walk(account, now, organisation or {}, catalogue).doors()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A role that may be a door.

    Attributes:
        own: the role as one of Gatepass, or None.
        policy: the trust policy compiled, or None when AWS would not save it.
        entrants: whom it names outside.
        ids: the external IDs that it compares with.
    """

    role: Holder
    trust: Document = field(repr=False)
    own: Role | None
    policy: Policy | None
    entrants: tuple[Entrant, ...]
    ids: tuple[str, ...] = field(repr=False)


class _Walk:
    """One walk through an account's roles."""

    def __init__(
        self,
        account: AccountPolicies,
        now: datetime,
        organisation: Mapping[AccountId, str],
        catalogue: ActionCatalogue | None,
    ) -> None:
        self._account, self._now, self._organisation = account, now, organisation
        self._examiner = Examiner(account, now, catalogue)
        self._worst = WorstCases(account)
        self._inside: list[InsideRole] = []
        self._candidates = list(self._find())
        self._roles_by_id: dict[str, list[_Candidate]] = {}
        for candidate in self._candidates:
            for text in candidate.ids:
                self._roles_by_id.setdefault(text, []).append(candidate)
        self._mask: Mask = masking(self._roles_by_id)

    def doors(self) -> DoorList:
        """Return what the walk found."""
        found = [door for each in self._candidates if (door := self._door(each)) is not None]
        found.sort(key=lambda door: (not door.state.lets_in, _WEIGHT.index(door.severity), door.name.lower(), door.arn))
        inside = tuple(sorted(self._inside, key=lambda each: each.arn))
        return DoorList(self._account.account, self._now, tuple(found), inside)

    def _find(self) -> Iterator[_Candidate]:
        for role in self._account.roles:
            trust = role.trust
            if trust is None:
                continue
            own = own_role(role, trust)
            entrants = outsiders(trust, self._account.account)
            if own is None and not entrants:
                self._keep_inside(role, trust)
                continue
            try:
                policy = parse_policy(trust.text, PolicyKind.TRUST)
            except MalformedPolicy:
                yield _Candidate(role, trust, own, None, entrants, ())
                continue
            ids = accepted_ids(policy, self._account.account)
            yield _Candidate(role, trust, own, policy, entrants, ids)

    def _keep_inside(self, role: Holder, trust: Document) -> None:
        names = tuple(dict.fromkeys(text for _, text in named(trust)))
        self._inside.append(InsideRole(role.arn, names or ("nobody",)))

    def _door(self, candidate: _Candidate) -> RoleDoor | None:
        """Return the door, or None where everybody is named and the conditions let in nobody from outside."""
        role, trust = candidate.role, candidate.trust
        alike = lookalike(self._account, role, trust, self._now)
        examined = self._examiner.examine(alike)
        state = _state(candidate, examined)
        entrants = with_admitted(candidate.entrants, examined.admitted, trust.text)
        if state is DoorState.SHUT and entrants and all(each.kind is EntrantKind.WHOEVER_MEETS for each in entrants):
            self._keep_inside(role, trust)
            return None
        entrants = tuple(titled(each, self._organisation) for each in entrants)
        factor, shared = self._factor(candidate, examined, state, entrants)
        return RoleDoor(
            arn=role.arn,
            state=state,
            entrants=entrants,
            factor=factor,
            worst=self._worst.of(alike.role, is_closed=state is DoorState.CLOSED and candidate.own is not None),
            times=self._times(role, examined, state),
            grant=candidate.own.tags[GRANT_TAG] if candidate.own is not None else None,
            made_for=self._made_for(candidate.own),
            switch=doors(candidate.own).position.value if candidate.own is not None else None,
            engine=candidate.own.engine if candidate.own is not None else None,
            created=role.created,
            last_used=role.last_used,
            permissions=tuple(sorted((*role.attached, *(f"{name} (inline)" for name in role.inline)))),
            boundary=role.boundary,
            tags={self._mask(key): self._mask(text) for key, text in role.tags.items() if not is_our_tag(key)},
            trust=tuple(trust_lines(trust, self._mask)),
            findings=_by_weight(
                _lint(state, examined, entrants),
                door_remarks(role.arn, state, entrants, factor, id_is_known_to_others=shared),
            ),
        )

    def _factor(
        self, candidate: _Candidate, examined: Examination, state: DoorState, entrants: tuple[Entrant, ...]
    ) -> tuple[SecondFactor, bool]:
        """Return the second factor, and whether roles for other accounts take the same."""
        if candidate.policy is None:
            return SecondFactor(Asking.NOT_READ), False
        if candidate.own is not None and state is DoorState.CLOSED and not candidate.entrants:
            return SecondFactor(Asking.CLOSED), False
        others = [
            other for text in candidate.ids for other in self._roles_by_id[text] if other.role.arn != candidate.role.arn
        ]
        own_accounts = {each.name for each in entrants}
        telling = {candidate.role.name, *(each.title for each in entrants if each.title)}
        factor = second_factor(
            candidate.policy,
            self._account.account,
            opens_without=any(each.id == "opens-without-id" for each in examined.findings),
            telling=telling,
            also_in=tuple(sorted({other.role.name for other in others})),
        )
        return factor, any({each.name for each in other.entrants} != own_accounts for other in others)

    def _made_for(self, own: Role | None) -> Entrant | None:
        provider = own.tags.get(PROVIDER_TAG, "") if own is not None else ""
        is_account = provider.isdecimal() and len(provider) == len(self._account.account.digits)
        return titled(Entrant(EntrantKind.ACCOUNT, provider), self._organisation) if is_account else None

    def _times(self, role: Holder, examined: Examination, state: DoorState) -> Times:
        if state in (DoorState.CLOSED, DoorState.SHUT, DoorState.NOT_READ):
            return Times()
        found = examined.times
        return Times(found.begin, found.end, _sessions_end(self._account, role), found.is_sure)


def _state(candidate: _Candidate, examined: Examination) -> DoorState:
    if candidate.own is not None and (position := doors(candidate.own).position) in _POSITIONS:
        return _POSITIONS[position]
    if candidate.policy is None:
        return DoorState.NOT_READ
    if is_closed(candidate.trust):
        return DoorState.CLOSED
    if examined.is_over:
        return DoorState.OVER
    if not examined.lets_in:
        return DoorState.SHUT
    return DoorState.NOT_YET if examined.times.begin is not None else DoorState.OPEN


def _lint(state: DoorState, examined: Examination, entrants: tuple[Entrant, ...]) -> Iterator[Finding]:
    """Yield what lint says and the door as a whole bears out."""
    if state in (DoorState.CLOSED, DoorState.OVER):
        # It is as somebody meant it to be; what is written on it is judged when it is opened.
        return
    is_web = any(each.kind is EntrantKind.WEB_IDENTITY for each in entrants)
    for finding in examined.findings:
        # A SAML provider itself says who may enter which role, where lint cannot see it.
        if is_web or finding.id != "federation-without-subject":
            yield finding


def _by_weight(*several: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(chain(*several), key=lambda each: _WEIGHT.index(each.severity)))


def _sessions_end(account: AccountPolicies, role: Holder) -> datetime | None:
    """Return from when on one of the role's policies denies everything, whoever is inside."""
    ends = [
        found
        for text in account.documents(role).values()
        for statement in (text.statements if text is not None else [])
        if statement.get("Effect") == "Deny" and statement.get("Action") == statement.get("Resource") == "*"
        for found in _dates(statement.get("Condition"))
    ]
    return earliest(*ends)


def _dates(condition: object) -> Iterator[datetime]:
    """Yield the dates of a condition that is about nothing but the clock."""
    if not isinstance(condition, dict) or len(condition) != 1:
        return
    for operator, keys in condition.items():
        if (
            operator not in _BY_CLOCK
            or not isinstance(keys, dict)
            or [key.lower() for key in keys] != ["aws:currenttime"]
        ):
            continue
        for value in keys.values():
            for each in value if isinstance(value, list) else [value]:
                seconds = instant(str(each))
                if seconds is not None and seconds < _LATEST:
                    yield datetime.fromtimestamp(int(seconds), UTC)
