"""Try credentials before they are kept."""

from __future__ import annotations

from gatepass.domain.errors import CredentialsRefused
from gatepass.domain.session import Caller
from gatepass.ports.sessions import TokenService

_LIKELY = {
    "SignatureDoesNotMatch": "the secret access key is not that of the access key ID: half of it may be missing",
    "InvalidClientTokenId": "AWS knows no such key: it was deleted, or the session token is cut off",
    "ExpiredToken": "they have expired",
    "ExpiredTokenException": "they have expired",
}


def tried(tokens: TokenService) -> Caller:
    """Return whose credentials these are.

    Raises:
        CredentialsRefused: AWS does not take them; what is likely the matter is in it.
    """
    try:
        return tokens.caller()
    except CredentialsRefused as refusal:
        likely = _LIKELY.get(refusal.code)
        raise CredentialsRefused(
            "AWS does not accept the credentials; nothing was kept",
            why=f"{refusal.why}\n{likely}" if likely else refusal.why,
            next_step="copy fresh ones whole, and load them again",
            code=refusal.code,
            message=refusal.message,
        ) from None
