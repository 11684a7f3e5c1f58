"""The whole chain: an engineer's own policies, a role's trust, the role's permissions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import principal
from gatepass.domain.account_policies import AccountPolicies, Holder
from gatepass.domain.documents import document as as_document
from gatepass.domain.errors import GatepassError, InvalidInput, NotThere
from gatepass.domain.grant import Window
from gatepass.domain.trust import closed_trust
from gatepass.usecases.can_reach import Wish, reach
from gatepass.usecases.find_wish import RoleWanted, find_caller, find_role
from gatepass.usecases.held_policies import Held, declared
from tests.decision.asking import CUSTOMER, PROVIDER, PROVIDER_ROOT, ROLE, Document, allow, deny, document, trusting
from tests.people import CUSTOMER as CUSTOMER_ID
from tests.people import GRANT, MORNING, SUPPORT, declaration
from tests.people import PROVIDER as PROVIDER_ID

SECRET = "gp1.7KQ2M9XW4T.Hunter2Hunter2"
ALICE = f"arn:aws:iam::{PROVIDER}:user/alice"
WITH_ID = {"StringEquals": {"sts:ExternalId": SECRET}}
LABEL = trusting(PROVIDER_ROOT, ["sts:SetSourceIdentity", "sts:TagSession"])
ENTER = allow("sts:*", ROLE)


def trust(*statements: Document) -> Policy:
    """Return a trust policy."""
    return parse_policy(document(*statements), PolicyKind.TRUST, "support")


def wish(
    *own: Document,
    role: Policy | None = None,
    permissions: Document | None = None,
    who: str = ALICE,
    known: bool = True,
) -> Wish:
    """Return what alice wants: to read an object, in a role that asks for its external ID unless told otherwise."""
    role = role or trust(trusting(PROVIDER_ROOT, Condition=WITH_ID), LABEL)
    work = parse_policy(document(permissions or allow("s3:GetObject")), name="work")
    return Wish(
        principal(who), Held(who, (parse_policy(document(*own), name="own"),)), "s3:GetObject", "arn:aws:s3:::acme/x",
        MORNING, Held(ROLE, (work,), trust=role), knows_external_id=known,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "at"),
    [
        (wish(allow("s3:*")), 1),
        (wish(ENTER, deny("sts:SetSourceIdentity")), 1),
        (wish(allow("sts:AssumeRole", ROLE)), 1),
        (wish(ENTER, known=False), 2),
        (wish(ENTER, role=trust(trusting(PROVIDER_ROOT, Condition=WITH_ID))), 2),
        (wish(ENTER, role=parse_policy(closed_trust().text, PolicyKind.TRUST)), 2),
        (wish(ENTER, role=trust(trusting({"AWS": f"arn:aws:iam::{PROVIDER}:role/NetOps"}, Condition=WITH_ID), LABEL)), 2),
        (wish(ENTER, permissions=allow("ec2:*")), 3),
        (wish(ENTER, permissions=allow("s3:GetObject", "arn:aws:s3:::other/*")), 3),
        (wish(ENTER, permissions=deny("*", Condition={"StringEquals": {"aws:SourceIdentity": "alice"}})), 3),
    ],
)  # fmt: skip
def test_the_chain_ends_at_the_link_that_refuses(wanted: Wish, at: int) -> None:
    chain = reach(wanted)

    assert not chain.allowed
    assert len(chain.links) == at
    assert [link.allowed for link in chain.links] == [True] * (at - 1) + [False]
    assert chain.links[-1].needed
    assert "breaks" in chain.weakest


@pytest.mark.parametrize(
    ("wanted", "weakest"),
    [
        (wish(ENTER), "whoever account 111122223333 allows gets in"),
        (wish(allow("sts:*")), "they let him into roles of any account"),
        (wish(ENTER, role=trust(trusting(PROVIDER_ROOT), LABEL)), "it opens without an external ID"),
        (wish(ENTER, role=trust(trusting(PROVIDER_ROOT, "sts:*", Condition={"ArnLike": {"aws:PrincipalArn": ALICE}})), known=False), "without an external ID"),
        (wish(ENTER, role=trust(trusting({"AWS": ALICE}, Condition=WITH_ID), LABEL)), "none stands out"),
        (wish(ENTER, who=f"arn:aws:sts::{PROVIDER}:assumed-role/NetOps/alice"), "whoever account"),
    ],
)  # fmt: skip
def test_a_chain_that_holds_names_its_weakest_link(wanted: Wish, weakest: str) -> None:
    chain = reach(wanted)

    assert chain.allowed
    assert weakest in chain.weakest
    assert all(link.because and not link.needed for link in chain.links)
    assert SECRET not in repr((chain, wanted))


def test_a_rotation_lets_in_with_either_id() -> None:
    both = {"StringEquals": {"sts:ExternalId": ["gp1.7KQ2M9XW4T.Old", SECRET]}}

    assert reach(wish(ENTER, role=trust(trusting(PROVIDER_ROOT, Condition=both), LABEL))).allowed


def test_within_one_account_the_trust_and_the_callers_policies_are_one_link() -> None:
    anna = f"arn:aws:iam::{CUSTOMER}:user/anna"
    named = trust(trusting({"AWS": anna}, "sts:*"))

    chain = reach(wish(allow("s3:ListBucket"), role=named, who=anna))

    assert chain.allowed
    assert len(chain.links) == 2


def test_the_external_id_is_never_a_key_that_somebody_types() -> None:
    with pytest.raises(InvalidInput, match="not a key to give"):
        replace(wish(ENTER), keys={"STS:externalid": SECRET})


def test_a_boundary_narrows_what_a_caller_may_do() -> None:
    wanted = wish(ENTER)
    bound = parse_policy(document(allow("s3:*")), PolicyKind.BOUNDARY)

    chain = reach(replace(wanted, own=replace(wanted.own, boundary=bound)))

    assert "permissions boundary" in chain.links[0].because
    assert not chain.allowed


@pytest.mark.parametrize(
    "who", [f"arn:aws:iam::{PROVIDER}:root", "gp1.7KQ2M9XW4T.Hunter2", f"arn:aws:iam::{PROVIDER}:saml-provider/x"]
)
def test_the_chain_begins_with_an_engineer(who: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_caller(who, {})

    assert "Hunter2" not in str(caught.value)


def test_what_is_not_at_hand_is_asked_for() -> None:
    with pytest.raises(GatepassError, match="account 111122223333 are not at hand"):
        find_caller(ALICE, {})
    with pytest.raises(NotThere, match="no user alice"):
        find_caller(ALICE, {PROVIDER_ID: AccountPolicies(PROVIDER_ID)})
    with pytest.raises(GatepassError, match="text of the policy AmazonS3FullAccess"):
        declared(declaration(), GRANT, None)


def test_a_boundary_whose_text_is_missing_is_asked_for() -> None:
    user = Holder(ALICE, boundary="arn:aws:iam::111122223333:policy/B")
    with pytest.raises(GatepassError, match="text of the policy arn:aws:iam::111122223333:policy/B"):
        find_caller(ALICE, {PROVIDER_ID: AccountPolicies(PROVIDER_ID, users=(user,))})


def test_a_role_that_stands_counts_before_what_its_file_declares() -> None:
    name = "ServiceProvider-111122223333-support"
    standing = Holder(f"arn:aws:iam::{CUSTOMER}:role/gatepass/{name}", trust=closed_trust())
    managed = {f"arn:aws:iam::aws:policy/{each}": as_document(document(allow())) for each in GRANT.permissions}
    wanted = RoleWanted(grant=SUPPORT, declaration=declaration())

    as_it_stands = find_role(wanted, {CUSTOMER_ID: AccountPolicies(CUSTOMER_ID, roles=(standing,), managed=managed)})
    as_declared = find_role(wanted, {CUSTOMER_ID: AccountPolicies(CUSTOMER_ID, managed=managed)})

    assert as_it_stands is not None
    assert as_it_stands.identity == ()
    assert as_declared is not None
    assert len(as_declared.identity) == 1 + len(GRANT.permissions)


def test_a_declared_window_that_is_over_lets_nobody_in() -> None:
    managed = {f"arn:aws:iam::aws:policy/{each}": as_document(document(allow())) for each in GRANT.permissions}
    over = replace(GRANT, window=Window(end=MORNING - timedelta(hours=1)))
    role = declared(declaration(over), over, AccountPolicies(CUSTOMER_ID, managed=managed))

    chain = reach(replace(wish(allow("sts:*")), role=role))

    assert [link.allowed for link in chain.links] == [True, False]
    assert "aws:CurrentTime" in chain.links[1].because
