"""Whose credentials a command begins from, before any session."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gatepass.adapters.kept_credentials import KeptCredentials
from gatepass.domain.session import Credentials
from gatepass.domain.shell_environment import own_environment


@dataclass(frozen=True, slots=True)
class Base:
    """The person's own credentials, before any sudo.

    Attributes:
        origin: where they came from, in words.
        key_id: what tells these from others: the access key ID, or the profile's name.
        credentials: the keys, or None when boto3 finds them by itself (profiles, Identity Center, instances).
    """

    origin: str
    key_id: str
    credentials: Credentials | None


def base_credentials() -> Base:
    """Return the credentials to begin from: the environment's, else those of ``creds load``, else what boto3 finds.

    A session that ``exec`` put into the environment is a customer's, not the person's own: it is passed over.
    A shell that followed into a session has kept the person's own beside it.
    """
    found = _of_environment()
    if found is not None:
        return found
    loaded = KeptCredentials().load()
    if loaded is not None:
        return Base("creds load", loaded.access_key_id, loaded)
    return Base("the AWS configuration", "default", None)


def base_key_id() -> str:
    """Return the ``key_id`` that ``base_credentials`` would, without asking a keyring for any secret."""
    found = _of_environment()
    return found.key_id if found is not None else KeptCredentials().key_id() or "default"


def _of_environment() -> Base | None:
    environment = own_environment(os.environ)
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    if key_id:
        secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
        return Base(
            "the environment", key_id, Credentials(key_id, secret, environment.get("AWS_SESSION_TOKEN") or None)
        )
    profile = environment.get("AWS_PROFILE")
    if profile:
        return Base(f"profile {profile}", f"profile {profile}", None)
    return None
