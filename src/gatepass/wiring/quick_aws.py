"""The short way to AWS for the calls that an engineer waits for; None wherever only boto3 knows the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from gatepass.adapters.aws_endpoints import usual_region
from gatepass.adapters.base_credentials import base_credentials
from gatepass.adapters.static_profile import own_keys, plain_region
from gatepass.domain.session import Credentials
from gatepass.ports.secrets import SecretStore
from gatepass.ports.sessions import TokenService
from gatepass.wiring.machine import region

if TYPE_CHECKING:
    from gatepass.adapters.connection_pool import ConnectionPool

# By which connections a process asks that asks for thousands; a person's command has its own, and waits for no turn.
_pools: list[Callable[[str], ConnectionPool]] = []


def asks_by(pool_of: Callable[[str], ConnectionPool]) -> None:
    """Have this process ask by these connections, one pool for each family of calls."""
    _pools[:] = [pool_of]


def quick_tokens(credentials: Credentials | None = None) -> TokenService | None:
    """Return STS as the holder of the credentials sees it, by default the person."""
    from gatepass.adapters.signed_client import SignedClient
    from gatepass.adapters.signed_tokens import SignedTokens

    found = _keys(credentials)
    if found is None:
        return None
    keys, its_region = found
    return SignedTokens(SignedClient(keys, its_region or usual_region("aws"), _tell, pool=_pool("sts")))


def quick_store(kind: str, whole: Callable[[], SecretStore]) -> SecretStore | None:
    """Return the store of AWS as the person reads it; what it cannot do is left to the ``whole`` one."""
    from gatepass.adapters.signed_client import SignedClient
    from gatepass.adapters.signed_secrets import SignedManager, SignedParameters

    found = _keys(None)
    # Which Region is asked for in words by the long way.
    if found is None or found[1] is None:
        return None
    pool = _pool("ssm-read" if kind == "ssm" else "secretsmanager-read")
    client = SignedClient(found[0], found[1], _tell, pool=pool)
    return SignedParameters(client, whole) if kind == "ssm" else SignedManager(client, whole)


def _keys(credentials: Credentials | None) -> tuple[Credentials, str | None] | None:
    if credentials is None:
        own = own_keys(base_credentials())
        return (own.credentials, region() or own.region) if own is not None else None
    settings = plain_region()
    return (credentials, region() or settings.region) if settings is not None else None


def _pool(family: str) -> ConnectionPool | None:
    return _pools[0](family) if _pools else None


def _tell(text: str) -> None:
    sys.stderr.write(f"gatepass: {text}\n")
