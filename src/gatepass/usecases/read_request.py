"""Read an engineer's request on the customer's side, and let nothing pass that was changed, is old, or was used."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.access_request import CLOCK_SKEW, REQUEST, AccessRequest, parse_request
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.role import PROVIDER_TAG
from gatepass.domain.signed_file import PublicKey, SignedFile, parse_signed_file
from gatepass.ports.books import RequestBook
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.signatures import SignatureChecker
from gatepass.usecases.find_grant import declared_role


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A request that may be acted upon, once a person agrees.

    Attributes:
        role: the role whose door it asks for.
        key: whose holder signed it.
        known_key: the key that this engineer's requests came with before, or None at the first one.
    """

    request: AccessRequest
    role: RoleArn
    key: PublicKey
    known_key: PublicKey | None

    @property
    def key_is_new(self) -> bool:
        """Whether nobody has vouched for the key yet: the first of this engineer, or another than before."""
        return self.known_key != self.key


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading a request needs besides the account: memory, mathematics and the time."""

    book: RequestBook
    signatures: SignatureChecker
    clock: Clock


def read_request(
    text: str, declaration: Declaration, roles: RoleDirectory, desk: Desk, *, trust_key: bool = False
) -> ReadRequest:
    """Return what the file asks for; nothing is remembered and nothing is opened.

    AWS is asked only about a request that is whole, signed, in time and not used yet.

    Args:
        text: the file's content.
        declaration: the customer's file.
        roles: the account that the credentials belong to.
        desk: memory, mathematics and the time.
        trust_key: take a key other than this engineer's known one, because a person vouches for it.

    Raises:
        InvalidInput: it is no request, or was changed after it was signed.
        Conflict: expired, used before, signed with another key, or for another account or provider.
        NotThere: the grant has not been applied.
        AccessRefused: AWS said no.
    """
    signed = parse_signed_file(text, REQUEST)
    request = parse_request(signed.body)
    _demand_signature(signed, desk.signatures)
    _demand_in_time(request, desk.clock)
    if desk.book.was_used(request.id):
        raise Conflict(
            f"the request of {request.engineer} was used already",
            why="each request opens a door once, so that nobody can send it again later",
            next_step="ask the engineer for a new one, if the door shall open again",
        )
    known = desk.book.known_key(request.provider, request.engineer)
    if known not in (None, signed.key) and not trust_key:
        raise _other_key(request, known, signed.key)
    return ReadRequest(request, _role_asked_for(request, declaration, roles), signed.key, known)


def remember_request(read: ReadRequest, desk: Desk) -> None:
    """Keep that the request was used and whose key it is, after the door was opened.

    Not before: a door that could not be opened may be tried again, and a key that a person
    turned down is not to be known the next time.
    """
    desk.book.remember(read.request, read.key, desk.clock.now())


def _demand_signature(signed: SignedFile, signatures: SignatureChecker) -> None:
    if not signatures.is_signed_by(signed.key, signed.message, signed.signature):
        raise InvalidInput(
            "the signature of the request is not right",
            why="the file was changed after it was signed, or was never signed with that key",
            next_step="do not open; ask the engineer, by another way, to send it again",
        )


def _demand_in_time(request: AccessRequest, clock: Clock) -> None:
    now = clock.now()
    # Taken from our side: what a stranger wrote may be the last instant that there is.
    if now - CLOCK_SKEW >= request.usable_until:
        raise Conflict(
            f"the request of {request.engineer} has expired",
            why=f"it was usable until {request.usable_until:%Y-%m-%d %H:%M:%SZ}",
            next_step="ask the engineer for a new one",
        )
    if request.made_at > now + CLOCK_SKEW:
        raise Conflict(
            f"the request of {request.engineer} is from the future",
            why=f"it was made at {request.made_at:%Y-%m-%d %H:%M:%SZ}, and here it is {now:%Y-%m-%d %H:%M:%SZ}",
            next_step="set the clock of the machine that is wrong, then ask for a new request",
        )


def _role_asked_for(request: AccessRequest, declaration: Declaration, roles: RoleDirectory) -> RoleArn:
    """Return the role of the declared grant, which must be of this account and this provider."""
    if request.account != declaration.account:
        raise Conflict(
            f"the request is for account {request.account}",
            why=f"the file is for account {declaration.account}",
            next_step="name the file of the account that is asked for with --file, and use its credentials",
        )
    arn, role = declared_role(declaration, request.grant, roles)
    provider = role.tags.get(PROVIDER_TAG, "nobody known")
    if provider != str(request.provider):
        raise Conflict(
            f"the request comes from account {request.provider}, which has no part in the grant {request.grant}",
            why=f"the role of that grant lets in account {provider} only",
            next_step="do not open; ask the provider that you know whether this engineer is theirs",
        )
    return arn


def _other_key(request: AccessRequest, known: PublicKey | None, key: PublicKey) -> Conflict:
    was = known.fingerprint if known is not None else "none"
    return Conflict(
        f"the request of {request.engineer} is signed with another key than before",
        why=f"before: {was}\nnow:    {key.fingerprint}\n"
        "somebody else may be using the name, or the engineer has a new machine",
        next_step="call the engineer, have the new key read out, and only if it is the same: "
        "gatepass open --request FILE --trust-key",
    )
