"""Knock at a role's door: who gets in, from when until when, and what lint says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gatepass.decision.action_names import ActionCatalogue
from gatepass.decision.favourable import edges
from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from gatepass.decision.probe_callers import Standing
from gatepass.decision.probes import CLOCK_KEYS, Door, Entry
from gatepass.decision.request import PrincipalKind
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.doors import Times
from gatepass.domain.findings import Finding
from gatepass.usecases.lint_roles import lint_account
from gatepass.usecases.lint_trust import invalid_document, lint_trust
from gatepass.usecases.lookalike_roles import Lookalike
from gatepass.usecases.name_entrants import ANYBODY

# The probing asks one second after a date.
_AFTER = timedelta(seconds=1)
_PEOPLE = (Standing.NAMED, Standing.COLLEAGUE)
_ANYBODY = (Standing.STRANGER, Standing.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Examination:
    """What knocking at one door told.

    Attributes:
        admitted: the accounts and identity providers whose calls got through, and `ANYBODY` where strangers' did.
        times: from when until when.
        is_over: whether calls got through in the past and do so no more.
        is_readable: whether AWS would save the trust policy.
        findings: what lint says.
    """

    admitted: frozenset[str] = frozenset()
    times: Times = field(default_factory=Times)
    is_over: bool = False
    is_readable: bool = True
    findings: tuple[Finding, ...] = ()

    @property
    def lets_in(self) -> bool:
        """Whether somebody outside gets in, now or later."""
        return bool(self.admitted) and not self.is_over


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines the doors of one account at one instant; roles that are alike are examined once."""

    account: AccountPolicies
    now: datetime
    catalogue: ActionCatalogue | None = None
    _known: dict[tuple[object, ...], Examination] = field(default_factory=dict, repr=False)

    def examine(self, alike: Lookalike) -> Examination:
        """Return what knocking at the role tells."""
        if alike.key not in self._known:
            self._known[alike.key] = self._examined(alike.role)
        found = self._known[alike.key]
        return replace(
            found,
            times=alike.restored_times(found.times),
            admitted=frozenset(alike.restored(each) for each in found.admitted),
            findings=tuple(alike.restored_finding(each) for each in found.findings),
        )

    def _examined(self, role: Holder) -> Examination:
        try:
            policy = parse_policy(role.trust.text if role.trust is not None else "", PolicyKind.TRUST)
        except MalformedPolicy as error:
            return Examination(is_readable=False, findings=invalid_document(role.arn, error).findings)
        door = Door(policy, role.arn, str(self.account.account), self.now)
        entries = _from_outside(door)
        if entries:
            alone = replace(self.account, users=(), groups=(), roles=(role,))
            reviews = lint_account(alone, self.now, self.catalogue)
            findings = tuple(finding for review in reviews for finding in review.findings)
            return Examination(_admitted(entries), _times(door, entries), findings=findings)
        past = _before_every_date(door)
        entries = _from_outside(past) if past is not None else []
        if past is not None and entries:
            return Examination(_admitted(entries), _times(past, entries), is_over=True)
        return Examination(findings=lint_trust(role.arn, door).findings)


def _from_outside(door: Door) -> list[Entry]:
    return [each for each in door.entries if each.who.standing is not Standing.SERVICE]


def _admitted(entries: Sequence[Entry]) -> frozenset[str]:
    found: set[str] = set()
    for entry in entries:
        if entry.who.standing in _ANYBODY:
            found.add(ANYBODY)
        elif entry.who.caller.kind is PrincipalKind.IDENTITY_PROVIDER:
            found.add(entry.who.caller.arn or entry.who.caller.name)
        elif entry.who.standing in _PEOPLE:
            found.add(entry.who.caller.account)
    return frozenset(found)


def _times(door: Door, entries: Sequence[Entry]) -> Times:
    """Return when the first call gets in and when the last; between two of the instants nothing changes."""
    admitting = sorted({each.instant for each in entries})
    later = [each for each in door.instants if each > admitting[-1]]
    return Times(
        begin=admitting[0] - _AFTER if admitting[0] > door.now else None,
        end=later[0] - _AFTER if later else None,
        is_sure=door.is_fully_probed,
    )


def _before_every_date(door: Door) -> Door | None:
    """Return the door as it stood before the first date of its policy that is over, or None when there is none."""
    dates = [each for demand in door.demands if demand.key in CLOCK_KEYS for each, _, _ in edges(demand.texts)]
    past = [each for each in dates if each < door.now]
    return replace(door, now=min(past)) if past else None
