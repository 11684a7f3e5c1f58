"""No external ID shows where values are printed, logged or compared."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import MalformedPolicy, PolicyKind, parse_policy
from gatepass.decision.request import Context, Request, context
from gatepass.domain.errors import InvalidInput
from tests.decision.asking import CUSTOMER, PROVIDER_ROOT, ROLE, SESSION, allow, document, trusting

SECRET = "gp1.7KQ2M9XW4T.hunter2"
OTHER = "gp1.7KQ2M9XW4T.hunter3"
TRUST = parse_policy(
    document(trusting(PROVIDER_ROOT, Condition={"StringEquals": {"sts:ExternalId": [SECRET, OTHER]}})),
    PolicyKind.TRUST,
)
REQUEST = Request(
    SESSION,
    "sts:AssumeRole",
    ROLE,
    CUSTOMER,
    context({"STS:ExternalID": SECRET, "aws:SourceIp": "203.0.113.7"}),
)
POLICIES = Policies(identity=(parse_policy(document(allow())),), resource=TRUST)


@pytest.mark.parametrize("external_id", [SECRET, OTHER, "wrong-hunter4", ""])
def test_nothing_that_the_engine_returns_shows_an_external_id(external_id: str) -> None:
    keys = REQUEST.context.with_keys({"sts:ExternalId": external_id or ()})
    request = Request(SESSION, "sts:AssumeRole", ROLE, CUSTOMER, keys)
    decision = decide(request, POLICIES)
    call = decide_assume_role(request, POLICIES, tags={"a": "b"}, source_identity="alice")
    shown = [
        request,
        request.context,
        POLICIES,
        TRUST,
        TRUST.statements,
        TRUST.statements[0].conditions,
        TRUST.statements[0].principals,
        decision,
        decision.steps,
        decision.because,
        decision.because.needed,
        call,
        call.decisive,
    ]

    assert "hunter" not in "".join(f"{each!r}{each}" for each in shown)


def test_a_context_shows_its_other_keys() -> None:
    assert repr(REQUEST.context) == "Context({'sts:externalid': ('****',), 'aws:sourceip': ('203.0.113.7',)})"


def test_a_traceback_of_a_refused_document_shows_no_value_of_it() -> None:
    try:
        parse_policy(f'{{"Statement": {{"Condition": {{"StringEquals": {{"sts:ExternalId": "{SECRET}"}}}}}}}}')
    except MalformedPolicy as error:
        text = "".join(traceback.format_exception(error))
    assert SECRET not in text


def test_a_context_is_frozen_and_compares_by_content() -> None:
    same = context({"aws:sourceip": ["203.0.113.7"], "sts:externalid": SECRET})

    assert same == REQUEST.context
    assert hash(same) == hash(REQUEST.context)
    assert same["AWS:SourceIp"] == ("203.0.113.7",)
    assert "AWS:SourceIp" in same
    assert same.without_keys("aws:SourceIp", "sts:ExternalId") == Context({})
    with pytest.raises(AttributeError):
        same.values_by_key = {}  # type: ignore[misc]
    assert copy.deepcopy(REQUEST) == REQUEST
    assert pickle.loads(pickle.dumps(REQUEST)) == REQUEST  # noqa: S301 - our own bytes


def test_a_key_without_a_value_is_a_missing_key() -> None:
    assert context({"aws:TagKeys": []}) == Context({})
    assert "sts:ExternalId" not in REQUEST.context.with_keys({"STS:ExternalId": ()})
    assert REQUEST.context.with_keys({"STS:ExternalId": OTHER})["sts:ExternalId"] == (OTHER,)


def test_what_is_no_context_is_refused() -> None:
    with pytest.raises(InvalidInput, match="given twice"):
        context({"aws:x": "1", "AWS:x": "2"})
    with pytest.raises(InvalidInput, match="not text"):
        context({"aws:x": [1]})  # type: ignore[list-item]


@pytest.mark.parametrize("action", ["GetObject", "s3:", ":GetObject", "s3:Get*", ""])
def test_what_is_no_action_is_refused(action: str) -> None:
    with pytest.raises(InvalidInput, match="not an action"):
        Request(SESSION, action, ROLE, CUSTOMER)
