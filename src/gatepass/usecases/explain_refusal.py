"""Explain a refused door: AWS says only AccessDenied, and what our own side knows ranks the causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gatepass.domain.errors import AccessRefused, CredentialsRefused, GatepassError
from gatepass.domain.handed_pass import PassedRole, parse_terms
from gatepass.domain.kept_factor import KeptFactor, parse_kept
from gatepass.domain.session import Caller, Entry
from gatepass.domain.trust import instant_text
from gatepass.ports.secrets import SecretStore
from gatepass.ports.teams import PolicyReader
from gatepass.usecases.find_way_in import WayIn
from gatepass.usecases.judge_own_rights import Judgement, fits_any, judge_own_rights
from gatepass.usecases.keep_factor import places_of

# How AWS names the policies of the caller's own account.
_OWN_LAYERS = (
    "identity-based policy", "service control policy", "permissions boundary", "session policy", "VPC endpoint policy",
)  # fmt: skip
_LABELS = ("sts:TagSession", "sts:SetSourceIdentity")
_MOST_CAUSES = 4


@dataclass(frozen=True, slots=True)
class OurSide:
    """What may be asked of our own side once AWS has refused; whatever is missing leaves a cause less known.

    Attributes:
        now: our own clock, for the window.
        way: whose role it is, by the register.
        secrets: the team's store, which keeps the terms of the pass beside the second factor.
        policies: gives the reader of the engineer's own account.
    """

    now: datetime | None = None
    way: WayIn | None = None
    secrets: SecretStore | None = None
    policies: Callable[[], PolicyReader] | None = None


class Reason(Enum):
    """Why a door does not open; the usual order is that of likelihood."""

    TOO_LONG = "the session is too long"
    OWN_ACCOUNT = "the own account does not allow it"
    WINDOW = "the window is not open"
    PRINCIPAL = "somebody else is let in"
    NO_ID = "no external ID was given"
    LABELS = "the engineer's name or tags are refused"
    WRONG_ID = "another external ID was given"
    DOOR = "closed or rotated"
    TRUST = "not trusted"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause.

    Attributes:
        is_known: whether something says so; else it is only likely.
        what: it, in words.
        next_step: what to do about it: a command to paste, or whom to ask.
    """

    reason: Reason
    is_known: bool
    what: str
    next_step: str

    def __str__(self) -> str:
        return f"{'known' if self.is_known else 'likely'}: {self.what}"


def explained(refusal: GatepassError, caller: Caller, entry: Entry, ours: OurSide | None = None) -> GatepassError:
    """Return the refusal with its causes, the known ones first; what is no refusal of the door comes back as it is."""
    causes = ranked_causes(refusal, caller, entry, ours or OurSide())
    if not causes:
        return refusal
    words = refusal.message if isinstance(refusal, AccessRefused) else refusal.why
    lines = [words]
    for number, cause in enumerate(causes, start=1):
        lines.append(f"{number}. {cause}")
        if number > 1:
            lines.append(f"   then: {cause.next_step}")
    return AccessRefused(
        f"AWS refused {caller.engineer} the role {entry.role.name} in account {entry.role.account}",
        why="\n".join(lines),
        next_step=causes[0].next_step,
        code=refusal.code if isinstance(refusal, AccessRefused) else "ValidationError",
        message=words,
    )


def ranked_causes(refusal: GatepassError, caller: Caller, entry: Entry, ours: OurSide) -> tuple[Cause, ...]:
    """Return the causes, known ones first and the likeliest first within both; none for what is no refusal."""
    scene = _Scene(caller, entry, ours, _terms(ours))
    if "MaxSessionDuration" in refusal.why:
        return _too_long(scene)
    if not isinstance(refusal, AccessRefused) or isinstance(refusal, CredentialsRefused):
        return ()
    if any(layer in refusal.message for layer in _OWN_LAYERS):
        return (_own(scene, refusal.message, is_known=True),)
    found = list(_causes(refusal, scene, _judgement(scene)))
    found.sort(key=lambda cause: not cause.is_known)
    return tuple(found[:_MOST_CAUSES])


@dataclass(frozen=True, slots=True)
class _Scene:
    caller: Caller
    entry: Entry
    ours: OurSide
    terms: PassedRole | None

    @property
    def asking(self) -> str:
        """The command that asks the customer to open the door."""
        grant = self.ours.way.grant if self.ours.way is not None else "GRANT"
        return f'gatepass request {self.entry.role.account}/{grant} --for 4h --reason "..." -o request.json'


def _causes(refusal: AccessRefused, scene: _Scene, judgement: Judgement | None) -> Iterator[Cause]:
    if judgement is not None and not judgement.allowed:
        yield _own(scene, judgement.because, is_known=judgement.is_sure)
    label = next((action for action in _LABELS if action in refusal.message), None)
    if label is not None:
        # AWS refused this part of the call only: the door itself let the engineer in.
        yield from _label(label, scene, judgement)
    elif scene.ours.way is not None:
        yield from _of_the_terms(scene, scene.ours.way)
        yield from _of_a_customer(scene, scene.ours.way)
    else:
        yield from _of_a_stranger(scene)
    if judgement is None:
        yield _own(scene, label or "", is_known=False)


def _of_the_terms(scene: _Scene, way: WayIn) -> Iterator[Cause]:
    """Yield what contradicts the terms of the admitted pass: known, unless the customer changed them since."""
    terms, now = scene.terms, scene.ours.now
    if terms is None:
        return
    begin, end = terms.window.begin, terms.window.end
    if now is not None and end is not None and now >= end:
        yield _known(
            Reason.WINDOW,
            f"the window of {way} ended at {instant_text(end)}, as its pass says",
            f"ask the customer for a later end in access.yml, then for a new pass: gatepass pass {way.grant} -o FILE",
        )
    if now is not None and begin is not None and now < begin:
        yield _known(
            Reason.WINDOW,
            f"the window of {way} begins at {instant_text(begin)}, as its pass says",
            "wait until then, or ask the customer for an earlier beginning in access.yml",
        )
    if terms.principals and not fits_any(scene.caller, terms.principals):
        named = ", ".join(pattern.text for pattern in terms.principals)
        yield _known(
            Reason.PRINCIPAL,
            f"{way} lets in {named} of your account, as its pass says, and you are {scene.caller.arn}",
            "come as one of those, or ask the customer to name you under principals in access.yml",
        )


def _of_a_customer(scene: _Scene, way: WayIn) -> Iterator[Cause]:
    """Yield what may have changed at a registered customer's since its pass was admitted."""
    if scene.entry.external_id is None and scene.terms is not None and scene.terms.needs_second_factor:
        yield _known(
            Reason.NO_ID,
            f"{way} asks for an external ID, and the store keeps none",
            "the access lead admits the customer's newest pass: gatepass admit PASS",
        )
    last = way.customer.last_pass.get(way.grant)
    since = f" after its pass of {last:%Y-%m-%d %H:%M}Z" if last is not None else " after its last pass"
    yield _likely(
        Reason.DOOR,
        f"the customer closed the door of {way}, or rotated its external ID{since}; AWS answers both alike",
        f"ask for it to be opened, or for a new pass: {scene.asking}",
    )
    yield _likely(
        Reason.TRUST,
        "the customer changed the grant since: other principals, a window, or other networks than yours",
        f"the access lead proves the door with the verifier: gatepass verify {way}",
    )


def _of_a_stranger(scene: _Scene) -> Iterator[Cause]:
    """Yield what can be wrong with a role that no register knows."""
    customer, own = scene.entry.role.account, scene.caller.account
    if scene.entry.external_id is None:
        yield _likely(
            Reason.NO_ID,
            "the role asks for an external ID, and none was given",
            "ask the customer for the external ID and give it at the prompt or on standard input",
        )
    else:
        yield _likely(
            Reason.WRONG_ID,
            "the role asks for an external ID, and the one given is wrong or was rotated",
            f"ask the customer of account {customer} whether the door is open and which external ID is current",
        )
    yield _likely(
        Reason.DOOR,
        "the customer closed the door, its window is over, or the role is gone",
        f"ask the customer to look, and to open: {scene.asking}",
    )
    yield _likely(
        Reason.TRUST,
        f"account {customer} does not trust account {own}, or not this principal of it, or not from this network",
        f"tell the customer who you are, to be named under principals: {scene.caller.arn}",
    )


def _label(action: str, scene: _Scene, judgement: Judgement | None) -> Iterator[Cause]:
    """Yield why the call's tags or the engineer's name are refused."""
    customer, own = scene.entry.role.account, scene.caller.account
    allowed = judgement is not None and judgement.allowed
    ask = f"ask the customer of account {customer} to allow {action} for account {own}, as gatepass apply writes it"
    if action == "sts:TagSession":
        what = "the ticket is a session tag" if scene.entry.tags else "your own session passes its tags on"
        ask += "; or enter without --ticket" if scene.entry.tags else ""
    else:
        what = "Gatepass always names the engineer"
        if scene.caller.is_session:
            yield _likely(
                Reason.LABELS,
                "your own session carries another source identity, which cannot change along a chain",
                "begin from credentials of your own: gatepass creds load",
            )
    yield Cause(Reason.LABELS, allowed, f"the role's trust does not allow {action}: {what}", ask)


def _own(scene: _Scene, words: str, *, is_known: bool) -> Cause:
    """Return that the own account is what refuses."""
    account, way = scene.caller.account, scene.ours.way
    action = next((each for each in _LABELS if each in words), "sts:AssumeRole")
    if "service control policy" in words:
        what = f"a service control policy above account {account} does not allow {action} on this role"
        return Cause(Reason.OWN_ACCOUNT, is_known, what, "ask whoever keeps the organisation of your own account")
    what = f"account {account} does not allow {scene.caller.engineer} {action} on this role"
    if way is not None:
        teams = ", ".join(str(team) for team in way.customer.teams.get(way.grant, ())) or "no team yet"
        step = "ask the access lead whether you are on that team, and to run: gatepass apply customers.yml"
        return Cause(Reason.OWN_ACCOUNT, is_known, f"{what}; {way} is for: {teams}", step)
    right = "the right to enter this customer's role" if action == "sts:AssumeRole" else f"{action} on it too"
    return Cause(Reason.OWN_ACCOUNT, is_known, what, f"ask whoever keeps account {account} for {right}")


def _too_long(scene: _Scene) -> tuple[Cause, ...]:
    """Return the limit of the role's sessions where the pass told it."""
    if scene.terms is None:
        return ()
    limit = f"{scene.terms.session_limit // timedelta(minutes=1)}m"
    what = f"the role gives sessions of at most {limit}, as its pass says"
    return (_known(Reason.TOO_LONG, what, f"gatepass sudo {scene.ours.way} --for {limit}"),)


def _known(reason: Reason, what: str, next_step: str) -> Cause:
    return Cause(reason, is_known=True, what=what, next_step=next_step)


def _likely(reason: Reason, what: str, next_step: str) -> Cause:
    return Cause(reason, is_known=False, what=what, next_step=next_step)


def _terms(ours: OurSide) -> PassedRole | None:
    """Return the terms of the admitted pass, or None when nobody kept them or they cannot be read."""
    if ours.way is None or ours.secrets is None:
        return None
    for name in places_of(ours.way.customer, ours.way.grant).wanted:
        try:
            text = ours.secrets.get(name)
            kept = parse_kept(text) if text is not None else None
            if isinstance(kept, KeptFactor) and kept.role == ours.way.role and kept.terms:
                return parse_terms(str(kept.role), dict(kept.terms))
        except GatepassError:
            # What only helps to explain must not stand in the explanation's way.
            continue
    return None


def _judgement(scene: _Scene) -> Judgement | None:
    """Return what the own policies say, or None where they cannot be read, as engineers seldom may."""
    if scene.ours.policies is None:
        return None
    try:
        account = scene.ours.policies().account_policies()
        return judge_own_rights(scene.caller, scene.entry, account, scene.ours.now)
    except GatepassError:
        return None
