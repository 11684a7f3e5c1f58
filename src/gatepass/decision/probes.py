"""Whole AssumeRole calls, asked of a trust policy to see who gets in, with which external ID, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.context_names import enters_with
from gatepass.decision.evaluate import Decision, Policies, decide
from gatepass.decision.favourable import STRANGE, Demand, candidates, combinations, demands, edges, filled, is_too_many
from gatepass.decision.policy import Policy, parse_policy
from gatepass.decision.probe_callers import Knocker, Standing, knockers, partition_of, spare_account
from gatepass.decision.request import EXTERNAL_ID, PrincipalKind, Request, context
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ExternalId
from gatepass.domain.trust import instant_text


class Proof(Enum):
    """The external ID that a probe gives."""

    NONE = "no external ID"
    WRONG = "a wrong external ID"
    SIMILAR = "an external ID that only begins like the right one"
    CASE_SWAPPED = "the right external ID with its case swapped"
    RIGHT = "the right external ID"


class Call(Enum):
    """What a probe asks for besides entering; each is an action that the trust must allow too."""

    PLAIN = "sts:AssumeRole"
    TAGGED = "sts:AssumeRole with sts:TagSession"
    NAMED = "sts:AssumeRole with sts:SetSourceIdentity"
    TAGGED_AND_NAMED = "sts:AssumeRole with sts:TagSession and sts:SetSourceIdentity"
    WITH_SAML = "sts:AssumeRoleWithSAML"
    WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that gets through.

    Attributes:
        instant: when it was asked.
        statement: which statement of the trust policy let it in.
        external_id: what was given.
    """

    who: Knocker
    proof: Proof
    call: Call
    instant: datetime
    statement: str
    external_id: str | None = field(repr=False)

    def __str__(self) -> str:
        who = self.who.caller
        named = f"{who} ({self.who.standing.value})" if who.arn else self.who.standing.value
        return f"{named}, {self.proof.value}, {self.call.value}, at {instant_text(self.instant)}: {self.statement}"


# The caller's own account allows everything: what is left to decide is the trust policy's.
_EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, name="of the caller"
)
_ENGINEER = "alice"
_ALWAYS_SENT = ("aws:securetransport",)
CLOCK_KEYS = ("aws:currenttime", "aws:epochtime")
_SOURCE_IDENTITY = "sts:sourceidentity"
_TAG_KEYS = ("aws:tagkeys", "sts:transitivetagkeys")
_REQUEST_TAG = "aws:requesttag/"
_PRINCIPAL_TAG = "aws:principaltag/"
# More than entering and labelling a session; none of it is needed to enter.
_OTHER_ACTIONS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:GetFederationToken", "sts:AssumeRoot")
_WRONG_ID = "gp1.GATEPASSPR.OBEANDNOTHINGELSE"
# A repository that nobody has: what a stranger's token of an identity provider would say.
_STRANGE_SUBJECT = "repo:gatepass-probe/gatepass-probe:ref:refs/heads/main"
_VARIABLE = re.compile(r"\$\{([^{},]*)")
_MOST_INSTANTS = 12


@dataclass(frozen=True)
class Door:
    """A trust policy with everything that is tried at it.

    Attributes:
        role: the role's ARN.
        account: the account of the role.
        now: when the probing begins; what is past cannot be entered.
        provider: the account that is meant to enter; ``None`` takes every account that the policy names.
        known_ids: external IDs that are right besides those that the policy itself tells.
    """

    trust: Policy
    role: str
    account: str
    now: datetime
    provider: str | None = None
    known_ids: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """The conditions of the policy."""
        return demands((self.trust,))

    @cached_property
    def knockers(self) -> tuple[Knocker, ...]:
        """Who is tried."""
        return knockers(self.trust, self.demands, self.account, self.provider)

    @cached_property
    def proofs(self) -> tuple[tuple[Proof, str | None], ...]:
        """The external IDs that are tried; the first of a kind is not always the one that fits."""
        asked = [each for each in self.demands if each.key == EXTERNAL_ID]
        written = [text for each in asked if each.names_what_fits for text in each.texts]
        patterns = [text for each in asked if each.operator == "StringLike" for text in each.texts]
        right = list(dict.fromkeys(each for text in (*written, *self.known_ids) if _is_sendable(each := filled(text))))
        similar = [filled(text, "gatepassprobe") for text in patterns] + [f"{text[:-1]}{STRANGE}" for text in right]
        tried: dict[str | None, Proof] = {None: Proof.NONE, _WRONG_ID: Proof.WRONG}
        for kind, texts in (
            (Proof.RIGHT, right),
            (Proof.CASE_SWAPPED, [text.swapcase() for text in right]),
            (Proof.SIMILAR, similar),
        ):
            for text in texts:
                if _is_sendable(text):
                    tried.setdefault(text, kind)
        return tuple((kind, text) for text, kind in tried.items())

    @cached_property
    def instants(self) -> tuple[datetime, ...]:
        """When it is tried: now, and on and after every date still to come; between two dates nothing changes."""
        dates: set[datetime] = set()
        for demand in self.demands:
            if demand.key in CLOCK_KEYS:
                exact = demand.operator in ("DateEquals", "NumericEquals")
                dates |= {each for _, at, after in edges(demand.texts) for each in ((at, after) if exact else (after,))}
        return (self.now, *sorted(each for each in dates if each > self.now)[:_MOST_INSTANTS])

    @cached_property
    def choices(self) -> dict[str, tuple[str | None, ...]]:
        """What callers may choose for the condition keys that nothing else fixes."""
        return candidates([each for each in self.demands if each.key not in (*CLOCK_KEYS, EXTERNAL_ID)])

    @property
    def is_fully_probed(self) -> bool:
        """Whether every combination of values worth trying was tried."""
        # The instant it begins with comes before the dates.
        too_many = any(is_too_many(self._choices_of(each, Call.TAGGED_AND_NAMED)) for each in self.knockers)
        return not too_many and len(self.instants) <= _MOST_INSTANTS

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every request that gets through, one for each caller, external ID, kind of call and instant."""
        return tuple(self._entries())

    def _entries(self) -> Iterator[Entry]:
        for who in self.knockers:
            for call in _calls(who):
                for proof, text in self.proofs if call.value.startswith(Call.PLAIN.value) else ((Proof.NONE, None),):
                    for instant in self.instants:
                        found = self._entry(who, call, (proof, text), instant)
                        if found is not None:
                            yield found

    def other_actions(self) -> Iterator[tuple[Knocker, str]]:
        """Yield the actions beyond entering that the trust allows people, who gives the right external ID."""
        sent = [text for proof, text in self.proofs if proof is Proof.RIGHT] or [None]
        for who in self.knockers:
            if who.standing in (Standing.NAMED, Standing.COLLEAGUE, Standing.STRANGER):
                for action in _OTHER_ACTIONS:
                    if any(self._decide(who, action, text, keys) for text in sent for keys in self._contexts(who)):
                        yield who, action

    def _contexts(self, who: Knocker) -> Iterator[dict[str, str]]:
        for instant in self.instants:
            for keys in combinations(self._choices_of(who, Call.TAGGED_AND_NAMED)):
                yield _common(instant) | keys

    def _decide(self, who: Knocker, action: str, external_id: str | None, keys: Mapping[str, str]) -> Decision | None:
        decision = decide(self._request(who, action, external_id, keys), self._policies)
        return decision if decision.allowed else None

    def _entry(self, who: Knocker, call: Call, proof: tuple[Proof, str | None], instant: datetime) -> Entry | None:
        for keys in combinations(self._choices_of(who, call)):
            decision = self._enter(who, call, proof[1], _common(instant) | keys)
            if decision is not None:
                step = next(each for each in decision.steps if each.policy is self.trust)
                return Entry(who, proof[0], call, instant, step.statement.label, proof[1])
        return None

    def _enter(self, who: Knocker, call: Call, external_id: str | None, keys: Mapping[str, str]) -> Decision | None:
        """Return the decision on entering when the whole call gets through."""
        if call in (Call.WITH_SAML, Call.WITH_WEB_IDENTITY):
            return self._decide(who, call.value, None, keys)
        request = self._request(who, Call.PLAIN.value, external_id, keys)
        tags = {"gatepass": "probe"} if call in (Call.TAGGED, Call.TAGGED_AND_NAMED) else {}
        if any(_is_about_tags(key) for key in keys):
            tags = {}
        whole = decide_assume_role(request, self._policies, tags=tags)
        return whole.decisions[0][1] if whole.allowed else None

    def _request(self, who: Knocker, action: str, external_id: str | None, keys: Mapping[str, str]) -> Request:
        sent = dict(keys)
        if external_id is not None:
            # Where the policy compares the external ID with what the caller says of himself, he says the same twice.
            sent |= {key: external_id for key in self._keys_of_caller if key not in who.facts}
            sent[EXTERNAL_ID] = external_id
        return Request(who.caller, action, self.role, self.account, context(_with_variables(sent)))

    @cached_property
    def _keys_of_caller(self) -> tuple[str, ...]:
        """The keys that stand as variables where the policy compares the external ID."""
        texts = [text for each in self.demands if each.key == EXTERNAL_ID for text in each.texts]
        found = {match[1].strip().lower() for text in texts for match in _VARIABLE.finditer(text)}
        return tuple(key for key in sorted(found) if enters_with(key, federated=False) and key != EXTERNAL_ID)

    @cached_property
    def _policies(self) -> Policies:
        return Policies(identity=(_EVERYTHING,), resource=self.trust)

    def _choices_of(self, who: Knocker, call: Call) -> dict[str, Sequence[str | None]]:
        """Return what one caller may choose in one kind of call."""
        left_out = {*who.facts, *_ALWAYS_SENT}
        if call not in (Call.NAMED, Call.TAGGED_AND_NAMED):
            left_out.add(_SOURCE_IDENTITY)
        tags = call in (Call.TAGGED, Call.TAGGED_AND_NAMED)
        found: dict[str, Sequence[str | None]] = {"sts:rolesessionname": (_ENGINEER,)}
        if _SOURCE_IDENTITY not in left_out:
            found[_SOURCE_IDENTITY] = (_ENGINEER,)
        for key, values in self.choices.items():
            if key in left_out or (_is_about_tags(key) and not tags):
                continue
            if not enters_with(key, federated=who.caller.kind is PrincipalKind.IDENTITY_PROVIDER):
                continue
            if key.startswith(_PRINCIPAL_TAG) and who.standing is Standing.COLLEAGUE:
                continue
            # What a call of this kind always sends is not left out of it.
            found[key] = (*found[key], *(each for each in values if each)) if key in found else values
        if who.standing is Standing.FEDERATED_STRANGER:
            found |= {key: (_STRANGE_SUBJECT,) for key in found if not key.startswith("aws:") and ":aud" not in key}
        return found | {key: (value,) for key, value in who.facts.items()}


def unknown_door(trust: Policy, now: datetime, *, provider: str | None = None, known_ids: tuple[str, ...] = ()) -> Door:
    """Return the door of a trust policy whose role is not known."""
    account = spare_account(trust, provider or "")
    role = f"arn:{partition_of(trust)}:iam::{account}:role/gatepass/probed"
    return Door(trust, role, account, now, provider, known_ids)


def _calls(who: Knocker) -> tuple[Call, ...]:
    if who.caller.kind is PrincipalKind.IDENTITY_PROVIDER:
        return (Call.WITH_SAML, Call.WITH_WEB_IDENTITY)
    if who.caller.kind is PrincipalKind.SERVICE:
        return (Call.PLAIN,)
    return (Call.PLAIN, Call.TAGGED, Call.NAMED, Call.TAGGED_AND_NAMED)


def _is_about_tags(key: str) -> bool:
    return key.startswith(_REQUEST_TAG) or key in _TAG_KEYS


def _common(instant: datetime) -> dict[str, str]:
    seconds = str(int(instant.timestamp()))
    return {"aws:currenttime": instant_text(instant), "aws:epochtime": seconds, "aws:securetransport": "true"}


def _with_variables(keys: Mapping[str, str]) -> dict[str, str]:
    """Fill in the variables that a policy's value names with what the same request says."""
    return {key: value.replace("${aws:username}", keys.get("aws:username", "alice")) for key, value in keys.items()}


def _is_sendable(text: str) -> bool:
    """Say whether STS would take the text as an external ID."""
    try:
        ExternalId(text)
    except InvalidInput:
        return False
    return True
