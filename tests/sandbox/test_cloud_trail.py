"""CloudTrail's LookupEvents: an account's own events, the latest first, as boto3 asks for them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.raw_http import Letter
from tests.sandbox.setting import (
    CUSTOMER,
    PROVIDER,
    RIGHT_ID,
    STRANGER,
    Keys,
    allow,
    client,
    enter,
    refused,
    role,
    root,
    user,
)

ENTERS = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
SUPPORT = f"arn:aws:iam::{CUSTOMER}:role/support"
TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture(scope="module")
def session(aws: EmbeddedAws) -> Keys:
    """Return a provider's session in the customer's role, after some calls by everybody."""
    netops = user(aws, PROVIDER, "netops-1", ENTERS)
    role(aws, "support", allow("s3:*"), MaxSessionDuration=7200)
    refused(client(aws, "sts", netops).assume_role, RoleArn=SUPPORT, RoleSessionName="netops-1", ExternalId="wrong")
    session = enter(aws, netops, SUPPORT, SourceIdentity="netops-1")
    s3 = client(aws, "s3", session)
    s3.create_bucket(Bucket="invoices")
    s3.put_object(Bucket="invoices", Key="one", Body=b"1")
    return session


def looked_up(aws: EmbeddedAws, account: str, key: str = "", value: str = "", **more: object) -> list[dict[str, Any]]:
    attributes = {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]} if key else {}
    pages = client(aws, "cloudtrail", root(aws, account)).get_paginator("lookup_events").paginate(**attributes, **more)
    return [event for page in pages for event in page["Events"]]


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["EventName"] for event in events]


def test_who_may_not_look_up_events_is_refused(aws: EmbeddedAws, session: Keys) -> None:
    code, message = refused(client(aws, "cloudtrail", session).lookup_events)

    assert code == "AccessDeniedException"
    assert "cloudtrail:LookupEvents" in message


def test_an_account_sees_its_own_events_only(aws: EmbeddedAws) -> None:
    assert "CreateRole" in names(looked_up(aws, CUSTOMER))
    assert "CreateRole" not in names(looked_up(aws, PROVIDER))
    assert set(names(looked_up(aws, STRANGER))) <= {"LookupEvents"}


def test_the_latest_event_comes_first(aws: EmbeddedAws) -> None:
    found = names(looked_up(aws, CUSTOMER))

    assert found.index("CreateBucket") < found.index("AssumeRole") < found.index("CreateRole")


def test_what_is_done_to_objects_is_not_in_the_history(aws: EmbeddedAws) -> None:
    assert "PutObject" in [event["eventName"] for event in aws.events()]
    assert "PutObject" not in names(looked_up(aws, CUSTOMER))


def test_entering_across_accounts_is_in_both_trails_with_the_external_id(aws: EmbeddedAws, session: Keys) -> None:
    """AWS does not treat an external ID as a secret."""
    (given,) = looked_up(aws, CUSTOMER, "EventName", "AssumeRole")
    taken, refusal = looked_up(aws, PROVIDER, "EventName", "AssumeRole")

    record, own = json.loads(given["CloudTrailEvent"]), json.loads(taken["CloudTrailEvent"])
    assert session.token is not None
    assert session.token not in given["CloudTrailEvent"]
    assert record["requestParameters"] == {
        "roleArn": SUPPORT,
        "roleSessionName": "netops-1",
        "externalId": RIGHT_ID,
        "sourceIdentity": "netops-1",
    }
    assert given["Resources"] == [{"ResourceType": "AWS::IAM::Role", "ResourceName": SUPPORT}]
    assert (record["recipientAccountId"], own["recipientAccountId"]) == (CUSTOMER, PROVIDER)
    assert record["sharedEventID"] == own["sharedEventID"]
    assert given["EventId"] == record["eventID"] != own["eventID"] == taken["EventId"]
    assert json.loads(refusal["CloudTrailEvent"])["errorCode"] == "AccessDenied"


def test_the_customer_sees_the_providers_account_but_not_the_persons_name(aws: EmbeddedAws) -> None:
    (given,) = looked_up(aws, CUSTOMER, "EventName", "AssumeRole")

    identity = json.loads(given["CloudTrailEvent"])["userIdentity"]

    assert (identity["type"], identity["accountId"]) == ("AWSAccount", PROVIDER)
    assert set(identity) == {"type", "accountId", "principalId"}
    assert "Username" not in given


def test_what_a_session_did_names_the_session_and_its_source_identity(aws: EmbeddedAws, session: Keys) -> None:
    (event,) = looked_up(aws, CUSTOMER, "EventName", "CreateBucket")

    assert (event["Username"], event["AccessKeyId"]) == ("netops-1", session.access_key_id)
    assert event["EventSource"] == "s3.amazonaws.com"
    assert event["ReadOnly"] == "false"
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "netops-1"
    assert record["eventTime"] == event["EventTime"].strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("EventName", "CreateRole", {"CreateRole"}),
        ("EventName", "createrole", set()),
        ("EventSource", "s3.amazonaws.com", {"CreateBucket"}),
        ("Username", "netops-1", {"CreateBucket"}),
        ("Username", "nobody", set()),
        ("ResourceName", SUPPORT, {"AssumeRole"}),
        ("ResourceName", "support", {"CreateRole", "PutRolePolicy"}),
        ("ResourceName", "work", {"PutRolePolicy"}),
        ("ResourceType", "AWS::IAM::Policy", {"PutRolePolicy"}),
        ("EventId", "none", set()),
    ],
)
def test_one_attribute_narrows_the_search(aws: EmbeddedAws, key: str, value: str, expected: set[str]) -> None:
    # The refused call of an earlier test is the session's, too.
    found = set(names(looked_up(aws, CUSTOMER, key, value))) - {"LookupEvents"}

    assert found == expected


def test_reads_and_writes_are_told_apart(aws: EmbeddedAws) -> None:
    assert "AssumeRole" in names(looked_up(aws, CUSTOMER, "ReadOnly", "true"))
    assert "CreateRole" in names(looked_up(aws, CUSTOMER, "ReadOnly", "false"))
    assert "AssumeRole" not in names(looked_up(aws, CUSTOMER, "ReadOnly", "false"))


def test_an_event_is_found_again_by_its_id(aws: EmbeddedAws) -> None:
    (event,) = looked_up(aws, CUSTOMER, "EventName", "AssumeRole")

    assert [each["EventId"] for each in looked_up(aws, CUSTOMER, "EventId", event["EventId"])] == [event["EventId"]]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"StartTime": 2_000_000_000, "EndTime": 1_999_999_999}, "InvalidTimeRangeException"),
        ({"StartTime": 1e300}, "SerializationException"),
        ({"StartTime": "yesterday"}, "SerializationException"),
        ({"StartTime": True}, "SerializationException"),
        ({"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "x"}]}, "InvalidLookupAttributesException"),
        ({"LookupAttributes": [{"AttributeKey": "EventName"}]}, "InvalidLookupAttributesException"),
        (
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2},
            "InvalidLookupAttributesException",
        ),
        ({"EventCategory": "weather"}, "InvalidEventCategoryException"),
        ({"NextToken": "nothing"}, "InvalidNextTokenException"),
        ({"NextToken": "é"}, "InvalidNextTokenException"),
    ],
)
def test_what_cloudtrail_would_not_take_is_refused(aws: EmbeddedAws, request_: dict[str, object], code: str) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET}
    letter = Letter(aws, "POST", "/", headers, json.dumps(request_).encode())

    reply = letter.signed(root(aws, CUSTOMER), "cloudtrail").send()

    assert (reply.status, reply.code) == (400, code)


def test_insights_are_none(aws: EmbeddedAws) -> None:
    assert looked_up(aws, CUSTOMER, EventCategory="insight") == []


def test_pages_hold_every_event_once_though_new_ones_come_meanwhile(aws: EmbeddedAws) -> None:
    trail = client(aws, "cloudtrail", root(aws, CUSTOMER))
    expected = [event["EventId"] for event in looked_up(aws, CUSTOMER)]

    found: list[str] = []
    # Each page is an event itself, newer than all of them.
    page = trail.lookup_events(MaxResults=2)
    first = page["Events"][0]["EventName"]
    while "NextToken" in page:
        found += [event["EventId"] for event in page["Events"]]
        page = trail.lookup_events(MaxResults=2, NextToken=page["NextToken"])
    found += [event["EventId"] for event in page["Events"]]

    assert first == "LookupEvents"
    assert found[1:] == expected


def test_a_token_goes_with_its_own_lookup_only(aws: EmbeddedAws) -> None:
    trail = client(aws, "cloudtrail", root(aws, CUSTOMER))
    token = trail.lookup_events(MaxResults=1)["NextToken"]

    code, _ = refused(trail.lookup_events, NextToken=token, StartTime=1)

    assert code == "InvalidNextTokenException"


def test_times_and_ninety_days_bound_what_is_found() -> None:
    with EmbeddedAws() as own:
        role(own, "first")
        own.advance(3600)
        between = own.now() - timedelta(minutes=30)
        role(own, "second")

        by_name = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateRole"}]}
        trail = client(own, "cloudtrail", root(own, CUSTOMER))

        def found(**times: object) -> list[str]:
            events = trail.lookup_events(**by_name, **times)["Events"]
            return [json.loads(event["CloudTrailEvent"])["requestParameters"]["roleName"] for event in events]

        assert found() == ["second", "first"]
        assert found(StartTime=between) == ["second"]
        assert found(EndTime=between) == ["first"]
        assert found(StartTime=between, EndTime=between) == []
        own.advance(timedelta(days=90).total_seconds() - 1800)
        assert found() == ["second"]
        assert found(StartTime=0) == ["second"]
