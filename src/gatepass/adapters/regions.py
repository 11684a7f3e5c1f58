"""The Regions that an account uses, and where a service is offered."""

from __future__ import annotations

import boto3

from gatepass.adapters.aws_calls import Call, Calls
from gatepass.adapters.item_paths import ItemPath
from gatepass.domain.errors import CredentialsRefused, GatepassError
from gatepass.domain.listing import RegionChoice

_QUESTIONS = (
    # Without AllRegions, EC2 names only those that the account may use.
    (Call("ec2:DescribeRegions", "ec2", "describe_regions"), ItemPath("Regions[].RegionName")),
    (
        Call(
            "account:ListRegions",
            "account",
            "list_regions",
            {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]},
        ),
        ItemPath("Regions[].RegionName"),
    ),
)


def enabled_regions(calls: Calls, session: boto3.Session, near: str) -> tuple[str, ...]:
    """Return the Regions that the account may use, as AWS tells them; else those that boto3 knows.

    Args:
        calls: whom to ask.
        session: says what boto3 knows.
        near: a Region of the same partition.

    Raises:
        CredentialsRefused: AWS does not accept the credentials.
    """
    for call, path in _QUESTIONS:
        try:
            found = sorted(name for page in calls.pages(call) for name in path.of(page) or ())
        except CredentialsRefused:
            raise
        except GatepassError:
            # Not allowed, or not answered: the next one may be.
            continue
        if found:
            return tuple(found)
    return tuple(sorted(session.get_available_regions("ec2", session.get_partition_for_region(near))))


def where_offered(regions: tuple[str, ...], service: str, session: boto3.Session, near: str) -> RegionChoice:
    """Return the Regions in which the service is offered, as far as boto3 knows."""
    partition = session.get_partition_for_region(near)
    known = set(session.get_available_regions(service, partition))
    everywhere = set(session.get_available_regions("ec2", partition))
    # Of a service or a Region that is younger than boto3, it knows nothing: they are asked.
    left_out = tuple(region for region in regions if known and region in everywhere and region not in known)
    return RegionChoice(tuple(region for region in regions if region not in left_out), left_out)
