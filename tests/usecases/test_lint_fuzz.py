"""Lint never stumbles: whatever is in a document, it says something or refuses clearly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.adapters.memory_policies import MemoryActions
from gatepass.domain.errors import InvalidInput
from gatepass.usecases.lint_document import lint_document
from tests.people import MORNING

SECRET = "gp1.7KQ2M9XW4T.Hunter2Hunter2"
OPERATORS = [
    "StringEquals",
    "StringLike",
    "StringNotEqualsIfExists",
    "ForAllValues:StringEquals",
    "Null",
    "Bool",
    "ArnLike",
    "IpAddress",
    "DateLessThan",
    "NumericEquals",
    "BinaryEquals",
    "stringequal",
]
KEYS = [
    "sts:ExternalId",
    "aws:PrincipalArn",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:PrincipalTag/team",
    "sts:SourceIdentity",
    "aws:TagKeys",
    "saml:aud",
    "aws:ExternalId",
]
VALUES = [
    SECRET,
    "",
    "*",
    "true",
    "5",
    "99999999999999999999",
    "2026-12-01T00:00:00Z",
    "9999",
    "203.0.113.0/24",
    "::/0",
    "arn:aws:iam::*:role/x",
    "${aws:username}",
    "${",
    7,
    True,
    None,
    [],
    ["a", "b"],
    {},
]
NAMES = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/a/b",
    "arn:aws-cn:iam::111122223333:user/a",
    "arn:aws:sts::111122223333:assumed-role/a/b",
    "arn:aws:iam::*:root",
    "AIDAJ45Q7YFFAREXAMPLE",
    "x",
]
PRINCIPALS = st.one_of(
    st.just("*"),
    st.dictionaries(st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"]), st.one_of(st.sampled_from([*NAMES, "ec2.amazonaws.com", "accounts.google.com"]), st.lists(st.sampled_from(NAMES), max_size=3)), max_size=2),
)  # fmt: skip
ACTIONS = st.sampled_from(
    [
        "sts:AssumeRole",
        "sts:*",
        "*",
        "s3:GetObject",
        "iam:*",
        "sts:AssumeRoleWithSAML",
        ["sts:TagSession", "sts:AssumeRole"],
        [],
        5,
    ]
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Allow", "Deny"])},
    optional={
        "Action": ACTIONS,
        "NotAction": ACTIONS,
        "Principal": PRINCIPALS,
        "Resource": st.sampled_from(["*", "arn:aws:s3:::x/*", "arn:aws:iam::*:role/${aws:username}", 5]),
        "Condition": st.dictionaries(st.sampled_from(OPERATORS), st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2), max_size=3),
    },
)  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {"Statement": st.one_of(STATEMENTS, st.lists(STATEMENTS, max_size=3))}, optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "x"])}
)  # fmt: skip
CATALOGUE = MemoryActions(
    {"sts": ("AssumeRole", "TagSession", "AssumeRoleWithSAML"), "s3": ("GetObject",), "iam": ("PassRole",)}
)
TRUSTS = [
    path.read_text() for path in sorted((Path(__file__).parents[1] / "decision" / "conformance").glob("trust/*.json"))
]


@settings(max_examples=150, deadline=None)
@given(document=DOCUMENTS)
def test_any_document_gets_a_review_that_tells_no_external_id(document: dict[str, Any]) -> None:
    review = lint_document("policy", json.dumps(document), MORNING, catalogue=CATALOGUE)

    assert "hunter2" not in repr(review).lower()
    assert review.verdict is not None or not any("Principal" in each for each in _statements(document))


@settings(max_examples=150, deadline=None)
@given(
    text=st.sampled_from(TRUSTS),
    at=st.integers(0, 400),
    cut=st.integers(0, 12),
    new=st.sampled_from(["", "*", '"', "{", "x", ",", "null", "\\u0000", "[]"]),
)
def test_any_change_to_a_file_gets_a_review_or_a_clear_refusal(text: str, at: int, cut: int, new: str) -> None:
    try:
        review = lint_document("policy", text[:at] + new + text[at + cut :], MORNING)
    except InvalidInput:
        return
    assert review.name == "policy"


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]
