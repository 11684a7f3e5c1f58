"""What the two secret stores of AWS share: their place, the names of what lies there, and errors without values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.adapters.aws_words import hide, name_missing_right
from gatepass.domain.errors import GatepassError
from gatepass.domain.kept_secrets import SECRETS_PATH, demand_secret_name, is_secret_name, names_under

# AWS has no narrower resource for looking what there is.
EVERYTHING = "*, which shows names only"
# What tells people in AWS's own console whose the secret is.
DESCRIPTION = "External ID of a grant; written by Gatepass, the role's trust policy in IAM is what counts."
TAGS = ({"Key": "gatepass:holds", "Value": "external-id"},)


class AwsPlace:
    """One service of one account and Region, where secrets lie under our path."""

    def __init__(self, service: str, in_words: str, session: boto3.Session, region: str | None) -> None:
        """Use the credentials of the boto3 session, in the Region, by default the session's own.

        Raises:
            GatepassError: no Region is chosen.
        """
        self._in_words, self._session, self._region = in_words, session, demand_region(session, region)
        # boto3 makes its clients as it goes and gives them no types.
        self._aws: Any = client(session, service, self._region)

    @cached_property
    def title(self) -> str:
        """Where the secrets lie."""
        return place_in_words(self._in_words, self._session, self._region)


def path_of(name: str) -> str:
    """Return the path of a secret.

    Raises:
        InvalidInput: the name is none that every store takes.
    """
    demand_secret_name(name)
    return SECRETS_PATH + name


def names_of(paths: Iterable[str], prefix: str) -> frozenset[str]:
    """Return the names of the secrets at these paths, below the prefix; what others put there is left out."""
    names = (path.removeprefix(SECRETS_PATH) for path in paths if path.startswith(SECRETS_PATH))
    return names_under(prefix, filter(is_secret_name, names))


def demand_region(session: boto3.Session, region: str | None) -> str:
    """Return the Region to keep secrets in; one that nobody chose would be a place nobody looks.

    Raises:
        GatepassError: none was chosen.
    """
    chosen = region or session.region_name
    if chosen:
        return str(chosen)
    raise GatepassError(
        "no Region is chosen to keep secrets in",
        why="secrets in AWS lie in one Region, and nobody else would look for them in a default one",
        next_step="export AWS_REGION=eu-west-1, with the Region of your choice",
    )


def place_in_words(service: str, session: boto3.Session, region: str) -> str:
    """Return where secrets lie: service, account and Region."""
    with in_our_words("sts:GetCallerIdentity"):
        account = client(session, "sts").get_caller_identity()["Account"]
    return f"{service} of account {account} in {region}"


@contextmanager
def in_our_words_without(value: str, action: str, name: str, on: str = f"{SECRETS_PATH}*") -> Iterator[None]:
    """Turn AWS's errors into ours, with the value masked in them and the missing right named.

    Args:
        value: what must not be shown.
        action: what AWS is asked for.
        name: on what.
        on: on what the right is to be asked for.

    Raises:
        AccessRefused: AWS said no; the next step names the action and the resources.
        GatepassError: anything else that AWS could not do.
    """
    try:
        with in_our_words(f"{action} on {name}"):
            yield
    except GatepassError as error:
        name_missing_right(error, action, on)
        # AWS quotes a parameter that it cannot read.
        hide(error, value)
        raise
