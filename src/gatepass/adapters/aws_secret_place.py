"""What the two secret stores of AWS share: a chosen Region, the account's name in words, and errors without values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import AccessRefused, CredentialsRefused, GatepassError

# All secrets of ours in AWS lie under this path, so that one line of a policy covers them.
PATH = "gatepass/"
# What tells people in AWS's own console whose the secret is.
DESCRIPTION = "External ID of a grant; written by Gatepass, the role's trust policy in IAM is what counts."
TAGS = ({"Key": "gatepass:holds", "Value": "external-id"},)


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
def in_our_words_without(value: str, action: str, name: str) -> Iterator[None]:
    """Turn AWS's errors into ours, with the value masked in them and the missing right named.

    Raises:
        AccessRefused: AWS said no; the next step names the action and the resources.
        GatepassError: anything else that AWS could not do.
    """
    try:
        with in_our_words(f"{action} on {name}"):
            yield
    except GatepassError as error:
        if isinstance(error, AccessRefused) and not isinstance(error, CredentialsRefused):
            error.next_step = f"ask for the right to {action} on {PATH}*, or keep secrets in another store"
        _mask(error, value)
        raise


def _mask(error: GatepassError, value: str) -> None:
    """AWS quotes a parameter that it cannot read."""
    if not value:
        return
    for part in ("what", "why", "next_step", "message"):
        if hasattr(error, part):
            setattr(error, part, getattr(error, part).replace(value, "****"))
    error.args = (error.what,)
