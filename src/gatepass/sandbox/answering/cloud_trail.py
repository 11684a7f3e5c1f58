"""CloudTrail's LookupEvents, answered from the sandbox's own event log."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gatepass.sandbox.answering.trail_records import TrailRecord, newest_first
from gatepass.sandbox.rights.authorization import Asking
from gatepass.sandbox.wire.answers import Answer
from gatepass.sandbox.wire.parameters import Parameters
from gatepass.sandbox.wire.refusals import Fault, Refusal, service_error

KEPT_FOR = timedelta(days=90)
MOST_RESULTS = 50

# The values of one event that an attribute is compared with.
_ATTRIBUTES: dict[str, Callable[[TrailRecord], tuple[str | None, ...]]] = {
    "EventId": lambda record: (record.id,),
    "EventName": lambda record: (str(record.event["eventName"]),),
    "EventSource": lambda record: (str(record.event["eventSource"]),),
    "ReadOnly": lambda record: (_flag(value=record.is_read_only),),
    "Username": lambda record: (record.username,),
    "AccessKeyId": lambda record: (record.access_key_id,),
    "ResourceName": lambda record: tuple(name for _, name in record.resources),
    "ResourceType": lambda record: tuple(kind for kind, _ in record.resources),
}


@dataclass(frozen=True)
class _Lookup:
    """What is asked for.

    Attributes:
        after: the ID of the last event that the caller has seen, or None on the first page.
        digest: what tells this lookup's tokens from another's.
    """

    attribute: tuple[str, str] | None
    begin: datetime
    end: datetime
    most: int
    after: str | None
    digest: str = field(repr=False)

    def matches(self, record: TrailRecord) -> bool:
        if not self.begin <= record.at <= self.end:
            return False
        if self.attribute is None:
            return True
        key, value = self.attribute
        return value in _ATTRIBUTES[key](record)


def trail_answer(asking: Asking) -> Answer | None:
    """Return the answer to LookupEvents, or ``None`` when an operation is moto's.

    Raises:
        Refusal: what is asked for is out of range.
    """
    if asking.operation.name != "LookupEvents":
        return None
    lookup = _lookup(asking.operation.parameters, asking.world.clock.now())
    records = newest_first(asking.world.events.all(), asking.caller.account)
    if asking.operation.parameters.text("EventCategory") is not None:
        # Unusual activity, which nobody looks for here.
        records = iter(())
    found = list(_page(lookup, records))
    result: dict[str, object] = {"Events": [_event(record) for record in found[: lookup.most]]}
    if len(found) > lookup.most:
        result["NextToken"] = _token(found[lookup.most - 1].id, lookup.digest)
    return Answer(200, (("Content-Type", "application/x-amz-json-1.1"),), json.dumps(result).encode())


def _page(lookup: _Lookup, records: Iterator[TrailRecord]) -> Iterator[TrailRecord]:
    """Yield the page's records, and one more where there is one."""
    if lookup.after is not None:
        for record in records:
            if record.id == lookup.after:
                break
    count = 0
    for record in records:
        if lookup.matches(record):
            yield record
            count += 1
            if count > lookup.most:
                return


def _lookup(parameters: Parameters, now: datetime) -> _Lookup:
    if parameters.text("EventCategory") not in (None, "insight"):
        raise service_error("InvalidEventCategoryException", "Only the category insight can be asked for.")
    most = parameters.number("MaxResults")
    if most is not None and not 1 <= most <= MOST_RESULTS:
        raise service_error(
            "InvalidMaxResultsException", f"A max results value of between 1 and {MOST_RESULTS} must be specified."
        )
    begin, end = _instant(parameters, "StartTime"), _instant(parameters, "EndTime")
    if begin is not None and end is not None and begin > end:
        raise service_error("InvalidTimeRangeException", "The start time must not be later than the end time.")
    asked = {name: parameters.values.get(name) for name in ("LookupAttributes", "StartTime", "EndTime")}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    token = parameters.text("NextToken")
    return _Lookup(
        attribute=_attribute(parameters),
        begin=max(begin or now - KEPT_FOR, now - KEPT_FOR),
        end=end or now,
        most=MOST_RESULTS if most is None else most,
        after=_seen(token, digest) if token is not None else None,
        digest=digest,
    )


def _attribute(parameters: Parameters) -> tuple[str, str] | None:
    given = parameters.structures("LookupAttributes")
    if not given:
        return None
    key, value = given[0].text("AttributeKey"), given[0].text("AttributeValue")
    if len(given) > 1 or key not in _ATTRIBUTES or not value:
        raise service_error(
            "InvalidLookupAttributesException",
            "Only one attribute can be looked up at a time, with its value; its key is one of "
            + ", ".join(sorted(_ATTRIBUTES)),
        )
    return key, value


def _instant(parameters: Parameters, name: str) -> datetime | None:
    value = parameters.values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(Fault.MALFORMED, f"{name} is not a time.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise Refusal(Fault.MALFORMED, f"{name} is not a time.") from None


def _token(event_id: str, digest: str) -> str:
    return base64.urlsafe_b64encode(f"{event_id} {digest}".encode()).decode()


def _seen(token: str, digest: str) -> str:
    """Return the ID of the last event that the caller has seen; a token goes with the lookup that it came from."""
    try:
        event_id, _, expected = base64.urlsafe_b64decode(token).decode().partition(" ")
    except ValueError:
        event_id = expected = ""
    if not event_id or expected != digest:
        raise service_error("InvalidNextTokenException", "The token is not one that this lookup was given.")
    return event_id


def _event(record: TrailRecord) -> dict[str, object]:
    event: dict[str, object] = {
        "EventId": record.id,
        "EventName": record.event["eventName"],
        "EventSource": record.event["eventSource"],
        "EventTime": int(record.at.timestamp()),
        "ReadOnly": _flag(value=record.is_read_only),
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in record.resources],
        "CloudTrailEvent": record.text(),
    }
    if record.username is not None:
        event["Username"] = record.username
    if record.access_key_id is not None:
        event["AccessKeyId"] = record.access_key_id
    return event


def _flag(*, value: bool) -> str:
    return "true" if value else "false"
