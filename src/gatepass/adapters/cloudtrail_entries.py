"""AWS CloudTrail as the log of who entered a role."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3

from gatepass.adapters.aws_connection import client
from gatepass.adapters.aws_errors import in_our_words
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import ExternalId, RoleArn
from gatepass.ports.entries import EntryRecord

# LookupEvents gives 50 events a page and lets one ask twice a second.
_MOST_EVENTS = 200


class CloudTrailEntries:
    """The events of one Region; sts:AssumeRole is told in the Region of the endpoint that was called."""

    def __init__(self, session: boto3.Session) -> None:
        """Use the credentials of the boto3 session."""
        self._trail = client(session, "cloudtrail")

    def entries(self, role: RoleArn) -> Sequence[EntryRecord]:
        """Return the latest entries of the last 90 days; refused attempts are not among them."""
        with in_our_words("cloudtrail:LookupEvents"):
            pages = self._trail.get_paginator("lookup_events").paginate(
                LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": str(role)}],
                PaginationConfig={"MaxItems": _MOST_EVENTS},
            )
            events = [event for page in pages for event in page["Events"]]
        return tuple(_records(events))


def _records(events: Sequence[Mapping[str, Any]]) -> Iterator[EntryRecord]:
    for event in events:
        if event.get("EventName") != "AssumeRole":
            continue
        record = json.loads(event["CloudTrailEvent"])
        if "errorCode" in record:
            continue
        asked, identity = record.get("requestParameters") or {}, record.get("userIdentity") or {}
        at = datetime.fromisoformat(record["eventTime"]).astimezone(UTC)
        # Of a principal of another account CloudTrail tells the customer no name; the session says who it claims to be.
        name = asked.get("sourceIdentity") or asked.get("roleSessionName") or identity.get("principalId")
        who = f"{name} of account {identity.get('accountId', 'unknown')}"
        yield EntryRecord(at, who, _external_id(asked.get("externalId")))


def _external_id(value: object) -> ExternalId | None:
    try:
        return ExternalId(value) if isinstance(value, str) else None
    except InvalidInput:
        return None
