"""One thing a caller must be allowed: an action on a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ACCOUNT_IN_ARN = re.compile(r"arn:[a-z-]+:[^:]*:[^:]*:(\d{12}):", re.ASCII)


@dataclass(frozen=True)
class Access:
    """An action on a resource of an account, with the condition keys that belong to this resource only."""

    action: str
    resource: str
    account: str
    keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is made: the Region it is signed for and the caller's account."""

    region: str
    account: str


def resource_account(arn: str, otherwise: str) -> str:
    """Return the account in an ARN, or another where there is none."""
    match = _ACCOUNT_IN_ARN.match(arn)
    return match[1] if match else otherwise
