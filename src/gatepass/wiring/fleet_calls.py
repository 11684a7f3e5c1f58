"""How the fleet asks AWS: over connections that all its units share, each call in its turn."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from gatepass.domain.errors import GatepassError, InvalidInput
from gatepass.domain.identifiers import AccountId, RoleArn
from gatepass.wiring import machine, own_account, quick_aws

if TYPE_CHECKING:
    import boto3

    from gatepass.adapters.connection_pool import ConnectionPool
    from gatepass.domain.session import Credentials
    from gatepass.fleet.pacing import Pacer
    from gatepass.ports.sessions import ActTrial, TokenService
    from gatepass.usecases.shake_hands import Probers

# Whose calls are not told by an account's number: those of this process's own credentials, or of a profile.
_OWN = "own"
# Parameter Store's throughput is a setting of the account and Region that costs money, and nobody's call tells it.
_SSM_READS, _MOST_READS = "GATEPASS_SSM_READS", 10_000
_ASKED_AGAIN_AFTER = timedelta(minutes=5)


@cache
def pacer() -> Pacer:
    """Return what paces the calls of this process, in the part of AWS's limits that its share of the workers is."""
    from gatepass.fleet.pacing import KNOWN_LIMITS, Pacer

    return Pacer(limits={**KNOWN_LIMITS, **raised_limits(os.environ)})


def raised_limits(environment: Mapping[str, str]) -> dict[str, float]:
    """Return the limits that AWS raised for the account, where somebody said so, by family.

    Raises:
        InvalidInput: what was said is no such number.
    """
    said = environment.get(_SSM_READS, "")
    if not said:
        return {}
    if not said.isdecimal() or not 1 <= int(said) <= _MOST_READS:
        raise InvalidInput(
            f"{_SSM_READS} is no number of calls a second",
            why=f"it says how often Parameter Store may be read here: 1 to {_MOST_READS}, and 40 if nobody raised it",
            next_step="copy the quota of GetParameters from Service Quotas, or unset it",
        )
    return {"ssm-read": float(said)}


def pace_this_process() -> None:
    """Have every way to AWS that is made from now on wait for its turns; a person's own commands never do."""
    quick_aws.asks_by(lambda family: paced_pool(family, _OWN))
    own_account.asks_by(lambda session, profile: paced(session, f"profile {profile}" if profile else _OWN))


def paced(session: boto3.Session, account: str) -> boto3.Session:
    """Return boto3's session of that account, whose calls wait for their turns."""
    from gatepass.adapters.paced_session import paced_session

    place = region()
    return paced_session(
        session,
        lambda family: pacer().pass_(family, account, place),
        lambda family: pacer().throttled(family, account, place),
    )


def paced_pool(family: str, account: AccountId | str) -> ConnectionPool:
    """Return the shared connections, used at the pace that all calls of the family in the account share."""
    from gatepass.adapters.paced_pool import PacedPool

    key = (family, str(account), region())
    return PacedPool(_pool(), partial(pacer().pass_, *key), partial(pacer().throttled, *key))


def region(profile: str | None = None) -> str:
    """Return the Region that the fleet asks in: the chosen one, else the profile's, else the partition's usual one."""
    # The choice lies in a file of this terminal's, and each of thousands of accounts asks for it several times.
    named = (os.environ.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "XDG_STATE_HOME", "HOME"))
    return _region(profile, int(time.monotonic() / _ASKED_AGAIN_AFTER.total_seconds()), *named)


@lru_cache(maxsize=256)
def _region(profile: str | None, *period_and_environment: int | str) -> str:
    del period_and_environment
    from gatepass.adapters.aws_endpoints import usual_region

    chosen = machine.region()
    if chosen is None and profile is not None:
        chosen = own_account.connected(profile).region_name
    return chosen or usual_region("aws")


def probers(verifier: str, stranger: str | None, provider: AccountId) -> Probers:
    """Return who makes handshakes, from many threads at once and for hours.

    Args:
        verifier: an AWS profile, or the ARN of a role that the person's own credentials may enter.
        stranger: an AWS profile of somebody who should reach no customer, if any.
        provider: whose account they belong to.
    """
    from gatepass.usecases.shake_hands import Probers

    second = _tokens(stranger, provider) if stranger else None
    return Probers(_tokens(verifier, provider), _trial(verifier), machine.clock(), machine.randomness(), second)


def _profile(prober: str) -> str | None:
    return None if prober.startswith("arn:") else prober


def _trial(verifier: str) -> ActTrial:
    """Return what tries calls inside customers' accounts; by boto3 where AWS is reached in a way that only it knows."""
    from gatepass.adapters.static_profile import reaches_aws_plainly

    profile = _profile(verifier)
    if reaches_aws_plainly(profile):
        from gatepass.adapters.signed_act_trial import SignedActTrial

        return SignedActTrial(region(profile), paced_pool)
    from gatepass.adapters.act_trial import AwsActTrial

    return AwsActTrial()


def _tokens(name: str, provider: AccountId) -> TokenService:
    from gatepass.adapters.static_profile import reaches_aws_plainly

    profile = _profile(name)
    if reaches_aws_plainly(profile):
        from gatepass.adapters.renewed_credentials import RenewedTokens

        return RenewedTokens(lambda: _keys(name), region(profile), paced_pool("sts", provider), machine.clock())
    from gatepass.adapters.sts_tokens import StsTokens

    session = own_account.connected(profile) if profile else own_account.connected_with(_keys(name))
    return StsTokens(session)


def _keys(prober: str) -> Credentials:
    """Return the keys of an AWS profile, or of a role that the person's own credentials may enter."""
    from gatepass.domain.identifiers import EngineerName
    from gatepass.domain.limits import VERIFIER
    from gatepass.domain.session import SHORTEST_SESSION, Credentials, Entry

    if _profile(prober) is None:
        entry = Entry(RoleArn(prober), EngineerName(VERIFIER), SHORTEST_SESSION)
        return own_account.own_tokens().enter(entry).credentials
    from gatepass.adapters.aws_errors import in_our_words

    with in_our_words(f"the credentials of the profile {prober}"):
        found = own_account.connected(prober).get_credentials()
        if found is None:
            raise GatepassError(
                f"the profile {prober} has no credentials", next_step=f"aws configure --profile {prober}"
            )
        keys = found.get_frozen_credentials()
    # boto3 renews what is short-lived by itself, and does not say when it ends: it is asked again before long.
    soon = machine.clock().now() + _ASKED_AGAIN_AFTER if keys.token else None
    return Credentials(keys.access_key, keys.secret_key, keys.token, soon)


@cache
def _pool() -> ConnectionPool:
    from gatepass.adapters.connection_pool import ConnectionPool

    return ConnectionPool()
