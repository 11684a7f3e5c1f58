"""Whose credentials a command begins from, before any session."""

from __future__ import annotations

import os
from dataclasses import dataclass

from gatepass.adapters.exec_environment import holds_session_of_ours
from gatepass.adapters.kept_sessions import KeptCredentials
from gatepass.domain.session import Credentials


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
    """
    environment = os.environ
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    if key_id and not holds_session_of_ours():
        secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
        return Base(
            "the environment", key_id, Credentials(key_id, secret, environment.get("AWS_SESSION_TOKEN") or None)
        )
    profile = environment.get("AWS_PROFILE")
    if profile and not key_id:
        return Base(f"profile {profile}", f"profile {profile}", None)
    loaded = KeptCredentials().load()
    if loaded is not None:
        return Base("creds load", loaded.access_key_id, loaded)
    return Base("the AWS configuration", "default", None)
