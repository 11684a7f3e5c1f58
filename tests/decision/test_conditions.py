"""Conditions: every operator, missing keys, several values, and what cannot be compared."""

from __future__ import annotations

import pytest

from tests.decision.asking import Document, applies

Keys = dict[str, str | list[str]]

# One operator, its key's values in the policy, the key's values in the request, and whether the condition holds.
COMPARISONS: list[tuple[str, object, str, bool]] = [
    ("StringEquals", "red", "Red", False),
    ("StringEquals", ["blue", "red"], "red", True),
    ("StringEquals", "r*", "red", False),
    ("StringEquals", "r*", "r*", True),
    ("StringEquals", [], "red", False),
    ("StringNotEquals", "red", "red", False),
    ("StringNotEquals", ["blue", "red"], "red", False),
    ("StringNotEquals", "red", "Red", True),
    ("StringNotEquals", [], "red", True),
    ("StringEqualsIgnoreCase", "red", "blue", False),
    ("StringEqualsIgnoreCase", "red", "RED", True),
    ("StringNotEqualsIgnoreCase", "red", "RED", False),
    ("StringNotEqualsIgnoreCase", "red", "blue", True),
    ("StringLike", "r?d", "reed", False),
    ("StringLike", "r?d", "RED", False),
    ("StringLike", "[r]ed", "red", False),
    ("StringLike", "r?d", "red", True),
    ("StringLike", "*", "", True),
    ("StringLike", "a*b*c", "a-b-b-c", True),
    ("StringLike", "a*b*c", "a-b-c-d", False),
    ("StringLike", "one*", "one\ntwo", True),
    ("StringNotLike", "r*", "red", False),
    ("StringNotLike", ["b*", "g*"], "red", True),
    ("NumericEquals", "3", "3.0", True),
    ("NumericEquals", 3, "4", False),
    ("NumericNotEquals", ["3", "4"], "4", False),
    ("NumericNotEquals", ["3", "4"], "5", True),
    ("NumericLessThan", "300", "300", False),
    ("NumericLessThan", "300", "-1", True),
    ("NumericLessThan", "9", "10", False),
    ("NumericLessThanEquals", 300, "300", True),
    ("NumericGreaterThan", "1e3", "1000.5", True),
    ("NumericGreaterThan", "1e3", "1000", False),
    ("NumericGreaterThanEquals", ["5", "10"], "7", True),
    ("Bool", "true", "false", False),
    ("Bool", "true", "TRUE", True),
    ("Bool", True, "true", True),
    ("Bool", ["true", "false"], "false", True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.1", False),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", ["198.51.100.0/24", "2001:DB8::/32"], "2001:db8:1::1", True),
    ("NotIpAddress", ["198.51.100.0/24", "203.0.113.0/24"], "203.0.113.9", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", True),
    ("ArnEquals", "arn:aws:iam::111122223333:role/Eng-*", "arn:aws:iam::111122223333:role/Eng-a", True),
    ("ArnEquals", "arn:aws:iam::111122223333:role/eng", "arn:aws:iam::111122223333:role/Eng", False),
    ("ArnLike", "arn:aws:iam:*:role/Eng", "arn:aws:iam::111122223333:role/Eng", False),
    ("ArnLike", "arn:*:finance/*", "arn:aws:sns:eu-west-1:111122223333:store:111122223333:finance/a", False),
    ("ArnLike", "arn:aws:sns:*:111122223333:f/*", "arn:aws:sns:eu:99:x:111122223333:f/a", False),
    ("ArnLike", "arn:aws:sns:*:*:topic:*", "arn:aws:sns:eu-west-1:111122223333:topic:a:b", True),
    ("ArnLike", "arn:aws:iam::1111?2223333:role/*", "arn:aws:iam::111122223333:role/a/b", True),
    ("ArnLike", "arn:aws:iam::*:role/*", "not an ARN", False),
    ("ArnNotEquals", "arn:aws:iam::111122223333:role/Eng-*", "arn:aws:iam::111122223333:role/Eng-a", False),
    ("ArnNotLike", "arn:aws:iam::111122223333:role/Eng-*", "arn:aws:iam::111122223333:role/Ops", True),
    ("ArnNotLike", "arn:aws:iam::*:role/*", "not an ARN", True),
]

NOON = "2026-07-01T12:00:00Z"
DATES: list[tuple[str, object, str, bool]] = [
    ("DateEquals", "2026-07-01T14:00:00+02:00", NOON, True),
    ("DateEquals", "2026-07-01T12:00:00.000Z", NOON, True),
    ("DateEquals", "2026-07-01T12:00Z", NOON, True),
    ("DateEquals", "2026-07-01T12:00:00", NOON, True),
    ("DateEquals", "1782907200", NOON, True),
    ("DateEquals", NOON, "1782907200", True),
    ("DateEquals", "2026-07-01", NOON, False),
    ("DateNotEquals", "2026-07-01T05:00:00-07:00", NOON, False),
    ("DateNotEquals", "2026-07-01", NOON, True),
    ("DateLessThan", NOON, NOON, False),
    ("DateLessThan", "2026-07-01T12:00:00.5Z", NOON, True),
    ("DateLessThan", "2026", NOON, False),
    ("DateLessThan", "2027", NOON, True),
    ("DateLessThan", "2026-07", NOON, False),
    ("DateLessThan", "2026-08", NOON, True),
    ("DateLessThanEquals", NOON, NOON, True),
    ("DateGreaterThan", NOON, NOON, False),
    ("DateGreaterThan", "2026-07-01", NOON, True),
    ("DateGreaterThanEquals", "2026-07-01T14:00:00+0200", NOON, True),
]


@pytest.mark.parametrize(("operator", "policy_values", "given", "holds"), [*COMPARISONS, *DATES])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_an_operator_compares(effect: str, operator: str, policy_values: object, given: str, *, holds: bool) -> None:
    assert applies(effect, {operator: {"aws:Key": policy_values}}, {"aws:key": given}) is holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        ("StringEquals", False),
        ("StringLike", False),
        ("NumericLessThan", False),
        ("DateGreaterThan", False),
        ("Bool", False),
        ("BinaryEquals", False),
        ("IpAddress", False),
        ("ArnLike", False),
        ("StringNotEquals", True),
        ("StringNotEqualsIgnoreCase", True),
        ("StringNotLike", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("NotIpAddress", True),
        ("ArnNotLike", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("ForAllValues:StringEqualsIfExists", True),
    ],
)
def test_a_missing_key_meets_negations_if_exists_and_for_all_values(operator: str, *, holds: bool) -> None:
    """These are the ways in which a check for an external ID is void when none is sent."""
    value = "2026-07-01" if operator.startswith("Date") else "1"

    assert applies("Allow", {operator: {"sts:ExternalId": value}}, {}) is holds
    assert applies("Deny", {operator: {"sts:ExternalId": value}}, {}) is holds


@pytest.mark.parametrize(
    ("operator", "policy_values", "given", "holds"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "z"], False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], [""], True),
        ("ForAllValues:StringLike", "team-*", ["team-a", "x"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "a"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringEquals", [], ["a"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["y", "z"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["z", "b"], True),
        ("ForAnyValue:StringEquals", [""], [""], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:ArnLike", ["arn:aws:iam::*:role/a"], ["x", "arn:aws:iam::1:role/a"], True),
        ("ForAnyValue:NumericLessThan", ["5"], ["9", "4"], True),
    ],
)
def test_a_set_qualifier_looks_at_every_value(
    operator: str, policy_values: object, given: list[str], *, holds: bool
) -> None:
    assert applies("Allow", {operator: {"aws:TagKeys": policy_values}}, {"aws:TagKeys": given}) is holds


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ({"StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a", "b"]}),
        ({"StringNotEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["b", "c"]}),
        ({"NumericEquals": {"s3:max-keys": "1"}}, {"s3:max-keys": "one"}),
        ({"NumericNotEquals": {"s3:max-keys": "one"}}, {"s3:max-keys": "1"}),
        ({"NumericLessThan": {"s3:max-keys": "${aws:x}"}}, {"s3:max-keys": "1", "aws:x": "2"}),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}, {"aws:CurrentTime": "now"}),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, {"aws:SourceIp": "localhost"}),
        ({"NotIpAddress": {"aws:SourceIp": "here"}}, {"aws:SourceIp": "203.0.113.1"}),
        ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "yes"}),
        ({"BinaryEquals": {"aws:x": "QmluYXJ5"}}, {"aws:x": "%"}),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/a"}),
        ({"Null": {"aws:x": "maybe"}}, {}),
        ({"ForAllValues:NumericLessThan": {"aws:x": "5"}}, {"aws:x": ["1", "one"]}),
        ({"ForAnyValue:NumericLessThan": {"aws:x": "5"}}, {"aws:x": ["9", "one"]}),
    ],
)
def test_what_cannot_be_compared_counts_against_the_request(condition: Document, keys: Keys) -> None:
    assert applies("Allow", condition, keys) is False
    assert applies("Deny", condition, keys) is True


@pytest.mark.parametrize(
    ("wanted", "given", "holds"),
    [
        ("true", {}, True),
        ("true", {"aws:x": "1"}, False),
        ("false", {}, False),
        ("false", {"aws:x": "1"}, True),
        (True, {}, True),
        (["true", "false"], {"aws:x": "1"}, True),
        ([], {}, False),
    ],
)
def test_null_asks_whether_a_key_is_missing(wanted: object, given: Keys, *, holds: bool) -> None:
    assert applies("Allow", {"Null": {"AWS:X": wanted}}, given) is holds


def test_every_operator_and_every_key_must_hold() -> None:
    condition: Document = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    keys: Keys = {"aws:A": "1", "AWS:b": "2", "aws:c": "true"}

    for missing in keys:
        assert applies("Allow", condition, {key: value for key, value in keys.items() if key != missing}) is False
    assert applies("Allow", condition, keys) is True


def test_the_name_of_a_tag_is_part_of_a_key_that_is_not_case_sensitive() -> None:
    condition: Document = {"StringEquals": {"aws:RequestTag/CostCenter": "7"}}

    assert applies("Allow", condition, {"aws:requesttag/costcenter": "8"}) is False
    assert applies("Allow", condition, {"AWS:RequestTag/COSTCENTER": "7"}) is True
