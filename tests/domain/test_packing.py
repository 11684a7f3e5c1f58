"""Packing: exactly the assigned roles, never beyond AWS's sizes, and as little rewritten as can be."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Collection, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.decision.assume import decide_assume_role
from gatepass.decision.evaluate import Policies, decide
from gatepass.decision.policy import Policy, PolicyKind, parse_policy
from gatepass.decision.request import Request, context, principal
from gatepass.domain.documents import Document, policy
from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import RoleArn
from gatepass.domain.packing import (
    GROUP_MANAGED,
    PERMISSION_SET_INLINE,
    USER_NAME,
    PolicySizes,
    pack,
    principal_tag,
    roles_of,
)
from gatepass.domain.packing_bins import Bin, Form
from gatepass.domain.packing_form import written

ALICE = principal("arn:aws:iam::111122223333:user/alice")
STRANGER = "999900001111"
TRUSTING = parse_policy(
    policy({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:*"}).text, PolicyKind.TRUST
)
ACCOUNTS = [f"{444455550000 + number:012}" for number in range(12)]
# Beside plain paths, some that read as patterns, as variables, and as the end of another ARN.
PATHS = ("/gatepass/", "/", "/gatepass/team/", "/x:role/gatepass/", "/a*/", "/gatepass/${aws:username}/?/", '/"/')
NAMES = ("support", "suppor", "Support")
SMALL = PolicySizes(3_000, 1_000)
TAILS = [f"{path}{name}" for path in PATHS for name in NAMES]


def role(account: str, tail: str = "/gatepass/support") -> RoleArn:
    """Return a role of an account."""
    return RoleArn(f"arn:aws:iam::{account}:role{tail}")


def many(count: int, tail: str = "/gatepass/support") -> list[RoleArn]:
    """Return roles of as many accounts; ``{}`` in the name is the account."""
    return [role(f"{400_000_000_000 + number}", tail.format(number)) for number in range(count)]


def enters(
    documents: Iterable[Document],
    arn: RoleArn,
    *,
    named: str | None = "alice",
    keys: dict[str, str] | None = None,
    tags: bool = True,
) -> bool:
    """Ask the engine whether alice gets in; the role's own trust lets everybody in."""
    identity = tuple(parse_policy(each.text) for each in documents)
    given = {"aws:username": "alice", "aws:ResourceAccount": str(arn.account)} if keys is None else keys
    request = Request(ALICE, "sts:AssumeRole", str(arn), str(arn.account), context(given))
    call = decide_assume_role(
        request,
        Policies(identity=identity, resource=TRUSTING),
        tags={"ticket": "7"} if tags else None,
        source_identity=named,
    )
    return call.allowed


def allowed_actions(identity: tuple[Policy, ...], arn: RoleArn) -> set[str]:
    """Return which of the three actions the documents allow, each with the keys most in its favour."""
    keys = {"aws:username": "alice", "aws:ResourceAccount": str(arn.account), "sts:SourceIdentity": "alice"}
    found = set()
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"):
        request = Request(ALICE, action, str(arn), str(arn.account), context(keys))
        if decide(request, Policies(identity=identity, resource=TRUSTING)).allowed:
            found.add(action)
    return found


roles = st.builds(role, st.sampled_from(ACCOUNTS[:10]), st.sampled_from(TAILS))
assignments = st.frozensets(roles, max_size=40)


def test_a_role_of_the_same_name_in_an_attackers_account_is_refused() -> None:
    documents = pack(many(100), GROUP_MANAGED).documents

    assert not enters(documents, role(STRANGER))
    assert enters(documents, role("400000000007"))


def test_a_path_that_ends_like_ours_is_another_role() -> None:
    """A star for the account would match beyond the colon, and a customer chooses his own paths."""
    documents = pack(many(100), GROUP_MANAGED).documents

    assert not enters(documents, role("400000000007", "/x:role/gatepass/support"))
    assert "arn:aws:iam::*:role/gatepass/support" not in documents[0].text


@pytest.mark.parametrize("tail", ["/gatepass/support", "/support"])
def test_nobody_enters_without_a_name_or_under_another(tail: str) -> None:
    documents = pack(many(100, tail), GROUP_MANAGED).documents
    arn = role("400000000007", tail)

    for tags in (True, False):
        assert not enters(documents, arn, named=None, tags=tags)
        assert not enters(documents, arn, named="bob", tags=tags)
        assert enters(documents, arn, tags=tags)


@pytest.mark.parametrize("tail", ["/gatepass/support", "/support"])
def test_who_has_no_user_name_cannot_enter_by_it(tail: str) -> None:
    documents = pack(many(5, tail), GROUP_MANAGED).documents

    assert not enters(documents, role("400000000003", tail), keys={"aws:ResourceAccount": "400000000003"})


@pytest.mark.parametrize("tail", ["/gatepass/support", "/support"])
def test_a_tag_of_the_principal_can_be_the_name(tail: str) -> None:
    documents = pack(many(5, tail), GROUP_MANAGED, own_name=principal_tag("email")).documents
    arn = role("400000000003", tail)
    keys = {"aws:ResourceAccount": "400000000003", "aws:PrincipalTag/email": "alice@example.com"}

    assert not enters(documents, arn, named="alice", keys=keys)
    assert enters(documents, arn, named="alice@example.com", keys=keys)


@pytest.mark.parametrize("tail", ["/gatepass/support", "/support"])
def test_where_any_name_will_do_one_is_needed(tail: str) -> None:
    documents = pack(many(5, tail), GROUP_MANAGED, own_name=None).documents
    arn = role("400000000003", tail)

    assert not enters(documents, arn, named=None)
    assert enters(documents, arn, named="whoever")


@pytest.mark.parametrize(
    "own_name", ["alice", "*", "${sts:RoleSessionName}", "${aws:username, 'x'}", "${aws:username}*", ""]
)
def test_a_name_that_the_caller_could_choose_is_no_demand(own_name: str) -> None:
    with pytest.raises(InvalidInput):
        pack(many(5), GROUP_MANAGED, own_name=own_name)


def test_a_fence_leaves_roles_under_other_paths_alone() -> None:
    """A namesake in the provider's own organisation is none of a customer's business."""
    documents = pack([*many(9), *many(9, "/Admin")], GROUP_MANAGED).documents
    denied = [each["Resource"] for one in documents for each in one.statements if each["Effect"] == "Deny"]

    assert denied == ["arn:aws:iam::*:role/gatepass/*"]


@settings(max_examples=40)
@given(
    assigned=assignments,
    arns_only=st.booleans(),
    sizes=st.sampled_from([SMALL, GROUP_MANAGED, PERMISSION_SET_INLINE]),
)
def test_the_documents_allow_exactly_what_is_assigned(
    *, assigned: frozenset[RoleArn], arns_only: bool, sizes: PolicySizes
) -> None:
    packed = pack(assigned, sizes, arns_only=arns_only)

    identity = tuple(parse_policy(each.text) for each in packed.documents)
    for account in (*ACCOUNTS, STRANGER):
        for tail in TAILS:
            arn = role(account, tail)
            assert len(allowed_actions(identity, arn)) == (3 if arn in assigned else 0), arn


@given(assigned=assignments, arns_only=st.booleans(), own_name=st.sampled_from([USER_NAME, principal_tag("a:b"), None]))
def test_documents_are_read_back_as_what_was_assigned(
    *, assigned: frozenset[RoleArn], arns_only: bool, own_name: str | None
) -> None:
    packed = pack(assigned, SMALL, own_name=own_name, arns_only=arns_only)

    assert roles_of(packed.documents) == assigned
    again = pack(assigned, SMALL, own_name=own_name, arns_only=arns_only, standing=packed.documents)
    assert again.slots == packed.documents


@given(assigned=assignments, largest=st.integers(2_200, 4_000), arns_only=st.booleans())
def test_no_document_is_larger_than_allowed(*, assigned: frozenset[RoleArn], largest: int, arns_only: bool) -> None:
    packed = pack(assigned, PolicySizes(largest, 1_000), arns_only=arns_only)

    assert all(each.size <= largest for each in packed.documents)
    assert packed.overflow is None


@given(st.lists(roles, max_size=60), st.booleans(), st.sampled_from([USER_NAME, principal_tag("a:b"), None]))
def test_the_size_is_known_to_the_character_before_anything_is_written(
    arns: list[RoleArn],
    arns_only: bool,  # noqa: FBT001 - hypothesis gives it
    own_name: str | None,
) -> None:
    filled = Bin(Form(own_name, arns_only))
    for number, arn in enumerate(arns):
        account, tail = (str(arn.partition), str(arn.account)), f"{arn.path}{arn.name}"
        expected = filled.size_with(account, frozenset({tail}))
        filled.put(account, filled.tails.get(account, frozenset()) | {tail})
        assert filled.size == expected == written(filled.layout()).size
        if number % 5 == 4:
            filled.put(account, frozenset())


@given(assignments, st.randoms(use_true_random=False))
def test_the_order_of_what_is_assigned_does_not_matter(assigned: frozenset[RoleArn], dice: random.Random) -> None:
    shuffled = sorted(assigned)
    dice.shuffle(shuffled)

    assert pack(shuffled, SMALL) == pack(sorted(assigned), SMALL)


@given(assignments, st.frozensets(st.sampled_from(TAILS), min_size=1, max_size=6))
def test_one_customer_more_or_less_changes_one_document(assigned: frozenset[RoleArn], tails: frozenset[str]) -> None:
    customer = {role(ACCOUNTS[11], tail) for tail in tails}
    without = pack(assigned, SMALL)

    with_him = pack(assigned | customer, SMALL, standing=without.documents)
    assert _changed(without.documents, with_him.slots) == 1
    gone = pack(assigned, SMALL, standing=with_him.documents)
    assert _changed(with_him.documents, gone.slots) == 1

    assert roles_of(with_him.documents) == assigned | customer
    assert roles_of(gone.documents) == assigned


@given(st.lists(st.tuples(st.booleans(), roles), max_size=40))
def test_however_a_team_changes_its_documents_stay_right(steps: list[tuple[bool, RoleArn]]) -> None:
    """Fewer roles of one customer can take more room: they no longer share the statement of the others."""
    documents: tuple[Document, ...] = ()
    assigned = frozenset(role(account, tail) for account in ACCOUNTS for tail in TAILS[:4])
    for is_more, arn in steps:
        assigned = assigned | {arn} if is_more else assigned - {role(str(arn.account), TAILS[0])}
        documents = pack(assigned, PolicySizes(2_200, 1_000), standing=documents).documents
        assert roles_of(documents) == assigned
        assert all(each.size <= 2_200 for each in documents)


def test_a_full_document_that_would_grow_by_losing_a_role_gives_the_customer_away() -> None:
    both = [*many(60, "/gatepass/one"), *many(60, "/gatepass/two")]
    sizes = PolicySizes(pack(both, GROUP_MANAGED).documents[0].size, 10)
    standing = pack(both, sizes).documents
    assert len(standing) == 1

    fewer = pack(both[1:], sizes, standing=standing)

    assert all(each.size <= sizes.largest for each in fewer.documents)
    assert roles_of(fewer.documents) == frozenset(both[1:])


def test_who_comes_takes_the_place_of_who_goes() -> None:
    """Another document has room as well, but that one would have to be written only for him."""
    full = pack(many(900), GROUP_MANAGED).documents
    gone, leaving = max(roles_of(full[:1])), max(roles_of(full[1:2]))
    standing = pack({*many(900)} - {gone}, GROUP_MANAGED, standing=full).documents
    assigned = {*many(901)} - {gone, leaving}

    packed = pack(assigned, GROUP_MANAGED, standing=standing)

    assert roles_of(packed.documents) == assigned
    assert _changed(standing, packed.slots) == 1


def test_a_document_that_is_left_empty_keeps_its_place() -> None:
    standing = pack(many(900), GROUP_MANAGED).documents
    first = roles_of(standing[:1])

    fewer = pack(set(many(900)) - first, GROUP_MANAGED, standing=standing)

    assert fewer.slots == (None, *standing[1:])


def test_holes_are_filled_by_moving_few_customers() -> None:
    """Each document lost eight customers and has no room for another name; two packed anew make the room."""
    each_holds = len(roles_of(pack(many(3_000), GROUP_MANAGED).documents[:1]))
    full = many(10 * each_holds)
    standing = pack(full, GROUP_MANAGED).documents
    gone = {arn for one in standing for arn in sorted(roles_of([one]))[:8]}
    holed = pack(set(full) - gone, GROUP_MANAGED, standing=standing).documents
    assigned = {*full, role("600000000000", "/gatepass/another")} - gone
    assert len(holed) == 10
    assert len(pack(assigned, PolicySizes(6_144, 11), standing=holed).documents) == 11

    packed = pack(assigned, GROUP_MANAGED, standing=holed)

    assert packed.overflow is None
    assert roles_of(packed.documents) == assigned
    assert _changed(holed, packed.slots) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"aws:ResourceAccount":["400000000000",', '"aws:ResourceAccount":["4*",'),
        lambda text: text.replace('"Effect":"Deny"', '"Effect":"Allow"'),
        lambda text: text.replace("sts:TagSession", "sts:*"),
        lambda text: text.replace("????????????", "*"),
        lambda text: text.replace('"Sid":"OwnNameOnly"', '"Sid":"Other"'),
        lambda text: text.replace("${aws:username}", "*"),
        lambda text: text.replace("/gatepass/support", "/gatepass/*"),
        lambda text: text.replace("StringEquals", "StringLike"),
    ],
)  # fmt: skip
def test_a_document_that_somebody_changed_is_written_anew(change: object) -> None:
    assert callable(change)
    (document,) = pack(many(50), GROUP_MANAGED).documents
    changed = Document(str(change(document.text)))
    assert changed != document

    packed = pack(many(50), GROUP_MANAGED, standing=[changed])

    assert packed.documents == (document,)


def test_a_statement_beside_ours_is_not_kept() -> None:
    (document,) = pack(many(50), GROUP_MANAGED).documents
    more = policy(*document.statements, {"Effect": "Allow", "Action": "*", "Resource": "*"})

    assert roles_of([more]) == frozenset()
    assert pack(many(50), GROUP_MANAGED, standing=[more]).documents == (document,)


def test_what_somebody_else_wrote_is_read_as_nothing() -> None:
    odd: list[dict[str, object]] = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": {"a": 1}, "Condition": []},
        {"Effect": "Allow", "Resource": [7], "Condition": {"StringEquals": {"aws:ResourceAccount": ["x"]}}},
        {"Effect": "Allow", "NotResource": "arn:aws:iam::????????????:role/"},
    ]

    assert roles_of([policy(each) for each in odd] + [policy(*odd), policy()]) == frozenset()


def test_another_name_that_is_demanded_rewrites_every_document() -> None:
    standing = pack(many(900), GROUP_MANAGED).documents

    packed = pack(many(900), GROUP_MANAGED, standing=standing, own_name=principal_tag("email"))

    assert roles_of(packed.documents) == frozenset(many(900))
    assert not any("aws:username" in each.text for each in packed.documents)


def test_full_arns_only_means_no_condition_carries_accounts() -> None:
    standing = pack(many(200), GROUP_MANAGED).documents

    packed = pack(many(200), GROUP_MANAGED, standing=standing, arns_only=True)

    assert not any("aws:ResourceAccount" in each.text or "?" in each.text for each in packed.documents)
    assert roles_of(packed.documents) == frozenset(many(200))


def test_accounts_with_the_same_names_share_one_statement() -> None:
    both = [*many(40, "/gatepass/one"), *many(40, "/gatepass/two")]
    (document,) = pack(both, GROUP_MANAGED).documents
    allowing = [each for each in document.statements if each["Effect"] == "Allow"]

    assert len(allowing) == 1
    assert allowing[0]["Resource"] == [
        "arn:aws:iam::????????????:role/gatepass/one",
        "arn:aws:iam::????????????:role/gatepass/two",
    ]


def test_few_accounts_of_a_name_are_written_in_full() -> None:
    (document,) = pack(many(2), GROUP_MANAGED).documents

    assert "aws:ResourceAccount" not in document.text


def test_roles_of_different_partitions_stay_in_theirs() -> None:
    china = [RoleArn(f"arn:aws-cn:iam::{400_000_000_000 + number}:role/gatepass/support") for number in range(20)]
    documents = pack([*china, *many(20)], GROUP_MANAGED).documents

    assert roles_of(documents) == frozenset([*china, *many(20)])
    assert roles_of(pack(china, GROUP_MANAGED).documents) == frozenset(china)


def test_nothing_assigned_is_no_document() -> None:
    assert pack([], GROUP_MANAGED).documents == ()
    assert pack([], GROUP_MANAGED, standing=pack(many(3), GROUP_MANAGED).documents).slots == (None,)


def test_three_thousand_customers_with_one_name_fit_one_group() -> None:
    packed = pack(many(3_000, "/gatepass/ServiceProvider-111122223333-support"), GROUP_MANAGED)

    assert packed.overflow is None
    assert len(packed.documents) == 8


def mixes() -> list[tuple[str, list[RoleArn]]]:
    """Return teams of every sort: names that all share, that few share, that nobody shares."""
    dice = random.Random(5)  # noqa: S311 - no secret is drawn
    weights = [1 / (rank + 1) for rank in range(30)]
    shared = [f"/gatepass/ServiceProvider-{rank}-support" for rank in dice.choices(range(30), weights, k=3_000)]
    own = many(1_000, "/gatepass/HIO-DEV-EUW1-ServiceProvider-{}")
    names = "support", "audit", "network"
    grants = [many(7, f"/gatepass/{name}") for name in names]
    return [
        ("one name", many(3_000)),
        ("a name of its own for each", own),
        ("half of them", [*many(2_000)[1_000:], *own]),
        ("few names, some rare", [role(f"{400_000_000_000 + n}", tail) for n, tail in enumerate(shared)]),
        ("three grants in every mix", [arn for name in names for arn in dice.sample(many(3_000, f"/gatepass/{name}"), 1_500)]),
        ("names under two paths", [role(str(arn.account), dice.choice(["/", "/gatepass/"]) + "support") for arn in many(3_000)]),
        ("a handful", [arn for each in grants for arn in each]),
    ]  # fmt: skip


@pytest.mark.parametrize(("_mix", "assigned"), mixes())
def test_documents_are_filled_to_within_three_percent(_mix: str, assigned: list[RoleArn]) -> None:
    """The bound is one document without end, cut into parts that each need a fence and one statement around."""
    endless = pack(assigned, PolicySizes(10**9, 1)).documents[0].size
    around = pack(many(10), GROUP_MANAGED).documents[0].size - 15 * 10

    sizes = [each.size for each in pack(assigned, GROUP_MANAGED).documents]

    bound = (endless - around) / (GROUP_MANAGED.largest - around)
    assert len(sizes) <= math.ceil(bound * 1.03)
    assert all(size >= 0.97 * GROUP_MANAGED.largest for size in sizes[:-1]) or len(sizes) == math.ceil(bound)


def test_too_many_customers_are_said_to_be_too_many() -> None:
    packed = pack(many(9_000), GROUP_MANAGED)

    assert packed.overflow is not None
    assert (packed.overflow.needed, packed.overflow.allowed, packed.overflow.shards) == (24, 10, 3)
    assert roles_of(packed.documents) == frozenset(many(9_000))


def test_an_account_with_more_roles_than_a_document_holds_is_split() -> None:
    assigned = [role(ACCOUNTS[0], f"/gatepass/a-role-among-very-many-{number}") for number in range(200)]

    packed = pack(assigned, GROUP_MANAGED)

    assert roles_of(packed.documents) == frozenset(assigned)
    assert len(packed.documents) > 1


def test_a_role_that_no_document_can_hold_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="too long"):
        pack([role(ACCOUNTS[0], "/" + "*" * 500 + "/support")], PolicySizes(2_048, 1))


def test_documents_are_canonical_json() -> None:
    """AWS gives them back with other white space; equal ones must be seen to be equal."""
    for each in pack(many(30), GROUP_MANAGED).documents:
        assert policy(*each.statements) == each
        assert json.loads(each.text)["Version"] == "2012-10-17"


def _changed(before: Collection[Document], after: Collection[Document | None]) -> int:
    padded = [*before, *[None] * (len(after) - len(before))]
    return sum(old != new for old, new in zip(padded, after, strict=True))
