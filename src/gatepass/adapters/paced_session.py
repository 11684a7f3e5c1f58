"""Boto3 used no faster than AWS's limits allow: every request of a session waits for its turn, repetitions too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3

# The operations that share a limit of their own; the service's others share the one for writing.
_READS = {
    "ssm": frozenset({"GetParameter", "GetParameters", "GetParametersByPath"}),
    "secretsmanager": frozenset({"GetSecretValue", "DescribeSecret"}),
}
# How botocore's events call the services: https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html
_SERVICES = {"sts": "sts", "iam": "iam", "ssm": "ssm", "secrets-manager": "secretsmanager"}
_TOO_MANY = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")


def paced_session(
    session: boto3.Session, turn: Callable[[str], None], slow_down: Callable[[str], None]
) -> boto3.Session:
    """Return the session, whose clients made from now on wait for their turns.

    Args:
        session: one account's.
        turn: waits until a call of that family may be made.
        slow_down: hears that AWS said a family's calls are too many.
    """

    def before(event_name: str, **_: object) -> None:
        family = _family(event_name)
        if family:
            turn(family)

    def after(event_name: str, parsed_response: dict[str, Any] | None = None, **_: object) -> None:
        code = str((parsed_response or {}).get("Error", {}).get("Code", ""))
        family = _family(event_name)
        if family and any(word in code for word in _TOO_MANY):
            slow_down(family)

    session.events.register("before-send", before)
    session.events.register("response-received", after)
    return session


def call_family(service: str, operation: str) -> str:
    """Return the family whose limit the call counts against, such as ``ssm-read``."""
    if service not in _READS:
        return service
    return f"{service}-read" if operation in _READS[service] else f"{service}-write"


def _family(event_name: str) -> str:
    """Return the family of an event such as ``before-send.secrets-manager.GetSecretValue``; empty for others."""
    _, service, operation = event_name.split(".", 2)
    return call_family(_SERVICES[service], operation) if service in _SERVICES else ""
