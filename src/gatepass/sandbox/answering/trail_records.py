"""Events of the log as CloudTrail shows them to one account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from gatepass.sandbox.memory.events import Event

_READS = re.compile(r"(Get|List|Describe|Head|Lookup|Search|Simulate|BatchGet|AssumeRole)")
# What is done to objects is data, which CloudTrail's event history does not hold.
_DATA_OF_S3 = re.compile(r"(Get|Put|Delete|Head|Copy|List|Restore|Select)Object.*|.*Upload.*|ListParts")
_BUCKETS_OWN = frozenset({"GetObjectLockConfiguration", "PutObjectLockConfiguration"})

# Which parameters name resources, and of which type.
_TYPES = {
    "roleArn": "AWS::IAM::Role",
    "roleName": "AWS::IAM::Role",
    "userName": "AWS::IAM::User",
    "groupName": "AWS::IAM::Group",
    "policyName": "AWS::IAM::Policy",
    "policyArn": "AWS::IAM::Policy",
}


@dataclass(frozen=True)
class TrailRecord:
    """One event, as one of the accounts that it is recorded for may see it."""

    event: Event = field(repr=False)
    account: str

    @property
    def id(self) -> str:
        """The event's ID, which differs from account to account."""
        shared = str(self.event["eventID"])
        return shared if self._is_callers else str(uuid5(NAMESPACE_OID, f"{shared}/{self.account}"))

    @property
    def at(self) -> datetime:
        """When it happened."""
        return datetime.fromisoformat(str(self.event["eventTime"]))

    @property
    def is_read_only(self) -> bool:
        """Whether it changed nothing."""
        return _READS.match(str(self.event["eventName"])) is not None

    @property
    def is_data(self) -> bool:
        """Whether it was about what is in a resource, not about the resource."""
        name = str(self.event["eventName"])
        is_s3 = self.event["eventSource"] == "s3.amazonaws.com"
        return is_s3 and name not in _BUCKETS_OWN and _DATA_OF_S3.fullmatch(name) is not None

    @property
    def username(self) -> str | None:
        """The user, or the session's name; another account's caller has none here."""
        identity = self.identity
        if identity["type"] == "Root":
            return "root"
        return str(identity["arn"]).rpartition("/")[2] if "arn" in identity else None

    @property
    def access_key_id(self) -> str | None:
        """The ID of the session's key, where one called."""
        value = self.identity.get("accessKeyId")
        return str(value) if value is not None else None

    @property
    def resources(self) -> tuple[tuple[str, str], ...]:
        """The type and the name of everything that the parameters name."""
        parameters = self.event["requestParameters"]
        if not isinstance(parameters, Mapping):
            return ()
        return tuple((kind, str(parameters[name])) for name, kind in _TYPES.items() if name in parameters)

    @property
    def identity(self) -> dict[str, object]:
        """Who called: in full for the caller's own account, by ID and account for another one."""
        found = self.event["userIdentity"]
        identity: dict[str, object] = dict(found) if isinstance(found, Mapping) else {"type": "Unknown"}
        if self._is_callers:
            return identity
        return {name: identity.get(name) for name in ("principalId", "accountId")} | {"type": "AWSAccount"}

    def text(self) -> str:
        """Return the whole record as JSON."""
        record = {name: value for name, value in self.event.items() if name != "recipientAccountIds"}
        record |= {
            "eventVersion": "1.11",
            "eventID": self.id,
            "sharedEventID": self.event["eventID"],
            "userIdentity": self.identity,
            "readOnly": self.is_read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "eventCategory": "Management",
            "recipientAccountId": self.account,
        }
        return json.dumps(record)

    @property
    def _is_callers(self) -> bool:
        identity = self.event["userIdentity"]
        return isinstance(identity, Mapping) and identity.get("accountId") == self.account


def newest_first(events: list[Event], account: str) -> Iterator[TrailRecord]:
    """Yield what CloudTrail's event history of an account holds, the latest first."""
    for event in reversed(events):
        recipients = event["recipientAccountIds"]
        record = TrailRecord(event, account)
        if isinstance(recipients, list) and account in recipients and not record.is_data:
            yield record
