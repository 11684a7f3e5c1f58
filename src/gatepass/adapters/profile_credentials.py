"""The credentials behind an AWS profile, whatever kind it is, resolved by botocore as AWS's own tools do it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore.credentials import CredentialResolver, LoginCredentialFetcher, create_credential_resolver
from botocore.exceptions import (
    BotoCoreError,
    ConnectionError,  # noqa: A004 - botocore's own name, used in one place
    CredentialRetrievalError,
    HTTPClientError,
    LoginError,
    MissingDependencyException,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.utils import JSONFileCache, LoginTokenLoader, get_login_token_cache_directory

from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import GatepassError, InvalidInput, NotThere
from gatepass.domain.session import Credentials

# STS is the same everywhere; a Region is only needed to sign.
_ANY_REGION = "us-east-1"
# What botocore tries when the profile itself has nothing; those would be this machine's credentials, not the profile's.
_NOT_OF_THE_PROFILE = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")
_WAYS = {
    "sso": "by Identity Center",
    "login": "by aws login",
    "assume-role": "by the role it assumes",
    "assume-role-with-web-identity": "by the role it assumes",
    "custom-process": "by its credential_process",
}


@dataclass(frozen=True, slots=True)
class ProfileCredentials:
    """What a profile stands for at this moment.

    Attributes:
        way: how the profile comes to its credentials, in words; empty for keys that stand in it.
    """

    credentials: Credentials
    way: str


class AwsProfile:
    """One profile of the AWS configuration."""

    def __init__(self, name: str) -> None:
        """Find the profile.

        Raises:
            NotThere: there is none of that name.
            GatepassError: the AWS configuration cannot be read.
        """
        self._name = name
        self._session = botocore.session.Session(profile=name)
        try:
            with in_our_words("the AWS configuration"):
                known = self._session.available_profiles
                self._settings: dict[str, Any] = self._session.get_scoped_config() if name in known else {}
        except ProfileNotFound:
            known = []
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise NotThere(
                f"the AWS configuration has no profile {name}",
                why=f"it has {len(known)} profiles",
                next_step=f"did you mean: --profile {near[0]}" if near else "aws configure list-profiles",
            )
        if self._session.get_config_variable("region") is None:
            self._session.set_config_variable("region", _ANY_REGION)

    @property
    def mfa_serial(self) -> str | None:
        """The device that the profile names, if any."""
        found = self._settings.get("mfa_serial")
        return str(found) if found else None

    def credentials(self, ask_code: Callable[[str], str], now: datetime) -> ProfileCredentials:
        """Return its credentials, frozen, with their expiry.

        Args:
            ask_code: asks the person for a device's code, in the words it is given.
            now: what ends before is refused.

        Raises:
            AccessRefused: AWS refused what the profile asks it for.
            GatepassError: the profile leads to no credentials, or its session has ended.
        """
        with _in_our_words(self._name):
            found = self._found(self._resolver(ask_code))
            frozen = self._frozen(found) if found is not None else None
        if found is None or frozen is None or not frozen.access_key:
            raise GatepassError(
                f"the profile {self._name} has no credentials",
                why="it names neither keys nor a role, a process, or a session of Identity Center or aws login",
                next_step=f"aws configure --profile {self._name}, or aws configure sso --profile {self._name}",
            )
        # botocore tells nobody when they end; the AWS CLI's export-credentials takes it from here too.
        expires_at = getattr(found, "_expiry_time", None)
        keys = Credentials(
            frozen.access_key,
            frozen.secret_key,
            frozen.token or None,
            expires_at.astimezone(UTC) if expires_at is not None else None,
        )
        if keys.expires_at is not None and keys.expires_at <= now:
            raise _expired(self._name, found.method)
        return ProfileCredentials(keys, _WAYS.get(found.method, ""))

    def _frozen(self, found: Any) -> Any:  # noqa: ANN401 - botocore ships no types
        try:
            return found.get_frozen_credentials()
        except RuntimeError:
            # botocore's word for what is old as soon as it was fetched.
            raise _expired(self._name, found.method) from None

    def _resolver(self, ask_code: Callable[[str], str]) -> CredentialResolver:
        resolver = create_credential_resolver(self._session, region_name=self._session.get_config_variable("region"))
        for method in _NOT_OF_THE_PROFILE:
            resolver.remove(method)
        # Without a terminal botocore's own prompt would wait for the code on standard input, and echo it.
        resolver.get_provider("assume-role")._prompter = ask_code  # noqa: SLF001 - there is no other way to it
        return resolver

    def _found(self, resolver: CredentialResolver) -> Any:  # noqa: ANN401 - botocore ships no types
        try:
            return resolver.load_credentials()
        except MissingDependencyException:
            # Only refreshing takes the library that is missing; what the AWS CLI got lately can be read without it.
            return _HeldLogin(str(self._settings.get("login_session", "")))


class _HeldLogin:
    """The credentials that ``aws login`` holds, as they are."""

    method = "login"

    def __init__(self, login: str) -> None:
        loader = LoginTokenLoader(JSONFileCache(get_login_token_cache_directory()))
        self._held = LoginCredentialFetcher(login, loader, client_creator=None).load_cached_credentials()

    @property
    def _expiry_time(self) -> datetime:
        return datetime.fromisoformat(self._held["expiry_time"]).astimezone(UTC)

    def get_frozen_credentials(self) -> Any:  # noqa: ANN401 - as botocore's
        from botocore.credentials import ReadOnlyCredentials  # noqa: PLC0415 - only here

        return ReadOnlyCredentials(self._held["access_key"], self._held["secret_key"], self._held["token"])


@contextmanager
def _in_our_words(profile: str) -> Iterator[None]:
    try:
        with in_our_words(f"the credentials of profile {profile}"):
            try:
                yield
            except (SSOError, TokenRetrievalError):
                raise _ended(profile, "sso login") from None
            except LoginError:
                raise _ended(profile, "login") from None
            except CredentialRetrievalError:
                # The process's own words may hold anything.
                raise GatepassError(
                    f"the credential_process of profile {profile} gave no credentials",
                    why="it failed, or what it printed is not what AWS's tools expect",
                    next_step=f"see what it says: aws sts get-caller-identity --profile {profile}",
                ) from None
            except (HTTPClientError, ConnectionError):
                raise
            except BotoCoreError as error:
                raise InvalidInput(
                    f"the profile {profile} cannot be used",
                    why=str(error),
                    next_step="mend it in the AWS configuration file, then load it again",
                ) from None
    except (KeyError, ValueError, OSError) as error:
        if isinstance(error, GatepassError):
            raise
        raise InvalidInput(
            f"the profile {profile} cannot be used",
            why="its process does not run, or what that or the AWS CLI gives is not as AWS's tools expect it",
            next_step=f"log in again, or see: aws sts get-caller-identity --profile {profile}",
        ) from None


def _ended(profile: str, verb: str) -> GatepassError:
    return GatepassError(
        f"the session of profile {profile} has ended, or was never begun",
        why="the AWS CLI keeps none that AWS would still take",
        next_step=f"aws {verb} --profile {profile}, then load it again",
    )


def _expired(profile: str, method: str) -> GatepassError:
    logins = {"sso": "sso login", "login": "login"}
    if method in logins:
        return _ended(profile, logins[method])
    return GatepassError(
        f"the credentials of profile {profile} have expired",
        why="its process, or whoever wrote them there, gave old ones",
        next_step=f"get fresh ones, and see: aws sts get-caller-identity --profile {profile}",
    )
