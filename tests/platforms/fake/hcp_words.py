"""How HCP Terraform words what is no endpoint's own.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs: authentication, response codes, rate limits. The headers
of the rate limit are those that HashiCorp's client go-tfe reads.
"""

from __future__ import annotations

import re

from tests.platforms.fake.application import Words
from tests.platforms.fake.exchange import Problem
from tests.platforms.fake.pace import Pace, Told

OPEN_PATHS = ("/.well-known/", "/v1/object/")
REQUESTS_A_SECOND = 30
# Documented with the list of a workspace's runs: 30 a minute, while other endpoints have 30 a second.
_LISTS_OF_RUNS = (re.compile(r"/api/v2/workspaces/[^/]+/runs"), 30)


def too_many(seconds: float) -> Problem:
    """Refuse one request too many."""
    told = _told(REQUESTS_A_SECOND, 0, seconds)
    problem = Problem(429, "Too many requests", "You have exceeded the API's rate limit.", headers=told)
    problem.shown_status = problem.status
    return problem


def not_found() -> Problem:
    """Say the same of what is not there and of what the token may not see."""
    return Problem(404, "not found")


WORDS = Words(
    unauthorized=lambda: Problem(401, "unauthorized"),
    forbidden=not_found,
    not_found=not_found,
    locked=lambda: Problem(409, "conflict", "Workspace is locked."),
    broken=lambda: Problem(500, "internal server error"),
    too_many=too_many,
)


def pace() -> Pace:
    """Return a pace whose limit a test may set."""
    return Pace(told=_told, refused=too_many, rare=_LISTS_OF_RUNS)


def _told(limit: int, left: int, seconds: float) -> Told:
    return (
        ("X-RateLimit-Limit", str(limit)), ("X-RateLimit-Remaining", str(left)), ("X-RateLimit-Reset", f"{seconds:.3f}"),
    )  # fmt: skip
