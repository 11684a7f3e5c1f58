"""Say what a trust policy lets in, by asking it: real calls with no, a wrong and the right external ID."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from gatepass.decision.context_names import enters_with
from gatepass.decision.grammar import MalformedPolicy
from gatepass.decision.probe_callers import Standing
from gatepass.decision.probe_window import window_holes
from gatepass.decision.probes import Call, Door
from gatepass.domain.documents import parse_document
from gatepass.domain.findings import Finding, Severity
from gatepass.domain.json_text import quoted
from gatepass.domain.trust import is_closed
from gatepass.usecases import trust_remarks as remarks


class Verdict(Enum):
    """What a careful reviewer says about a trust policy."""

    GOOD = "good"
    OPENS_WITHOUT_ID = "opens-without-id"
    NEVER_OPENS = "never-opens"
    INVALID = "invalid"
    WIDE = "wide"
    OLD_LANGUAGE = "old-language"


@dataclass(frozen=True, slots=True)
class Review:
    """What is to say about one document.

    Attributes:
        name: what people call it.
        verdict: of a trust policy, or of a document that AWS would refuse; ``None`` for permissions.
        findings: the weightiest first.
        engine: what keeps the role, or None for what is not a role of Gatepass.
    """

    name: str
    verdict: Verdict | None
    findings: tuple[Finding, ...]
    engine: str | None = None

    @property
    def is_weighty(self) -> bool:
        """Whether something was found that a careful reviewer would not let pass."""
        return any(each.severity is not Severity.LOW for each in self.findings)

    def with_findings(self, more: Iterable[Finding]) -> Review:
        """Return the review with further findings."""
        return replace(self, findings=_by_weight((*self.findings, *more)))


_FROM_OUTSIDE = (*remarks.PEOPLE, Standing.FEDERATED, Standing.FEDERATED_STRANGER)
_WEIGHT = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_NAMES_ENGINEER = (Call.NAMED, Call.TAGGED_AND_NAMED)


def invalid_document(name: str, error: MalformedPolicy) -> Review:
    """Return what to say about a document that AWS would refuse to save."""
    found = Finding("invalid", Severity.HIGH, name, error.what, error.why, error.next_step)
    return Review(name, Verdict.INVALID, (found,))


def opens_to_outsiders(door: Door) -> bool:
    """Say whether anybody who is neither of the role's own account nor a service of AWS gets in."""
    return any(each.who.standing in _FROM_OUTSIDE for each in door.entries)


def lint_trust(name: str, door: Door) -> Review:
    """Probe a trust policy and say what got through that should not."""
    found = _by_weight(_findings(name, door))
    return Review(name, _verdict(door, {each.id for each in found}), found)


def _by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda each: _WEIGHT.index(each.severity)))


def _verdict(door: Door, ids: set[str]) -> Verdict:
    if not door.entries:
        return Verdict.NEVER_OPENS
    if remarks.OPENS_WITHOUT_ID.id in ids:
        return Verdict.OPENS_WITHOUT_ID
    if any(each.id in ids for each in remarks.WIDE):
        return Verdict.WIDE
    return Verdict.OLD_LANGUAGE if remarks.OLD_LANGUAGE.id in ids else Verdict.GOOD


def _findings(name: str, door: Door) -> Iterator[Finding]:
    if not door.entries:
        is_shut = is_closed(parse_document(door.trust.document))
        yield (remarks.CLOSED if is_shut else remarks.NEVER_OPENS).on(name)
    for remark, proofs, standings in remarks.OF_PEOPLE:
        through = [each for each in door.entries if each.proof in proofs and each.who.standing in standings]
        if through:
            yield remark.on(name, through)
    # A SAML provider says in each assertion which role it is for; a token of a web identity does not.
    strangers = [
        each
        for each in door.entries
        if each.who.standing is Standing.FEDERATED_STRANGER and each.call is Call.WITH_WEB_IDENTITY
    ]
    if strangers:
        yield remarks.FEDERATION_WITHOUT_SUBJECT.on(name, strangers)
    holes = tuple(window_holes(door))
    if holes:
        yield remarks.WINDOW_NOT_HELD.on(name, holes)
    extra = dict.fromkeys(f"{who.caller} ({who.standing.value}), {action}" for who, action in door.other_actions())
    if extra:
        yield remarks.MORE_THAN_ENTERING.on(name, extra)
    if '"Version":"2012-10-17"' not in door.trust.document:
        yield remarks.OLD_LANGUAGE.on(name)
    if not door.is_fully_probed:
        yield remarks.NOT_FULLY_PROBED.on(name)
    yield from _small_remarks(name, door)


def _small_remarks(name: str, door: Door) -> Iterator[Finding]:
    """Yield what is worth knowing and does not make the trust a bad one."""
    calls = {each.call for each in door.entries if each.who.standing is Standing.NAMED}
    if calls and not calls & {*_NAMES_ENGINEER}:
        yield remarks.ENGINEER_CANNOT_BE_NAMED.on(name)
    if calls - {*_NAMES_ENGINEER}:
        yield remarks.NAME_NOT_REQUIRED.on(name)
    if any(each.who.standing is Standing.COLLEAGUE for each in door.entries):
        yield remarks.ANY_PRINCIPAL.on(name)
    federated = any(each.standing is Standing.FEDERATED for each in door.knockers)
    unknown = {each.key for each in door.demands if not enters_with(each.key, federated=federated)}
    if unknown:
        # What does not look like a key may be an external ID in the wrong place.
        shown = {quoted(each).strip() or "a key that is not shown here" for each in unknown}
        yield remarks.unknown_keys(sorted(shown)).on(name)
