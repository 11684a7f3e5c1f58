"""How Scalr words what is no endpoint's own: https://docs.scalr.io/reference/overview-1."""

from __future__ import annotations

import math

from tests.platforms.fake.application import Words
from tests.platforms.fake.exchange import Problem
from tests.platforms.fake.pace import Pace

OPEN_PATHS = ("/.well-known/",)


def too_many(seconds: float) -> Problem:
    """Refuse one request too many; Retry-After counts whole seconds."""
    after = (("Retry-After", str(math.ceil(seconds))),)
    return Problem(429, "Too Many Requests", "Too many requests were sent.", headers=after)


WORDS = Words(
    unauthorized=lambda: Problem(401, "Unauthorized", "The access token is missing, invalid or expired."),
    forbidden=lambda: Problem(403, "Forbidden", "User unauthorized to perform this action."),
    not_found=lambda: Problem(404, "Not found or user unauthorized."),
    locked=lambda: Problem(409, "Conflict", "The workspace is locked."),
    broken=lambda: Problem(500, "Internal Server Error"),
    too_many=too_many,
)


def pace() -> Pace:
    """Return a pace without a limit; Scalr documents none."""
    return Pace(told=lambda _limit, _left, _seconds: (), refused=too_many)
