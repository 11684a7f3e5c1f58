"""What every implementation of a port promises, the in-memory twin and the real one alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.kept_sessions import KeptSessions
from gatepass.adapters.memory import MemoryClock, MemoryRoles, MemorySessions, MemoryTokens
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_tokens import SignedTokens
from gatepass.adapters.sts_tokens import StsTokens
from gatepass.domain.change import (
    AttachPolicy,
    CreateRole,
    DeleteInline,
    DeleteRole,
    DetachPolicy,
    EndOlderSessions,
    LimitSessions,
    PutInline,
    RemoveBoundary,
    ReplaceTrust,
    SetBoundary,
    TagRole,
    UntagRole,
)
from gatepass.domain.documents import policy
from gatepass.domain.errors import AccessRefused, Conflict
from gatepass.domain.identifiers import (
    AccountId,
    EngineerName,
    ExternalId,
    Partition,
    PolicyArn,
    RoleArn,
    RoleName,
    role_arn,
)
from gatepass.domain.role import GRANT_TAG, SWITCH_POLICY, Role
from gatepass.domain.session import SHORTEST_SESSION, Caller, Credentials, Entry, Session
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import closed_trust, open_trust
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.sessions import SessionShelf, TokenService
from gatepass.sandbox.embedded import EmbeddedAws
from tests.people import CUSTOMER, GRANT, MANAGED, PROVIDER

NAME = RoleName("ServiceProvider-111122223333-support")
ID = ExternalId("gp1.KEY.CODE")
TRUST = open_trust(GRANT, Partition(), ID)
AUDIT = PolicyArn("arn:aws:iam::aws:policy/SecurityAudit")
BOUNDARY = PolicyArn("arn:aws:iam::aws:policy/ReadOnlyAccess")
ROLE = Role(NAME, TRUST, timedelta(hours=1), tags={GRANT_TAG: "support"})
SOME = policy({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})


@dataclass
class World:
    """One customer's roles, and the provider's engineer who may try to enter them."""

    roles: RoleDirectory
    engineer: TokenService
    foreign_role: Callable[[str], None]

    def role(self) -> Role:
        return self.roles.inventory().ours[NAME]


def memory_world() -> World:
    clock = MemoryClock(datetime.now(UTC))
    roles = MemoryRoles(CUSTOMER, clock, MANAGED)
    engineer = MemoryTokens(Caller(PROVIDER, f"arn:aws:iam::{PROVIDER}:user/netops-1"), roles)

    def foreign(name: str) -> None:
        roles.roles[RoleName(name)] = replace(ROLE, name=RoleName(name), path="/", tags={})

    return World(roles, engineer, foreign)


def real_world(stack: ExitStack, *, is_signed: bool = False) -> World:
    aws = stack.enter_context(EmbeddedAws())

    def session(key: str, secret: str) -> boto3.Session:
        return boto3.Session(key, secret, region_name="us-east-1")

    stack.enter_context(pytest.MonkeyPatch.context()).setenv("AWS_ENDPOINT_URL", aws.endpoint)
    provider = session(*aws.root_credentials(str(PROVIDER))).client("iam")
    provider.create_user(UserName="netops-1")
    document = policy({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}).text
    provider.put_user_policy(UserName="netops-1", PolicyName="enter", PolicyDocument=document)
    key = provider.create_access_key(UserName="netops-1")["AccessKey"]
    customer = session(*aws.root_credentials(str(CUSTOMER)))

    def foreign(name: str) -> None:
        customer.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST.text)

    keys = key["AccessKeyId"], key["SecretAccessKey"]
    signed = SignedTokens(SignedClient(Credentials(*keys), "us-east-1", print))
    engineer: TokenService = signed if is_signed else StsTokens(session(*keys))
    return World(IamRoles(customer), engineer, foreign)


@pytest.fixture(params=["memory", "aws"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as stack:
        yield memory_world() if request.param == "memory" else real_world(stack)


@pytest.fixture(params=["memory", "aws", "signed"])
def entrance(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as stack:
        is_signed = request.param == "signed"
        yield memory_world() if request.param == "memory" else real_world(stack, is_signed=is_signed)


def test_the_owner_is_the_account_of_the_credentials(world: World) -> None:
    assert world.roles.owner() == (Partition(), AccountId("444455556666"))


def test_every_change_does_what_it_says(world: World) -> None:
    """The pure rule of each change, and what AWS makes of it, are the same."""
    roles = world.roles
    roles.make(CreateRole(ROLE))
    assert world.role() == ROLE

    roles.make(AttachPolicy(NAME, AUDIT))
    roles.make(PutInline(NAME, "gatepass-permissions", SOME))
    roles.make(LimitSessions(NAME, timedelta(hours=3)))
    roles.make(SetBoundary(NAME, BOUNDARY))
    roles.make(TagRole(NAME, {"owner": "security"}))
    changed = world.role()
    assert changed.policies == {AUDIT}
    assert changed.inline == {"gatepass-permissions": SOME}
    assert changed.session_limit == timedelta(hours=3)
    assert changed.boundary == BOUNDARY
    assert changed.tags == {GRANT_TAG: "support", "owner": "security"}

    roles.make(DetachPolicy(NAME, AUDIT))
    roles.make(DeleteInline(NAME, "gatepass-permissions"))
    roles.make(LimitSessions(NAME, timedelta(hours=1)))
    roles.make(RemoveBoundary(NAME))
    roles.make(UntagRole(NAME, ("owner",)))
    assert world.role() == ROLE

    roles.make(ReplaceTrust(NAME, closed_trust()))
    assert world.role().trust == closed_trust()
    roles.make(DeleteRole(NAME))
    assert roles.inventory().ours == {}


def test_a_role_is_made_with_its_boundary(world: World) -> None:
    bounded = replace(ROLE, boundary=BOUNDARY, session_limit=timedelta(hours=12))

    world.roles.make(CreateRole(bounded))

    assert world.role() == bounded


def test_creating_twice_and_deleting_what_is_gone_are_successes(world: World) -> None:
    world.roles.make(CreateRole(ROLE))
    world.roles.make(CreateRole(ROLE))
    world.roles.make(DeleteRole(NAME))
    world.roles.make(DeleteRole(NAME))

    assert world.roles.sight(NAME).trust is None


def test_a_role_that_somebody_else_made_meanwhile_is_a_conflict(world: World) -> None:
    world.roles.make(CreateRole(ROLE))

    with pytest.raises(Conflict):
        world.roles.make(CreateRole(replace(ROLE, trust=closed_trust())))


def test_a_role_that_still_holds_something_is_not_deleted(world: World) -> None:
    world.roles.make(CreateRole(ROLE))
    world.roles.make(PutInline(NAME, SWITCH_POLICY, deny_everything()))

    with pytest.raises(Conflict):
        world.roles.make(DeleteRole(NAME))


def test_foreign_roles_are_seen_by_name_only(world: World) -> None:
    world.roles.make(CreateRole(ROLE))
    world.foreign_role("Theirs")

    inventory = world.roles.inventory()

    assert list(inventory.ours) == [NAME]
    assert RoleName("Theirs") in inventory.taken


def test_a_sighting_shows_the_switch_and_awss_clock(world: World) -> None:
    world.roles.make(CreateRole(ROLE))
    assert world.roles.sight(NAME).switch is None

    world.roles.make(PutInline(NAME, SWITCH_POLICY, deny_everything()))
    seen = world.roles.sight(NAME)

    assert seen.trust == TRUST
    assert seen.switch == deny_everything()
    assert abs(seen.aws_time - datetime.now(UTC)) < timedelta(seconds=5)
    assert seen.aws_time.microsecond == 0


def test_ending_older_sessions_draws_the_line_at_awss_clock(world: World) -> None:
    world.roles.make(CreateRole(ROLE))
    before = world.roles.sight(NAME).aws_time

    world.roles.make(EndOlderSessions(NAME))

    switch = world.role().inline[SWITCH_POLICY]
    line = switch.statements[0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]  # type: ignore[index]
    drawn = datetime.fromisoformat(line)
    assert before < drawn <= before + timedelta(seconds=5)


def test_managed_policies_are_known_by_arn_and_name(world: World) -> None:
    assert world.roles.managed_policies()[AUDIT] == "SecurityAudit"


def test_an_entry_is_refused_without_the_id_with_another_and_when_closed(entrance: World) -> None:
    arn = role_arn(Partition(), CUSTOMER, NAME)
    engineer = EngineerName("netops-1")
    entrance.roles.make(CreateRole(ROLE))

    for external_id in (None, ExternalId("gp1.KEY.OTHER")):
        with pytest.raises(AccessRefused):
            entrance.engineer.enter(Entry(arn, engineer, SHORTEST_SESSION, external_id))
    entered = entrance.engineer.enter(Entry(arn, engineer, SHORTEST_SESSION, ID))
    entrance.roles.make(ReplaceTrust(NAME, closed_trust()))
    with pytest.raises(AccessRefused):
        entrance.engineer.enter(Entry(arn, engineer, SHORTEST_SESSION, ID))

    assert entered.role == arn
    assert entered.engineer == engineer
    assert timedelta(minutes=14) < entered.expires_at - datetime.now(UTC) <= timedelta(minutes=15, seconds=5)
    assert entered.credentials.session_token


def test_a_caller_knows_its_account_and_name(entrance: World) -> None:
    caller = entrance.engineer.caller()

    assert caller.account == PROVIDER
    assert str(caller.engineer) == "netops-1"
    assert not caller.is_session


@pytest.fixture(params=["memory", "file"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> SessionShelf:
    return MemorySessions() if request.param == "memory" else KeptSessions("base", tmp_path)


def test_a_shelf_keeps_exactly_what_was_put(shelf: SessionShelf) -> None:
    role = RoleArn("arn:aws:iam::444455556666:role/gatepass/X")
    expiry = datetime(2026, 11, 22, 18, tzinfo=UTC)
    session = Session(role, EngineerName("netops-1"), expiry, Credentials("ASIA", "secret", "token", expiry))

    assert list(shelf.sessions()) == []
    shelf.put([session, session])
    assert list(shelf.sessions()) == [session, session]
    shelf.put([])
    assert list(shelf.sessions()) == []
