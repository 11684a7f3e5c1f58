"""The short way to AWS for the calls that an engineer waits for; None wherever only boto3 knows the way."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gatepass.adapters.aws_endpoints import usual_region
from gatepass.adapters.base_credentials import base_credentials
from gatepass.adapters.static_profile import own_keys, plain_region
from gatepass.domain.session import Credentials
from gatepass.ports.secrets import SecretStore
from gatepass.ports.sessions import TokenService
from gatepass.wiring.machine import region


def quick_tokens(credentials: Credentials | None = None) -> TokenService | None:
    """Return STS as the holder of the credentials sees it, by default the person."""
    from gatepass.adapters.signed_client import SignedClient
    from gatepass.adapters.signed_tokens import SignedTokens

    found = _keys(credentials)
    if found is None:
        return None
    keys, its_region = found
    return SignedTokens(SignedClient(keys, its_region or usual_region("aws"), _tell))


def quick_store(kind: str, whole: Callable[[], SecretStore]) -> SecretStore | None:
    """Return the store of AWS as the person reads it; what it cannot do is left to the ``whole`` one."""
    from gatepass.adapters.signed_client import SignedClient
    from gatepass.adapters.signed_secrets import SignedManager, SignedParameters

    found = _keys(None)
    # Which Region is asked for in words by the long way.
    if found is None or found[1] is None:
        return None
    client = SignedClient(found[0], found[1], _tell)
    return SignedParameters(client, whole) if kind == "ssm" else SignedManager(client, whole)


def _keys(credentials: Credentials | None) -> tuple[Credentials, str | None] | None:
    if credentials is None:
        own = own_keys(base_credentials())
        return (own.credentials, region() or own.region) if own is not None else None
    settings = plain_region()
    return (credentials, region() or settings.region) if settings is not None else None


def _tell(text: str) -> None:
    sys.stderr.write(f"gatepass: {text}\n")
