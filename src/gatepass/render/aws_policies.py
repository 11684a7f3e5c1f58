"""AWS's own managed policies by name, for whoever writes their ARNs without asking AWS."""

# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
# Policies under aws-service-role/ are left out: AWS attaches them to its own roles only.

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from gatepass.domain.identifiers import Partition, PolicyArn

_LIST = Path(__file__).with_name("aws_policies.txt")


def aws_policy(word: str, partition: Partition) -> PolicyArn | None:
    """Return the ARN of AWS's policy of that name, written with its path or without, or None when none is known."""
    places = _places()
    name = word.rsplit("/", 1)[-1]
    place = places.get(name)
    if place is None or word not in (name, place):
        return None
    return PolicyArn(f"arn:{partition}:iam::aws:policy/{place}")


def like(word: str) -> Sequence[str]:
    """Return names of AWS's policies that may have been meant."""
    return difflib.get_close_matches(word.rsplit("/", 1)[-1], _places(), n=3, cutoff=0.8)


@cache
def _places() -> Mapping[str, str]:
    """Return each policy's path and name, by its name."""
    lines = _LIST.read_text(encoding="utf-8").split()
    return {line.rsplit("/", 1)[-1]: line for line in lines}
