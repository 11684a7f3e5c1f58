"""One policy within another: what cannot be shown is beyond, and what is shown the engine decides so too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.decision.containment import beyond, is_within
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import parse_policy
from gatepass.decision.request import Request, context
from gatepass.domain.documents import document
from tests.decision.asking import ALICE, PROVIDER
from tests.decision.asking import document as policy_of
from tests.decision.test_properties import (
    ACTION_PATTERNS,
    ACTIONS,
    CONDITIONS,
    KEYS,
    RESOURCE_PATTERNS,
    RESOURCES,
    some_of,
)

FROM_HERE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def allow(action: object, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


READS = allow(["s3:Get*", "s3:List*"])

BEYOND: dict[str, tuple[list[dict[str, object]], list[dict[str, object]]]] = {
    "anything at all": ([allow("s3:GetObject")], []),
    "another action": ([allow("s3:PutObject")], [READS]),
    "a wider action": ([allow("s3:*")], [READS]),
    "everything": ([allow("*")], [READS]),
    "an action that only looks like it": ([allow("s3:*t*")], [allow("s3:*t")]),
    "a star where one letter is offered": ([allow("s3:Get*")], [allow("s3:Get?bject")]),
    "two stars where letters are offered": ([allow("s3:*e*")], [allow("s3:?e?")]),
    "nothing where a letter is offered": ([allow("s3:Get*")], [allow("s3:Get?*")]),
    "any resource instead of one bucket": ([allow("s3:GetObject")], [allow("s3:*", "arn:aws:s3:::acme/*")]),
    "another bucket": ([allow("s3:*", "arn:aws:s3:::acme-2/*")], [allow("s3:*", "arn:aws:s3:::acme/*")]),
    "a bucket that begins so": ([allow("s3:*", "arn:aws:s3:::acme*")], [allow("s3:*", "arn:aws:s3:::acme/*")]),
    "any account": ([allow("sqs:*", "arn:aws:sqs:*:*:jobs")], [allow("sqs:*", "arn:aws:sqs:*:1:jobs")]),
    "without its condition": ([READS], [READS | {"Condition": FROM_HERE}]),
    "under another condition": ([READS | {"Condition": WITH_MFA}], [READS | {"Condition": FROM_HERE}]),
    "action and resource of different statements": (
        [allow("s3:GetObject", "arn:aws:s3:::b")],
        [allow("s3:GetObject", "arn:aws:s3:::a"), allow("s3:ListBucket", "arn:aws:s3:::b")],
    ),
    "all but a list": ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow("s3:*")]),
    "an action out of all but a list": ([allow("s3:*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    "a denial left out": ([READS], [READS, deny("s3:GetObject")]),
    "a denial that is weaker": ([READS, deny("s3:GetObjectAcl")], [READS, deny("s3:GetObject")]),
    "a variable in its place": ([allow("s3:*", "arn:aws:s3:::${aws:x}")], [allow("s3:*", "arn:aws:s3:::a*")]),
    "more stars than anybody needs": ([allow("s3:*a*b*c*d*e*")], [allow("s3:*a*")]),
}  # fmt: skip


@pytest.mark.parametrize(("narrow", "wide"), BEYOND.values(), ids=list(BEYOND))
def test_what_goes_beyond_is_told(narrow: list[dict[str, object]], wide: list[dict[str, object]]) -> None:
    assert beyond([document(policy_of(*narrow))], [document(policy_of(*wide))] if wide else [])


def test_a_variable_is_text_in_the_older_language() -> None:
    statement = allow("s3:*", "arn:aws:s3:::home/${aws:username}/*")
    older, newer = document(policy_of(statement, version=None)), document(policy_of(statement))

    assert beyond([older], [newer])
    assert beyond([newer], [newer]) is None


WITHIN: dict[str, tuple[list[dict[str, object]], list[dict[str, object]]]] = {
    "nothing": ([], [READS]),
    "the same": ([READS], [READS]),
    "one action of several": ([allow("s3:getobject")], [READS]),
    "a narrower pattern": ([allow("s3:GetObject*")], [READS]),
    "anything of everything": ([allow(["s3:*", "iam:*"]), deny("s3:Put*")], [allow("*")]),
    "one bucket of any": ([allow("s3:GetObject", "arn:aws:s3:::acme/*")], [READS]),
    "a folder of a bucket": ([allow("s3:*", "arn:aws:s3:::acme/in/*")], [allow("s3:*", "arn:aws:s3:::acme/*")]),
    "under one more condition": ([READS | {"Condition": FROM_HERE | WITH_MFA}], [READS | {"Condition": FROM_HERE}]),
    "from two statements": ([allow(["s3:Get*", "sqs:*"])], [allow("s3:*"), allow("sqs:*")]),
    "all but a longer list": (
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    ),
    "the same under another name": ([READS | {"Sid": "One"}], [READS | {"Sid": "Two"}]),
    "with its denial": ([allow("s3:Get*"), deny("s3:GetObject")], [READS, deny("s3:GetObject")]),
}


@pytest.mark.parametrize(("narrow", "wide"), WITHIN.values(), ids=list(WITHIN))
def test_what_lies_within_is_seen(narrow: list[dict[str, object]], wide: list[dict[str, object]]) -> None:
    assert beyond([document(policy_of(*narrow))], [document(policy_of(*wide))]) is None


PATTERN = st.text("ab*?", max_size=6)


@settings(max_examples=150)
@given(PATTERN, PATTERN, st.text("abc", max_size=8))
def test_a_text_that_fits_a_pattern_fits_the_patterns_that_it_lies_within(narrow: str, wide: str, text: str) -> None:
    def fits(pattern: str) -> bool:
        found = parse_policy({"Version": "2012-10-17", "Statement": allow(f"s3:{pattern}x")}).statements[0]
        return bool(found.about_action(f"s3:{text}x"))

    assert not (is_within(f"s3:{narrow}x", f"s3:{wide}x") and fits(narrow)) or fits(wide)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Return a policy of a few statements; most are plain, so that many lie within others."""
    statements = []
    for _ in range(draw(st.integers(1, 3))):
        action = draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))
        statement: dict[str, object] = {
            "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
            action: draw(some_of(ACTION_PATTERNS)),
            "Resource": draw(st.just("*") | some_of(RESOURCE_PATTERNS)),
        }
        condition = draw(st.just({}) | st.sampled_from(CONDITIONS))
        statements.append(statement | ({"Condition": condition} if condition else {}))
    return policy_of(*statements)


REQUESTS = st.builds(
    lambda action, resource, keys: Request(ALICE, action, resource, PROVIDER, context(keys)),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in KEYS.items()}),
)


@settings(max_examples=200)
@given(
    policies(),
    policies(),
    st.sampled_from(["part of the other", "anything"]),
    st.lists(REQUESTS, min_size=3, max_size=8),
)
def test_nothing_that_lies_within_is_allowed_where_the_wider_policy_refuses_it(
    narrow: dict[str, Any], wide: dict[str, Any], kind: str, requests: list[Request]
) -> None:
    if kind == "part of the other":
        # Some of the statements of the other: the way most people narrow.
        narrow = {
            **wide,
            "Statement": [each for each in wide["Statement"] if each["Effect"] == "Deny"] + wide["Statement"][:1],
        }
        narrow["Statement"] = [
            {key: value for key, value in each.items() if key != "Sid"} for each in narrow["Statement"]
        ]
    if beyond([document(narrow)], [document(wide)]) is not None:
        return
    inner, outer = Policies(identity=(parse_policy(narrow),)), Policies(identity=(parse_policy(wide),))

    for request in requests:
        assert not decide(request, inner).allowed or decide(request, outer).allowed
