"""Prove, from the provider's side, that a customer's role opens to the right external ID and to nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gatepass.domain.errors import AccessRefused, Conflict, CredentialsRefused
from gatepass.domain.handshake import Answer, Handshake, Probe, Trial, is_verifier, wrong_ids
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, RoleArn
from gatepass.domain.limits import VERIFIER
from gatepass.domain.session import SHORTEST_SESSION, Credentials, Entry, Session
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.sessions import ActTrial, TokenService

_AS_VERIFIER = EngineerName(VERIFIER)
_TAGS = {"gatepass-probe": "handshake"}


@dataclass(frozen=True, slots=True)
class Probers:
    """Who tries the doors, and with what.

    Attributes:
        verifier: the provider's principal for handshakes.
        acts: tries calls inside, which the verifier must be refused.
        stranger: a principal of the provider that should not get in, if one is at hand.
    """

    verifier: TokenService
    acts: ActTrial
    clock: Clock
    randomness: Randomness
    stranger: TokenService | None = None


def demand_probers(probers: Probers, provider: AccountId) -> None:
    """Let only probers pass that belong to the provider, one of them the verifier.

    Raises:
        Conflict: they are of another account, or the verifier is no principal of that name.
    """
    caller = probers.verifier.caller()
    if caller.account != provider or not is_verifier(caller):
        raise Conflict(
            f"{caller.arn} does not make handshakes",
            why=f"probes come from a principal of their own: the user or role {VERIFIER} of account {provider}",
            next_step=f"make that user or role, and name its AWS profile with --verify-as (default: {VERIFIER})",
        )
    if probers.stranger is None:
        return
    stranger = probers.stranger.caller()
    if stranger.account != provider or stranger.arn == caller.arn:
        raise Conflict(
            f"{stranger.arn} cannot play the stranger",
            why=f"it must be another principal of account {provider}, one that should reach no customer",
            next_step="name the AWS profile of such a principal with --stranger",
        )


def as_verifier(
    role: RoleArn, own: TokenService, tokens_of: Callable[[Credentials | None], TokenService]
) -> TokenService:
    """Return STS as seen from a session of the provider's role for handshakes.

    Raises:
        AccessRefused: one's own credentials may not enter that role.
    """
    return tokens_of(own.enter(Entry(role, _AS_VERIFIER, SHORTEST_SESSION)).credentials)


def shake_hands(role: RoleArn, right: ExternalId | None, probers: Probers, *, quick: bool = False) -> Handshake:
    """Try the door in every way that facts about confused deputies teach, and tell what AWS said.

    Nothing that was refused is asked twice, and no external ID is sent but the role's own and
    fresh random ones: another customer's would lie in this customer's CloudTrail.

    Args:
        role: the customer's role.
        right: its external ID, or None when it is expected to ask for none.
        probers: who tries.
        quick: whether only two doors are tried, with the right ID and with none; that proves far less.

    Raises:
        CredentialsRefused: AWS does not accept a prober's credentials, which says nothing about the role.
        Conflict: AWS could not answer.
    """
    tried = (_two_probes if quick else _probes)(role, right, probers)
    return Handshake(role, probers.clock.now(), right is not None, tuple(tried))


def _two_probes(role: RoleArn, right: ExternalId | None, probers: Probers) -> Iterator[Probe]:
    opened = _entered(probers.verifier, _entry(role, right)) is not None
    yield _probe(Trial.RIGHT if right is not None else Trial.WITHOUT, Answer.OPENED, opened=opened)
    if right is not None:
        yield _probe(Trial.WITHOUT, Answer.REFUSED, opened=_entered(probers.verifier, _entry(role, None)) is not None)


def _probes(role: RoleArn, right: ExternalId | None, probers: Probers) -> Iterator[Probe]:
    verifier = probers.verifier
    entered = _entered(verifier, _entry(role, right))
    yield _probe(Trial.RIGHT if right is not None else Trial.WITHOUT, Answer.OPENED, opened=entered is not None)
    with_tags = _entered(verifier, _entry(role, right, tags=True))
    yield _probe(Trial.TAGS, Answer.OPENED, opened=with_tags is not None)
    if entered is not None:
        yield _probe(Trial.ACT, Answer.REFUSED, opened=probers.acts.may_act(entered))
    if right is not None:
        yield _probe(Trial.WITHOUT, Answer.REFUSED, opened=_entered(verifier, _entry(role, None)) is not None)
        for trial, wrong in wrong_ids(right, probers.randomness.word).items():
            yield _probe(trial, Answer.REFUSED, opened=_entered(verifier, _entry(role, wrong)) is not None)
    if probers.stranger is not None:
        opened = _entered(probers.stranger, _entry(role, right)) is not None
        yield _probe(Trial.STRANGER, Answer.REFUSED, opened=opened)


def _probe(trial: Trial, expected: Answer, *, opened: bool) -> Probe:
    return Probe(trial, expected, Answer.OPENED if opened else Answer.REFUSED)


def _entry(role: RoleArn, given: ExternalId | None, *, tags: bool = False) -> Entry:
    return Entry(role, _AS_VERIFIER, SHORTEST_SESSION, given, _TAGS if tags else {})


def _entered(tokens: TokenService, entry: Entry) -> Session | None:
    """Return the session, or None when AWS said no to the entry itself."""
    try:
        return tokens.enter(entry)
    except CredentialsRefused:
        raise
    except AccessRefused:
        return None
