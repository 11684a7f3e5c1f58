"""A whole sts:AssumeRole call: the role, the tags and the source identity, each decided by itself."""

from __future__ import annotations

import pytest

from gatepass.decision.assume import AssumeRoleDecision, decide_assume_role
from gatepass.decision.request import Request, context
from tests.decision.asking import CUSTOMER, PROVIDER_ROOT, ROLE, SESSION, Document, allow, layers, trusting

EXTERNAL_ID = "gp1.KEY.CODE"
WITH_ID: Document = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
EVERYTHING = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


def call(
    *trust: Document,
    external_id: str | None = EXTERNAL_ID,
    tags: dict[str, str] | None = None,
    transitive_tag_keys: tuple[str, ...] = (),
    source_identity: str | None = None,
    identity: list[Document] | None = None,
) -> AssumeRoleDecision:
    """Decide one call of an engineer whose own account allows everything."""
    keys = {"sts:RoleSessionName": "alice"} | ({} if external_id is None else {"sts:ExternalId": external_id})
    request = Request(SESSION, "sts:AssumeRole", ROLE, CUSTOMER, context(keys))
    policies = layers(identity=[allow()] if identity is None else identity, trust=trust)
    return decide_assume_role(
        request,
        policies,
        tags=tags,
        transitive_tag_keys=transitive_tag_keys,
        source_identity=source_identity,
    )


def test_a_call_with_nothing_more_is_one_decision() -> None:
    assert not call(trusting(PROVIDER_ROOT, Condition=WITH_ID), external_id="wrong").allowed
    assert not call(trusting(PROVIDER_ROOT, Condition=WITH_ID), external_id=None).allowed

    decision = call(trusting(PROVIDER_ROOT, Condition=WITH_ID))

    assert decision.allowed
    assert [action for action, _ in decision.decisions] == ["sts:AssumeRole"]
    assert decision.decisive[0] == "sts:AssumeRole"


def test_one_statement_with_an_external_id_refuses_tags_and_source_identity() -> None:
    """sts:ExternalId is a key of sts:AssumeRole only, so the condition cannot hold for the others."""
    together = trusting(PROVIDER_ROOT, EVERYTHING, Condition=WITH_ID)

    assert call(together).allowed
    tagged = call(together, tags={"ticket": "42"})
    named = call(together, source_identity="alice")

    assert not tagged.allowed
    assert [(action, each.allowed) for action, each in tagged.decisions] == [
        ("sts:AssumeRole", True),
        ("sts:TagSession", False),
    ]
    assert tagged.decisive[0] == "sts:TagSession"
    assert named.decisive[0] == "sts:SetSourceIdentity"


def test_split_statements_let_the_whole_call_through() -> None:
    split = (
        trusting(PROVIDER_ROOT, Condition=WITH_ID),
        trusting(PROVIDER_ROOT, ["sts:TagSession", "sts:SetSourceIdentity"]),
    )

    assert not call(*split, external_id=None, tags={"ticket": "42"}, source_identity="alice").allowed
    decision = call(*split, tags={"ticket": "42"}, source_identity="alice")

    assert decision.allowed
    assert [action for action, _ in decision.decisions] == EVERYTHING


def test_the_caller_s_own_account_must_allow_every_action() -> None:
    trust = trusting(PROVIDER_ROOT, EVERYTHING)

    assert not call(trust, identity=[allow("sts:AssumeRole")], tags={"ticket": "42"}).allowed
    assert not call(trust, identity=[allow("sts:AssumeRole")], source_identity="alice").allowed
    assert call(trust, identity=[allow("sts:AssumeRole")]).allowed


@pytest.mark.parametrize("key", ["aws:RequestTag/ticket", "aws:TagKeys", "sts:TransitiveTagKeys", "sts:SourceIdentity"])
def test_what_the_context_holds_already_counts_as_passed(key: str) -> None:
    request = Request(SESSION, "sts:AssumeRole", ROLE, CUSTOMER, context({key: "x"}))
    policies = layers(identity=[allow()], trust=[trusting(PROVIDER_ROOT)])

    assert not decide_assume_role(request, policies).allowed


@pytest.mark.parametrize(
    ("action", "condition", "expected"),
    [
        ("sts:AssumeRole", {"StringEquals": {"sts:SourceIdentity": "bob"}}, False),
        ("sts:AssumeRole", {"StringEquals": {"sts:SourceIdentity": "alice"}}, True),
        ("sts:AssumeRole", {"StringEquals": {"aws:RequestTag/ticket": "42", "sts:RoleSessionName": "alice"}}, True),
        ("sts:TagSession", {"StringEquals": {"aws:RequestTag/ticket": "41"}}, False),
        ("sts:TagSession", {"StringEquals": {"sts:SourceIdentity": "alice"}}, False),
        ("sts:TagSession", {"StringEquals": {"sts:RoleSessionName": "alice"}}, False),
        ("sts:TagSession", {"ForAllValues:StringEquals": {"aws:TagKeys": ["ticket"]}}, True),
        ("sts:TagSession", {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "ticket"}}, True),
        ("sts:SetSourceIdentity", {"StringLike": {"sts:SourceIdentity": "b*"}}, False),
        ("sts:SetSourceIdentity", {"Null": {"aws:TagKeys": "false"}}, False),
        ("sts:SetSourceIdentity", {"StringEquals": {"aws:RequestTag/ticket": "42"}}, False),
        ("sts:SetSourceIdentity", {"StringLike": {"sts:SourceIdentity": "a*"}}, True),
    ],
)
def test_each_action_sees_its_own_keys(action: str, condition: Document, *, expected: bool) -> None:
    others = trusting(PROVIDER_ROOT, [each for each in EVERYTHING if each != action])

    decision = call(
        others,
        trusting(PROVIDER_ROOT, action, Condition=condition),
        tags={"ticket": "42"},
        transitive_tag_keys=("ticket",),
        source_identity="alice",
    )

    assert decision.allowed is expected
