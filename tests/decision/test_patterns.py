"""Actions, resources and policy variables."""

from __future__ import annotations

import pytest

from gatepass.decision.policy import parse_policy
from gatepass.decision.request import Request, context
from tests.decision.asking import ALICE, PROVIDER, applies, document, statement

Keys = dict[str, str | list[str]]
TEAM = "arn:aws:s3:::bkt/${aws:PrincipalTag/team}/*"


def fits(
    element: str,
    pattern: object,
    asked: str,
    keys: Keys | None = None,
    *,
    effect: str = "Allow",
    version: str = "2012-10-17",
) -> bool:
    """Tell whether a statement with one pattern applies to one action or resource."""
    is_action = element.endswith("Action")
    base = statement(effect, None, "*") if is_action else statement(effect, "*", None)
    policy = parse_policy(document({**base, element: pattern}, version=version))
    action, resource = (asked, "*") if is_action else ("s3:GetObject", asked)
    return policy.statements[0].matches(Request(ALICE, action, resource, PROVIDER, context(keys or {})))


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:Get", "s3:GetObject", False),
        ("s3:?etObject", "s3:etObject", False),
        ("s3:*Acl", "s3:GetObject", False),
        ("ec2:*", "ec2messages:Get", False),
        ("s3:G.tObject", "s3:GetObject", False),
        (["ec2:*", "S3:GETobject"], "s3:GetObject", True),
        ("s3:*Object*Acl", "s3:GetObjectVersionAcl", True),
        ("s3:Get*", "S3:getobject", True),
        ("*", "s3:GetObject", True),
        ("*:*", "s3:GetObject", True),
        (["s3:Get*", "s3:Put*", "sqs:?end*"], "sqs:SendMessage", True),
    ],
)
def test_an_action_fits_without_regard_to_case(pattern: object, action: str, *, expected: bool) -> None:
    assert fits("Action", pattern, action) is expected
    assert fits("NotAction", pattern, action) is not expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:s3:::bkt", "arn:aws:s3:::bkt/key", False),
        ("arn:aws:s3:::bkt/*", "arn:aws:s3:::bkt", False),
        ("arn:aws:s3:::bkt/KEY", "arn:aws:s3:::bkt/key", False),
        ("arn:aws:s3:::b?t", "arn:aws:s3:::bt", False),
        ("arn:aws:sqs:us-*-1:111122223333:q", "arn:aws:sqs:us-east-1:9:x-1:111122223333:q", False),
        ("arn:aws:s3:::bkt/*", "*", False),
        ("arn:aws:sqs:us-*-1:111122223333:q", "arn:aws:sqs:us-east-1:111122223333:q", True),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:us-east-1:111122223333:q", True),
        ("arn:aws:s3:::*/key", "arn:aws:s3:::bkt/a/b/key", True),
        ("arn:aws:logs:*:*:log-group:/aws/*:x", "arn:aws:logs:eu-west-1:1:log-group:/aws/a:b:x", True),
        ("arn:aws:iam::*:role/gatepass/*", "arn:aws:iam::444455556666:role/gatepass/a/b", True),
        ("arn:aws:*:*:*:a?c*", "arn:aws:sns:eu:1:abcd", True),
        ("arn:aws:s3*", "arn:aws:s3:::bkt/key", True),
        ("*", "arn:aws:s3:::bkt/key", True),
        (["arn:aws:s3:::a", "arn:aws:s3:::b*", "arn:aws:s3:::*c"], "arn:aws:s3:::xc", True),
    ],
)
def test_a_resource_fits_with_regard_to_case(pattern: object, resource: str, *, expected: bool) -> None:
    """A star within a field of an ARN stays in it; one that ends a field may match beyond the colon."""
    assert fits("Resource", pattern, resource) is expected
    assert fits("NotResource", pattern, resource) is not expected


@pytest.mark.parametrize(
    ("pattern", "resource", "keys", "expected"),
    [
        (TEAM, "arn:aws:s3:::bkt/red/f", {}, False),
        (TEAM, "arn:aws:s3:::bkt//f", {"aws:PrincipalTag/team": ""}, False),
        (TEAM, "arn:aws:s3:::bkt/red/f", {"aws:PrincipalTag/team": "*"}, False),
        (TEAM, "arn:aws:s3:::bkt/red/f", {"aws:PrincipalTag/team": "r?d"}, False),
        (TEAM, "arn:aws:s3:::bkt/red/f", {"aws:PrincipalTag/team": ["red", "blue"]}, False),
        ("arn:aws:s3:::${aws:username", "arn:aws:s3:::alice", {"aws:username": "alice"}, False),
        ("arn:aws:s3:::bkt/${}", "arn:aws:s3:::bkt/", {}, False),
        ("arn:aws:s3:::bkt/${*}", "arn:aws:s3:::bkt/x", {}, False),
        ("arn:aws:s3:::bkt/${?}", "arn:aws:s3:::bkt/x", {}, False),
        ("arn:aws:sqs:eu:${aws:PrincipalAccount}:q", "arn:aws:sqs:eu:1:q", {"aws:PrincipalAccount": "1"}, False),
        (TEAM, "arn:aws:s3:::bkt/*/f", {"aws:PrincipalTag/team": "*"}, True),
        (TEAM, "arn:aws:s3:::bkt/red/f", {"AWS:principaltag/TEAM": "red"}, True),
        ("arn:aws:s3:::bkt/${*}${?}${$}", "arn:aws:s3:::bkt/*?$", {}, True),
        ("arn:aws:s3:::${aws:x, 'all'}/*", "arn:aws:s3:::all/f", {}, True),
        ("arn:aws:s3:::${aws:x, 'all'}/*", "arn:aws:s3:::one/f", {"aws:x": "one"}, True),
        ("arn:aws:s3:::${aws:x}-${aws:y}", "arn:aws:s3:::a-b", {"aws:x": "a", "aws:y": "b"}, True),
        (["arn:aws:s3:::z", TEAM], "arn:aws:s3:::bkt/a/b", {"aws:PrincipalTag/team": "a"}, True),
    ],
)
def test_a_variable_is_filled_in_as_literal_text(pattern: object, resource: str, keys: Keys, *, expected: bool) -> None:
    assert fits("Resource", pattern, resource, keys) is expected


def test_the_language_of_2008_has_no_variables() -> None:
    keys: Keys = {"aws:PrincipalTag/team": "red"}

    assert not fits("Resource", TEAM, "arn:aws:s3:::bkt/red/f", keys, version="2008-10-17")
    assert fits("Resource", TEAM, "arn:aws:s3:::bkt/${aws:PrincipalTag/team}/f", keys, version="2008-10-17")


def test_an_unknown_variable_in_not_resource_widens_a_deny_but_no_allow() -> None:
    """AWS: such a resource "will not match any resource", so the statement would be about every one."""
    assert not fits("NotResource", TEAM, "arn:aws:s3:::secret/x", effect="Allow")
    assert fits("NotResource", TEAM, "arn:aws:s3:::secret/x", effect="Deny")


@pytest.mark.parametrize(
    ("operator", "value", "given", "expected"),
    [
        ("StringEquals", "${aws:x}", {"aws:key": "1"}, False),
        ("StringLike", "${aws:x}*", {"aws:key": "1"}, False),
        ("ArnLike", "arn:aws:iam::1:role/${aws:x}", {"aws:key": "arn:aws:iam::1:role/a"}, False),
        ("StringLike", "${aws:x}", {"aws:key": "abc", "aws:x": "*"}, False),
        ("StringEquals", ["${aws:x}", "1"], {"aws:key": "1"}, True),
        ("StringNotEquals", "${aws:x}", {"aws:key": "1"}, True),
        ("StringNotLike", "${aws:x}", {"aws:key": "1"}, True),
        ("ArnNotLike", "arn:aws:iam::1:role/${aws:x}", {"aws:key": "arn:aws:iam::1:role/a"}, True),
        ("StringEquals", "${aws:x}", {"aws:key": "1", "aws:x": "1"}, True),
        ("StringEqualsIgnoreCase", "${aws:x}", {"aws:key": "AB", "aws:x": "aB"}, True),
        ("StringEquals", "${aws:x, 'none'}", {"aws:key": "none"}, True),
        ("ArnEquals", "${aws:x}", {"aws:key": "arn:aws:iam::1:role/a", "aws:x": "arn:aws:iam::1:role/a"}, True),
        ("Bool", "${aws:x}", {"aws:key": "true", "aws:x": "true"}, True),
    ],
)
def test_a_variable_without_a_value_equals_nothing(
    operator: str, value: object, given: Keys, *, expected: bool
) -> None:
    assert applies("Deny", {operator: {"aws:key": value}}, given) is expected
    assert applies("Allow", {operator: {"aws:key": value}}, given) is expected


def test_a_hostile_pattern_does_not_make_the_match_run_away() -> None:
    """A match that goes back over every star would not end within anybody's lifetime."""
    free = "arn:aws:s3:::" + "*a" * 40 + "b"
    confined = "arn:" + "*a" * 20 + ":x" + "*a" * 20 + "b"

    assert not fits("Resource", free, "arn:aws:s3:::" + "a" * 1000)
    assert not fits("Resource", confined, "arn:" + "a" * 500 + ":x" + "a" * 500)
