"""Which cause of a refused door comes first, and which are known: every kind of evidence by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from gatepass.adapters.memory import MemorySecrets
from gatepass.adapters.memory_policies import MemoryPolicies
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import AccessRefused, Conflict, CredentialsRefused, GatepassError
from gatepass.domain.grant import PrincipalPattern, Window
from gatepass.domain.handed_pass import PassedRole, role_terms
from gatepass.domain.identifiers import AccountId, EngineerName, ExternalId, GrantName, RoleArn
from gatepass.domain.kept_factor import KeptFactor, kept_text, parse_kept
from gatepass.domain.register import Customer, CustomerName, TeamName
from gatepass.domain.sealed_factors import Factor
from gatepass.domain.session import Caller, Entry
from gatepass.usecases.explain_refusal import OurSide, Reason, explained, ranked_causes
from gatepass.usecases.find_way_in import WayIn
from gatepass.usecases.keep_factor import places_of

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ROLE = RoleArn("arn:aws:iam::444455556666:role/gatepass/ServiceProvider-111122223333-support")
ID = ExternalId("gp1.7KQ2M9XW4T.MARKERMARKERMARKERMARKER00")
SUPPORT = GrantName("support")
ALICE = Caller(AccountId("111122223333"), "arn:aws:iam::111122223333:user/alice")
CENTER = Caller(AccountId("111122223333"), "arn:aws:sts::111122223333:assumed-role/NetOps/alice")
ENTRY = Entry(ROLE, EngineerName("alice"), timedelta(hours=1), ID)
ACME = Customer(
    CustomerName("acme-prod"),
    "acme",
    AccountId("444455556666"),
    "KEY",
    {SUPPORT: ROLE},
    {SUPPORT: (TeamName("netops"),)},
)
WAY = WayIn(ACME, SUPPORT, ROLE)
WORDS = f"User: {ALICE.arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


def refusal(words: str = WORDS) -> AccessRefused:
    return AccessRefused("AWS refused sts:AssumeRole", why=f"AccessDenied: {words}", message=words)


def ours(
    window: Window | None = None,
    principals: tuple[str, ...] = (),
    policies: AccountPolicies | None = None,
    terms: object = None,
) -> OurSide:
    """Return our side with a pass of these terms, and the own policies where they can be read."""
    role = PassedRole(
        ROLE,
        needs_second_factor=True,
        principals=tuple(PrincipalPattern(each) for each in principals),
        window=window or Window(),
        session_limit=timedelta(hours=1),
        requires_source_identity=False,
    )
    kept = KeptFactor(ROLE, Factor(ID), role_terms(role))
    secrets = MemorySecrets()
    text = kept_text(kept)
    if terms is not None:
        text = json.dumps(json.loads(text) | {"terms": terms})
    for name in places_of(ACME, SUPPORT).wanted:
        secrets.put(name, text)
    return OurSide(NOW, WAY, secrets, (lambda: MemoryPolicies(policies)) if policies is not None else None)


def account(*statements: dict[str, object]) -> AccountPolicies:
    document = policy(*statements)
    alice = Holder(ALICE.arn, {"work": document})
    netops = Holder("arn:aws:iam::111122223333:role/NetOps", {"work": document})
    return AccountPolicies(ALICE.account, users=(alice,), roles=(netops,))


def allow(*actions: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


EVERYTHING = allow("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
ELSEWHERE: dict[str, object] = {
    "Effect": "Allow",
    "Action": "sts:*",
    "Resource": "arn:aws:iam::777788889999:role/gatepass/*",
}
TAGGED = allow("sts:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "netops"}})

FIRST = {
    "AWS names the identity policy": (
        WORDS + " because no identity-based policy allows the sts:AssumeRole action", ours(), Reason.OWN_ACCOUNT, True,
    ),
    "AWS names a service control policy": (
        WORDS + " with an explicit deny in a service control policy", ours(), Reason.OWN_ACCOUNT, True,
    ),
    "AWS names the boundary": (
        WORDS + " because no permissions boundary allows the sts:AssumeRole action", ours(), Reason.OWN_ACCOUNT, True,
    ),
    "the own policies are about other customers": (WORDS, ours(policies=account(ELSEWHERE)), Reason.OWN_ACCOUNT, True),
    "the own policies do not let him name himself": (
        WORDS, ours(policies=account(allow("sts:AssumeRole"))), Reason.OWN_ACCOUNT, True,
    ),
    "the window is over": (WORDS, ours(Window(NOW - DAY, NOW)), Reason.WINDOW, True),
    "the window has not begun": (WORDS, ours(Window(NOW + DAY)), Reason.WINDOW, True),
    "the window holds": (WORDS, ours(Window(NOW - DAY, NOW + DAY)), Reason.DOOR, False),
    "somebody else is named": (WORDS, ours(principals=("user/bob", "role/*")), Reason.PRINCIPAL, True),
    "he is named by a pattern": (WORDS, ours(principals=("user/al?ce",)), Reason.DOOR, False),
    "nothing contradicts, and the own policies allow it": (WORDS, ours(policies=account(EVERYTHING)), Reason.DOOR, False),
    "terms that nobody can read": (WORDS, ours(Window(NOW - DAY, NOW), terms={"window": "wide"}), Reason.DOOR, False),
    "nothing is known at all": (WORDS, OurSide(), Reason.WRONG_ID, False),
}  # fmt: skip


@pytest.mark.parametrize(("words", "side", "reason", "known"), FIRST.values(), ids=FIRST.keys())
def test_the_cause_with_the_best_evidence_comes_first(words: str, side: OurSide, reason: Reason, known: object) -> None:
    causes = ranked_causes(refusal(words), ALICE, ENTRY, side)

    assert (causes[0].reason, causes[0].is_known) == (reason, known)
    assert all(cause.next_step for cause in causes)
    told = explained(refusal(words), ALICE, ENTRY, side)
    assert "MARKER" not in f"{told.what}{told.why}{told.next_step}"


def test_a_session_whose_tags_only_aws_sees_is_judged_as_likely() -> None:
    """Identity Center passes tags on with the session; the role's own tags tell nothing of them."""
    (first, *_) = [
        cause
        for cause in ranked_causes(refusal(), CENTER, ENTRY, ours(policies=account(TAGGED)))
        if cause.reason is Reason.OWN_ACCOUNT
    ]

    assert not first.is_known


def test_a_role_of_a_path_is_named_by_its_session_too() -> None:
    causes = ranked_causes(refusal(), CENTER, ENTRY, ours(principals=("role/engineers/Net*",)))

    assert Reason.PRINCIPAL not in {cause.reason for cause in causes}


def test_what_the_own_policies_decide_is_not_told_as_likely_again() -> None:
    reasons = [cause.reason for cause in ranked_causes(refusal(), ALICE, ENTRY, ours(policies=account(EVERYTHING)))]

    assert Reason.OWN_ACCOUNT not in reasons


def test_another_source_identity_of_the_own_session_comes_first() -> None:
    words = WORDS.replace("sts:AssumeRole", "sts:SetSourceIdentity")

    causes = ranked_causes(refusal(words), CENTER, ENTRY, ours())

    assert "carries another source identity" in causes[0].what
    assert {cause.reason for cause in causes} == {Reason.LABELS, Reason.OWN_ACCOUNT}


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRefused("AWS does not accept the credentials", message="expired"),
        Conflict("AWS is too busy", why="Throttling"),
        Conflict("too long", why="exceeds the MaxSessionDuration set for this role."),
        GatepassError("AWS does not answer"),
    ],
)
def test_what_is_no_refusal_of_the_door_comes_back_as_it_is(error: GatepassError) -> None:
    """Without terms nobody knows how long the role's sessions may be."""
    assert explained(error, ALICE, ENTRY, OurSide(NOW, WAY)) is error


def test_the_terms_are_kept_beside_the_factor_and_never_in_its_way() -> None:
    long = {"principals": ["role/" + "x" * 500] * 8}

    kept = parse_kept(kept_text(KeptFactor(ROLE, Factor(ID), {"session": "60m"})))
    too_long = parse_kept(kept_text(KeptFactor(ROLE, Factor(ID), long)))

    assert isinstance(kept, KeptFactor)
    assert kept.terms == {"session": "60m"}
    assert isinstance(too_long, KeptFactor)
    assert too_long.terms == {}
    assert too_long.factor == Factor(ID)


def test_no_more_than_four_causes_are_told() -> None:
    window, principals = Window(NOW - DAY, NOW), ("user/bob",)

    causes = ranked_causes(refusal(), ALICE, ENTRY, ours(window, principals, account(ELSEWHERE)))

    assert len(causes) == 4
    assert [cause.is_known for cause in causes] == [True, True, True, False]


def test_a_policy_document_of_the_own_account_is_not_repeated() -> None:
    secret = Document(policy({"Sid": "Hush", **ELSEWHERE}).text)
    side = ours(policies=AccountPolicies(ALICE.account, users=(Holder(ALICE.arn, {"secret-name": secret}),)))

    told = explained(refusal(), ALICE, ENTRY, side)

    assert "Hush" not in told.why
