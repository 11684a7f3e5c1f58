"""Write an engineer's request that a customer's door be opened, signed with the engineer's key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gatepass.domain.access_request import REQUEST, USABLE_FOR, AccessRequest, request_body
from gatepass.domain.errors import Conflict
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.sessions import TokenService
from gatepass.ports.signatures import SigningKey

# Nobody can guess the id of a request that is still under way.
_ID_BITS = 130


@dataclass(frozen=True, slots=True)
class Wish:
    """What an engineer wants of a customer.

    Attributes:
        provider: the account that the register says the customer trusts; None where no register was asked.
    """

    account: AccountId
    grant: GrantName
    duration: timedelta
    reason: str
    ticket: str | None = None
    provider: AccountId | None = None


def write_request(
    wish: Wish, tokens: TokenService, key: SigningKey, clock: Clock, randomness: Randomness
) -> tuple[AccessRequest, SignedFile]:
    """Return the request, made out to the caller's own account and name, and the file to send.

    Raises:
        InvalidInput: the duration, the reason or the ticket is none that a customer can be shown.
        AccessRefused: AWS does not accept the credentials.
        Conflict: the credentials are the customer's own, or of an account that the customer does not know.
    """
    caller = tokens.caller()
    if caller.account == wish.account:
        raise Conflict(
            f"your credentials are of account {wish.account} itself",
            why="a request goes from a service provider's account to a customer's",
            next_step="load the credentials of your own account: gatepass creds load",
        )
    if wish.provider is not None and caller.account != wish.provider:
        raise Conflict(
            f"your credentials are of account {caller.account}, and the customer trusts {wish.provider}",
            why="the register is that of another account; the customer would refuse the request",
            next_step=f"load the credentials of account {wish.provider}: gatepass creds load",
        )
    now = clock.now().replace(microsecond=0)
    request = AccessRequest(
        id=randomness.word(_ID_BITS),
        account=wish.account,
        grant=wish.grant,
        provider=caller.account,
        engineer=caller.engineer,
        duration=wish.duration,
        reason=wish.reason.strip(),
        ticket=(wish.ticket or "").strip() or None,
        made_at=now,
        usable_until=now + USABLE_FOR,
    )
    body, public = request_body(request), key.public_key
    return request, SignedFile(REQUEST, body, public, key.sign(message_to_sign(REQUEST, body, public)))
