"""Boto3 sessions and clients, made of the credentials that are used."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from functools import cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.utils import parse_timestamp

from gatepass import __version__
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.chosen_region import ChosenRegion
from gatepass.adapters.exec_environment import holds_session_of_ours
from gatepass.domain.session import Credentials
from gatepass.domain.shell_environment import own_environment

# IAM and STS are the same everywhere; a Region is only needed to sign.
_ANY_REGION = "us-east-1"


def connection(credentials: Credentials | None, profile: str | None = None) -> boto3.Session:
    """Return a boto3 session that uses these credentials, or what boto3 finds by itself.

    Raises:
        GatepassError: the profile does not exist.
    """
    keys: dict[str, Any] = {}
    if credentials is not None:
        keys = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
            "aws_session_token": credentials.session_token,
        }
    finder = _finder()
    if holds_session_of_ours():
        if profile is None and credentials is None:
            own = own_environment(os.environ)
            profile = own.get("AWS_PROFILE") or own.get("AWS_DEFAULT_PROFILE")
        if profile is not None:
            # botocore looks at the profile when it makes its providers, which the next line has it do.
            finder.set_config_variable("profile", profile)
        # What exec put into the environment is a customer's; boto3 would take it for the person's own.
        finder.get_component("credential_provider").remove("env")
    with in_our_words("the AWS configuration"):
        return boto3.Session(**keys, profile_name=profile, botocore_session=finder, region_name=ChosenRegion().region())


def _finder() -> botocore.session.Session:
    """Return a session of botocore that shares what it reads of services with the others of this process."""
    finder = botocore.session.get_session()
    finder.register_component("data_loader", _models())
    finder.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_instant)
    return finder


@cache
def _models() -> botocore.loaders.Loader:
    """Return what reads the models of services, each of which costs 10 to 50 milliseconds, once."""
    return botocore.loaders.create_loader(os.environ.get("AWS_DATA_PATH"))


def _instant(text: str | float) -> datetime:
    """Return an instant of an answer; the account's thousand managed policies alone name three thousand."""
    if isinstance(text, str) and text.endswith("Z") and text[:4].isdigit():
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text)
    found: datetime = parse_timestamp(text)
    return found


def client(session: boto3.Session, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
    """Return a client that names us, retries throttles with jitter, and gives up in a stated time.

    Raises:
        GatepassError: boto3 cannot make it.
    """
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 5},
        connect_timeout=5,
        read_timeout=20,
        user_agent_extra=f"gatepass/{__version__}",
    )
    with in_our_words(service):
        return session.client(service, region_name=region or session.region_name or _ANY_REGION, config=config)
