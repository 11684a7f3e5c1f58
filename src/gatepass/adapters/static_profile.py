"""The person's own keys where they lie in plain sight; anything that has to be fetched is left to boto3."""

from __future__ import annotations

import os

from gatepass.adapters.base_credentials import Base
from gatepass.domain.session import Credentials
from gatepass.domain.shell_environment import own_environment

# What a profile may say beside its keys without leading to other credentials, or elsewhere than usual.
_HARMLESS = frozenset({"region", "output", "cli_pager", "cli_auto_prompt", "cli_history", "cli_timestamp_format"})
_KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token"})
# Settings by which boto3 finds, asks or trusts in a way that is not ours.
_LEFT_TO_BOTO3 = (
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_STS_REGIONAL_ENDPOINTS",
)
# The same in a profile.
_SETTINGS_LEFT_TO_BOTO3 = frozenset(
    {"endpoint_url", "services", "use_fips_endpoint", "use_dualstack_endpoint", "sts_regional_endpoints", "ca_bundle"}
)
_ELSEWHERE = (
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CREDENTIAL_FILE",
    "BOTO_CONFIG",
)


class OwnKeys:
    """Keys to sign with, and the Region of their profile, if it has one."""

    def __init__(self, credentials: Credentials, region: str | None) -> None:
        self.credentials, self.region = credentials, region


class PlainSettings:
    """The settings of the profile in use, where they lead nowhere else."""

    def __init__(self, profile: str, region: str | None, *, has_keys: bool) -> None:
        self.profile, self.region, self.has_keys = profile, region, has_keys


def own_keys(base: Base) -> OwnKeys | None:
    """Return the keys that boto3 would use too, or None where only boto3 knows."""
    settings = plain_region()
    if settings is None:
        return None
    if base.credentials is not None:
        return OwnKeys(base.credentials, settings.region) if base.credentials.secret_access_key else None
    if settings.has_keys or any(os.environ.get(name) for name in _ELSEWHERE):
        return None
    shared = os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    found = _section(shared, settings.profile)
    if found is None or not found.keys() <= _HARMLESS | _KEYS:
        return None
    key_id, secret = found.get("aws_access_key_id"), found.get("aws_secret_access_key")
    if not key_id or not secret:
        return None
    keys = Credentials(key_id, secret, found.get("aws_session_token") or None)
    return OwnKeys(keys, settings.region or found.get("region") or None)


def plain_region() -> PlainSettings | None:
    """Return the settings of the profile in use, or None where AWS is to be reached in a way that only boto3 knows."""
    environment = os.environ
    if _is_left_to_boto3():
        return None
    own = own_environment(environment)
    profile = own.get("AWS_PROFILE") or own.get("AWS_DEFAULT_PROFILE") or "default"
    config = environment.get("AWS_CONFIG_FILE") or "~/.aws/config"
    settings = _section(config, "default" if profile == "default" else f"profile {profile}")
    if settings is None or not settings.keys() <= _HARMLESS | _KEYS:
        return None
    return PlainSettings(profile, settings.get("region") or None, has_keys=bool(settings.keys() & _KEYS))


def reaches_aws_plainly(profile: str | None) -> bool:
    """Say whether AWS is reached with the profile's keys as without any settings, wherever the keys come from."""
    own = own_environment(os.environ)
    name = profile or own.get("AWS_PROFILE") or own.get("AWS_DEFAULT_PROFILE") or "default"
    config = os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
    settings = _section(config, "default" if name == "default" else f"profile {name}")
    return not _is_left_to_boto3() and settings is not None and not settings.keys() & _SETTINGS_LEFT_TO_BOTO3


def _is_left_to_boto3() -> bool:
    return any(os.environ.get(name) or os.environ.get(name.lower()) for name in _LEFT_TO_BOTO3)


def _section(path: str, wanted: str) -> dict[str, str] | None:
    """Return the settings of a section that is written plainly, nothing for one that is not there; else None."""
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    settings: dict[str, str] = {}
    is_in_it, times = False, 0
    for line in lines:
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if text[0] == "[":
            name = text[1:].partition("]")[0].strip()
            if "\\" in name or '"' in name or "'" in name:
                return None
            is_in_it = " ".join(name.split()) == wanted
            times += is_in_it
        elif is_in_it:
            name, sign, value = text.partition("=")
            # A line that goes on, a key given twice, a value with a remark: boto3 has rules for these.
            if not sign or line[0].isspace() or name.strip().lower() in settings or " #" in value or " ;" in value:
                return None
            settings[name.strip().lower()] = value.strip()
    return settings if times <= 1 else None
