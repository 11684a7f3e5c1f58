"""The inventory of doors: who can enter, with what, until when, and what for at worst."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatepass.adapters.memory import MemoryNames
from gatepass.adapters.memory_policies import MemoryPolicies
from gatepass.domain.account_policies import AccountPolicies, Holder, LastUse
from gatepass.domain.documents import Document, document, policy
from gatepass.domain.doors import Asking, DoorList, DoorState, EntrantKind, RoleDoor
from gatepass.domain.findings import Severity
from gatepass.domain.grant import Window
from gatepass.domain.id_strength import IdStrength
from gatepass.domain.identifiers import AccountId, Partition, external_id
from gatepass.domain.limits import limits_policy
from gatepass.domain.managed_policies import KNOWN_POLICIES
from gatepass.domain.switch import deny_everything, deny_sessions_from_before
from gatepass.domain.trust import closed_trust, open_trust
from gatepass.ports.resources import AccountNames
from gatepass.ports.teams import PolicyReader
from gatepass.usecases.lint_roles import lint_account
from gatepass.usecases.list_doors import list_doors
from tests.cli.door_roles import (
    EXTERNAL_IDS,
    GONE,
    LONG_ID,
    PERMISSIONS,
    SCALR,
    TRUSTS,
    VANTA,
    asking,
    letting_in,
    root,
)
from tests.people import CUSTOMER, GRANT, MORNING, PROVIDER

ORPHAN = "AROAJQABLZS4A3QDU576Q"
OUR_ID = external_id("7KQ2M9XW4T", "0123456789ABCDEFGHJKMNPQRS")
_AWS = "arn:aws:iam::aws:policy/"
MANAGED = {f"{_AWS}{name}": known.document for name, known in KNOWN_POLICIES.items()} | {
    f"{_AWS}AmazonS3FullAccess": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
    f"{_AWS}AmazonEC2FullAccess": policy({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}),
}


def role(name: str, *trust: dict[str, Any], **more: Any) -> Holder:  # noqa: ANN401 - any field of a holder
    """Return a role of the customer's with the statements in its trust policy."""
    return Holder(f"arn:aws:iam::{CUSTOMER}:role/{name}", **{"trust": policy(*trust), **more})


def hand_made() -> list[Holder]:
    """Return the roles of the scene as IAM tells them once the named role is gone."""
    return [
        role(
            name,
            *({**each, "Principal": {"AWS": ORPHAN}} if GONE in str(each) else each for each in statements),
            attached=(f"{_AWS}{PERMISSIONS[name]}",) if name in PERMISSIONS else (),
        )
        for name, statements in TRUSTS.items()
    ]


def ours(name: str = "support", trust: Document | None = None, switch: Document | None = None) -> Holder:
    """Return a role of Gatepass for the support grant; by default an open one."""
    grant = replace(GRANT, window=Window())
    return Holder(
        f"arn:aws:iam::{CUSTOMER}:role/gatepass/ServiceProvider-{PROVIDER}-{name}",
        inline={"gatepass-limits": limits_policy(grant, Partition(), CUSTOMER)}
        | ({"gatepass-switch": switch} if switch is not None else {}),
        attached=(f"{_AWS}AmazonS3FullAccess",),
        trust=trust or open_trust(grant, Partition(), OUR_ID),
        tags={"gatepass:grant": name, "gatepass:provider": str(PROVIDER)},
    )


def account(*roles: Holder) -> AccountPolicies:
    return AccountPolicies(CUSTOMER, roles=roles, managed=MANAGED)


def found(*roles: Holder, names: dict[AccountId, str] | None = None, now: datetime = MORNING) -> DoorList:
    """Return the inventory by way of the ports that a command uses."""
    reader: PolicyReader = MemoryPolicies(account(*roles))
    organisation: AccountNames = MemoryNames(names or {})
    return list_doors(reader.account_policies(), now, organisation.names())


def only(*roles: Holder, **more: Any) -> RoleDoor:  # noqa: ANN401 - as found
    (door,) = found(*roles, **more).doors
    return door


@pytest.fixture(scope="module")
def doors() -> dict[str, RoleDoor]:
    return {door.name: door for door in found(*hand_made()).doors}


def test_roles_that_only_the_account_or_a_service_enters_are_no_doors() -> None:
    listed = found(*hand_made())

    assert {each.arn.rsplit("/", 1)[-1]: each.entered_by for each in listed.inside} == {
        "machine": ("ec2.amazonaws.com",),
        "colleagues": (root(str(CUSTOMER)),),
    }
    assert not {"machine", "colleagues"} & {door.name for door in listed.doors}


def test_an_external_id_is_nowhere_in_what_is_told() -> None:
    owner = role("tagged", letting_in(root(SCALR), **asking(LONG_ID)), tags={"id": LONG_ID, "note": f"was {LONG_ID}!"})
    listed = found(*hand_made(), ours(), owner)

    told = repr(listed)
    for each in (*EXTERNAL_IDS, OUR_ID.reveal()):
        assert each not in told
        assert each[:9] not in told
    assert next(door for door in listed.doors if door.name == "tagged").tags == {"id": "****", "note": "was ****!"}


def test_a_value_of_a_key_that_may_hold_an_external_id_is_not_shown() -> None:
    door = only(
        role("odd", letting_in(root(SCALR), StringEquals={"aws:ExternalId": "Hunter2", "Hunter2x:y z": "Hunter3"}))
    )

    short = only(role("short", letting_in(root(SCALR), **asking("q7z"))))

    assert "Hunter" not in repr(door)
    assert "q7z" not in repr(short)
    assert any("aws:ExternalId" in each and "not shown" in each for each in door.trust[0].conditions)


def test_everyone_is_called_everyone(doors: dict[str, RoleDoor]) -> None:
    door = doors["AccessForEverybody"]

    assert [each.kind for each in door.entrants] == [EntrantKind.EVERYONE]
    assert door.factor.asking is Asking.NEVER
    assert door.worst.words == "administrator: can do everything"
    assert door.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("condition", "kinds"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}, [EntrantKind.WHOEVER_MEETS]),
        ({"StringEquals": {"aws:PrincipalAccount": str(PROVIDER)}}, [EntrantKind.ACCOUNT]),
        ({"StringEquals": {"aws:PrincipalAccount": str(CUSTOMER)}}, []),
    ],
)
def test_everyone_under_a_condition_is_whom_the_condition_leaves(
    condition: dict[str, Any], kinds: list[EntrantKind]
) -> None:
    listed = found(role("narrowed", letting_in("*", **condition)))

    assert [each.kind for door in listed.doors for each in door.entrants] == kinds
    assert len(listed.inside) == (0 if kinds else 1)


def test_an_account_bears_its_name_in_the_organisation_before_any_other() -> None:
    statement = letting_in(root(SCALR), root(str(PROVIDER)))

    by_list = only(role("x", statement)).entrants
    by_organisation = only(role("x", statement), names={AccountId(SCALR): "Our own <b>"}).entrants

    assert [each.words for each in by_list] == [str(PROVIDER), f"{SCALR} (Scalr)"]
    assert [(each.title, each.source) for each in by_organisation] == [
        (None, None),
        ("Our own <b>", "AWS Organizations"),
    ]


def test_principals_are_told_when_only_they_get_in() -> None:
    pattern = f"arn:aws:iam::{PROVIDER}:role/engineers/*"
    narrow = letting_in(root(str(PROVIDER)), **asking(LONG_ID), ArnLike={"aws:PrincipalArn": pattern})
    wide = letting_in(root(str(PROVIDER)), **asking(LONG_ID))
    label = letting_in(root(str(PROVIDER)), action="sts:TagSession")

    assert [each.principals for each in only(role("x", narrow, label)).entrants] == [("role/engineers/*",)]
    assert [each.principals for each in only(role("x", narrow, wide)).entrants] == [()]


@pytest.mark.parametrize(
    ("name", "asked", "strength"),
    [
        ("VantaWithoutId", Asking.NEVER, None),
        ("AnyIdWillDo", Asking.IN_VAIN, IdStrength.PATTERN),
        ("second-statement", Asking.PARTLY, IdStrength.LONG),
        ("guessed", Asking.ALWAYS, IdStrength.WORD),
        ("scalr", Asking.ALWAYS, IdStrength.LONG),
        ("two-accounts", Asking.ALWAYS, IdStrength.LONG),
        ("staff", Asking.NOT_TAKEN, None),
        ("deploy", Asking.NOT_TAKEN, None),
    ],
)
def test_the_second_factor_is_judged(
    doors: dict[str, RoleDoor], name: str, asked: Asking, strength: IdStrength | None
) -> None:
    assert (doors[name].factor.asking, doors[name].factor.strength) == (asked, strength)


def test_the_statement_that_does_not_ask_is_named(doors: dict[str, RoleDoor]) -> None:
    assert doors["second-statement"].factor.words.startswith("not asked for in every statement: statement 2")


def test_one_id_for_several_providers_is_told_at_each_of_their_roles(doors: dict[str, RoleDoor]) -> None:
    assert doors["one-of-them"].factor.also_in == ("two-accounts",)
    assert doors["two-accounts"].factor.also_in == ("one-of-them",)
    for name in ("one-of-them", "two-accounts"):
        assert "id-known-to-others" in {each.id for each in doors[name].findings}


def test_one_id_in_several_roles_of_one_provider_is_told_and_no_finding() -> None:
    statement = letting_in(root(SCALR), **asking(LONG_ID))

    for door in found(role("a", statement), role("b", statement)).doors:
        assert len(door.factor.also_in) == 1
        assert "id-known-to-others" not in {each.id for each in door.findings}


def test_an_id_that_others_can_know_is_a_finding_of_weight(doors: dict[str, RoleDoor]) -> None:
    assert {each.id: each.severity for each in doors["guessed"].findings}["id-guessable"] is Severity.MEDIUM


def test_everybody_of_a_public_identity_provider_is_a_finding_and_a_companys_directory_is_none(
    doors: dict[str, RoleDoor],
) -> None:
    assert doors["deploy"].entrants[0].title == "GitHub Actions"
    assert "federation-without-subject" in {each.id for each in doors["deploy"].findings}
    assert "federation-without-subject" not in {each.id for each in doors["staff"].findings}


def test_a_deleted_principal_is_told_as_such(doors: dict[str, RoleDoor]) -> None:
    door = doors["orphan"]

    assert door.state is DoorState.SHUT
    assert door.entrants[0].words == f"unknown principal {ORPHAN}: its role was deleted"
    assert {"never-opens", "principal-deleted"} <= {each.id for each in door.findings}


@pytest.mark.parametrize(
    ("condition", "state", "begin", "end"),
    [
        ({"DateLessThan": {"aws:CurrentTime": "2026-11-21T18:00:00Z"}}, DoorState.OVER, None, "2026-11-21T18:00:00"),
        ({"DateLessThan": {"aws:CurrentTime": "2026-11-27T18:00:00Z"}}, DoorState.OPEN, None, "2026-11-27T18:00:00"),
        ({"DateLessThanEquals": {"aws:CurrentTime": "2026-11-27"}}, DoorState.OPEN, None, "2026-11-27T00:00:00"),
        ({"NumericLessThan": {"aws:EpochTime": "1795975200"}}, DoorState.OPEN, None, "2026-11-29T18:00:00"),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, DoorState.OPEN, None, None),
        (
            {
                "DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-23T08:00:00Z"},
                "DateLessThan": {"aws:CurrentTime": "2026-11-27T18:00:00Z"},
            },
            DoorState.NOT_YET,
            "2026-11-23T08:00:00",
            "2026-11-27T18:00:00",
        ),
    ],
)
def test_the_window_is_found_by_asking_at_its_dates(
    condition: dict[str, Any], state: DoorState, begin: str | None, end: str | None
) -> None:
    door = only(role("timed", letting_in(root(SCALR), **asking(LONG_ID), **condition)))

    assert door.state is state
    assert [each and each.isoformat()[:19] for each in (door.times.begin, door.times.ends)] == [begin, end]


def test_a_window_that_another_statement_leaves_open_never_ends() -> None:
    timed = letting_in(root(SCALR), **asking(LONG_ID), DateLessThan={"aws:CurrentTime": "2026-11-27T18:00:00Z"})

    assert only(role("x", timed, letting_in(root(SCALR), **asking(LONG_ID)))).times.ends is None


def test_the_end_of_all_rights_is_an_end_too() -> None:
    until = datetime(2026, 11, 27, 18, tzinfo=UTC)
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    over = {**deny, "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-11-27T18:00:00Z"}}}
    for_one = {
        **deny,
        "Condition": {**over["Condition"], "StringEquals": {"aws:SourceIdentity": "alice"}},  # type: ignore[dict-item]
    }
    statement = letting_in(root(SCALR), **asking(LONG_ID))

    assert only(role("x", statement, inline={"end": policy(over)})).times == replace(
        only(role("x", statement)).times, sessions_end=until
    )
    assert only(role("x", statement, inline={"end": policy(for_one)})).times.ends is None


def test_a_door_that_is_shut_by_hand_is_closed_and_nothing_is_found_at_it(doors: dict[str, RoleDoor]) -> None:
    assert doors["shut-by-hand"].state is DoorState.CLOSED
    assert doors["shut-by-hand"].findings == ()


def test_a_closed_role_of_gatepass_tells_whose_it_was_and_what_it_could_do() -> None:
    door = only(ours(trust=closed_trust(), switch=deny_everything()))

    assert (door.state, door.grant, door.switch) == (DoorState.CLOSED, "support", "closed")
    assert door.made_for is not None
    assert door.made_for.name == str(PROVIDER)
    assert door.factor.asking is Asking.CLOSED
    assert door.worst.words == "nothing now; once open: can delete data or what runs"
    assert not door.is_weighty


@pytest.mark.parametrize(
    "half",
    [ours(trust=closed_trust()), ours(switch=deny_everything())],
    ids=["trust only", "denial only"],
)
def test_a_half_closed_role_is_a_finding_of_weight(half: Holder) -> None:
    door = only(half)

    assert door.state is DoorState.HALF_CLOSED
    assert {each.id: each.severity for each in door.findings}["half-closed"] is Severity.MEDIUM


def test_an_open_role_of_gatepass_asks_for_its_own_id() -> None:
    door = only(ours(switch=deny_sessions_from_before(MORNING - timedelta(days=1))))

    assert (door.state, door.switch) == (DoorState.OPEN, "open")
    assert door.factor.words == "Gatepass's own, 128 random bits"
    assert [each.words for each in door.entrants] == [str(PROVIDER)]


def test_a_role_elsewhere_that_bears_our_tag_is_not_ours() -> None:
    stranger = replace(ours(), arn=f"arn:aws:iam::{CUSTOMER}:role/elsewhere")

    assert only(stranger).grant is None


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ([], "nothing: no permission is on it"),
        ([("*", "*")], "administrator: can do everything"),
        ([("iam:PutRolePolicy", "*")], "can make itself or others administrator"),
        ([("iam:PutRolePolicy", f"arn:aws:iam::{CUSTOMER}:role/one")], "can change some policies"),
        ([("iam:CreateAccessKey", "*")], "can make keys and passwords of others"),
        ([("iam:UpdateAssumeRolePolicy", "*")], "can open roles to other accounts"),
        ([("iam:PassRole", "*"), ("lambda:*", "*")], "can start machines with the rights of any role"),
        ([("secretsmanager:GetSecretValue", "*")], "can read secrets"),
        ([("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{CUSTOMER}:secret:one")], "can read secrets in named places"),
        ([("s3:DeleteObject", "arn:aws:s3:::one/*")], "can delete data or what runs in named places"),
        ([("s3:GetObject", "*")], "can read data"),
        ([("ec2:Describe*", "*"), ("iam:List*", "*")], "looks and changes nothing"),
        ([("ec2:StartInstances", "*"), ("ec2:Describe*", "*")], "can change things in ec2"),
        ([("*:TagResource", "*")], "can change things in any service"),
    ],
)  # fmt: skip
def test_the_worst_is_said_in_plain_words(statements: list[tuple[str, str]], words: str) -> None:
    given = policy(*({"Effect": "Allow", "Action": action, "Resource": on} for action, on in statements))
    inline = {"own": given} if statements else {}

    assert only(role("x", letting_in(root(SCALR)), inline=inline)).worst.words == words


def test_a_denial_of_everything_leaves_nothing_and_a_boundary_limits() -> None:
    statement = letting_in(root(SCALR))
    full = {"own": policy({"Effect": "Allow", "Action": "*", "Resource": "*"})}
    boundary = f"arn:aws:iam::{CUSTOMER}:policy/Looking"
    look = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})

    denied = only(role("x", statement, inline={**full, "no": deny_everything()}))
    bounded = list_doors(
        replace(account(role("x", statement, inline=full, boundary=boundary)), managed={boundary: look}), MORNING
    ).doors[0]
    unread = only(role("x", statement, inline=full, boundary=boundary))

    assert denied.worst.words == "nothing: one of its policies denies everything"
    assert bounded.worst.words == "can read data"
    assert unread.worst.words.endswith("as far as its boundary lets it")


def test_a_policy_whose_text_is_not_known_leaves_the_worst_open() -> None:
    door = only(role("x", letting_in(root(SCALR)), attached=(f"{_AWS}Unknown",)))

    assert door.worst.words.startswith("not fully known; at least: ")
    assert door.worst.unread == (f"{_AWS}Unknown",)


def test_a_trust_policy_that_aws_would_not_save_is_told_and_stops_nothing() -> None:
    broken = replace(
        role("broken"), trust=document({"Statement": [{**letting_in(root(VANTA)), "Condition": {"Odd": {"a:b": "c"}}}]})
    )

    listed = found(broken, role("x", letting_in(root(SCALR))))

    assert {door.name: door.state for door in listed.doors} == {"broken": DoorState.NOT_READ, "x": DoorState.OPEN}
    assert next(door for door in listed.doors if door.name == "broken").is_weighty


def test_last_use_and_making_are_told_as_iam_tells_them() -> None:
    used, made = LastUse(MORNING, "eu-west-1"), MORNING - timedelta(days=9)

    door = only(role("x", letting_in(root(SCALR)), last_used=used, created=made))

    assert (door.last_used, door.created) == (used, made)


def test_who_is_let_in_comes_first_and_of_these_the_weightiest() -> None:
    listed = found(*hand_made(), ours())

    ranks = [(not door.state.lets_in, [*Severity, None].index(door.severity)) for door in listed.doors]
    assert ranks == sorted(ranks)


@pytest.mark.thorough
def test_each_of_many_roles_that_are_alike_is_told_in_its_own_words() -> None:
    """One of them is examined for all; accounts, names, dates and IDs must come back as they were."""
    roles = []
    for number in range(8):
        grant = replace(
            GRANT,
            provider=AccountId(str(200000000000 + number)),
            principals=(),
            window=Window(
                begin=MORNING + timedelta(hours=number) if number > 4 else None,
                end=MORNING + timedelta(days=number + 1) if number % 4 else None,
            ),
        )
        trust = open_trust(grant, Partition(), external_id("K", f"0123456789ABCDEFGHJKMNPQR{number}"))
        switch = deny_sessions_from_before(MORNING - timedelta(hours=number + 1))
        limits = limits_policy(grant, Partition(), CUSTOMER)
        alike = replace(ours(f"g{number}", trust=trust), inline={"gatepass-limits": limits, "gatepass-switch": switch})
        roles.append(alike)
        begin = {"aws:CurrentTime": f"2026-11-23T1{number}:00:00Z"}
        timed = letting_in(root(str(grant.provider)), DateGreaterThanEquals=begin)
        roles.append(role(f"plain{number}", timed, letting_in(root(SCALR))))

    listed = found(*roles, *hand_made())

    by_lint = {review.name: review.findings for review in lint_account(account(*roles, *hand_made()), MORNING)}
    for door in listed.doors:
        expected = {each for each in by_lint.get(door.arn, ()) if each.id != "federation-without-subject"}
        assert expected <= set(door.findings), door.name
        alone = only(next(each for each in (*roles, *hand_made()) if each.arn == door.arn))
        assert (door.times, door.entrants, door.worst) == (alone.times, alone.entrants, alone.worst)
    assert any(
        "2026-11-23T13:00:01Z" in text
        for door in listed.doors
        for each in door.findings
        for text in each.counterexamples
    )
    ends = {door.name.rsplit("-", 1)[-1]: door.times for door in listed.doors if door.grant is not None}
    assert ends["g4"].ends is None
    assert ends["g3"].end == ends["g3"].sessions_end == MORNING + timedelta(days=4)
