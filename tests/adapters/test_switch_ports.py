"""What every directory promises that shows and moves the switch of one role at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from gatepass.adapters.aws_endpoints import endpoint, iam_region
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.iam_roles import IamRoles
from gatepass.adapters.memory import MemoryClock, MemoryRoles
from gatepass.adapters.paced_pool import PacedPool
from gatepass.adapters.renewed_credentials import FRESH_FOR, RenewedRoles, RenewedTokens
from gatepass.adapters.signed_client import SignedClient
from gatepass.adapters.signed_roles import SignedRoles
from gatepass.domain.change import AttachPolicy, CreateRole, DeleteInline, DeleteRole, PutInline, ReplaceTrust, TagRole
from gatepass.domain.documents import document
from gatepass.domain.errors import AccessRefused, Conflict, NotAnswered, NotThere
from gatepass.domain.identifiers import ExternalId, Partition, PolicyArn, RoleName
from gatepass.domain.role import GRANT_TAG, SWITCH_POLICY, Role
from gatepass.domain.session import Credentials
from gatepass.domain.switch import deny_everything
from gatepass.domain.trust import closed_trust, open_trust
from gatepass.ports.roles import RoleDirectory, SwitchDirectory
from gatepass.sandbox.embedded import EmbeddedAws
from gatepass.sandbox.memory.faults import FaultKind
from tests.people import CUSTOMER, GRANT, MANAGED

NAME = RoleName("ServiceProvider-111122223333-support")
TRUST = open_trust(GRANT, Partition(), ExternalId("gp1.KEY.CODE"))
ROLE = Role(NAME, TRUST, timedelta(hours=3), tags={GRANT_TAG: "support", "owner": "é a+b=c/d"})
AUDIT = PolicyArn("arn:aws:iam::aws:policy/SecurityAudit")


@dataclass
class World:
    """One account: all of it, and one role at a time."""

    whole: RoleDirectory
    switches: SwitchDirectory


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as embedded, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", embedded.endpoint)
        yield embedded


def signed(keys: tuple[str, str], pool: ConnectionPool | None = None) -> SignedRoles:
    client = SignedClient(Credentials(*keys), iam_region("eu-west-1"), print, pause=lambda _: None, pool=pool)
    return SignedRoles(client)


@pytest.fixture(params=["memory", "signed"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        roles = MemoryRoles(CUSTOMER, MemoryClock(datetime.now(UTC)), MANAGED)
        yield World(roles, roles)
        return
    aws: EmbeddedAws = request.getfixturevalue("aws")
    keys = aws.root_credentials(str(CUSTOMER))
    whole = IamRoles(boto3.Session(*keys, region_name="us-east-1"))
    yield World(whole, signed(keys))
    whole.make(DeleteInline(NAME, SWITCH_POLICY))
    whole.make(DeleteRole(NAME))


def test_what_is_not_there_is_none_and_is_not_changed(world: World) -> None:
    assert world.switches.standing_role(NAME) is None
    for change in (
        ReplaceTrust(NAME, TRUST),
        PutInline(NAME, SWITCH_POLICY, deny_everything()),
        TagRole(NAME, {"a": "b"}),
    ):
        with pytest.raises(NotThere):
            world.switches.make(change)


def test_one_role_is_shown_with_its_switch_and_awss_clock(world: World) -> None:
    world.whole.make(CreateRole(ROLE))
    seen = world.switches.standing_role(NAME)

    assert seen is not None
    assert seen.role == ROLE
    assert str(seen.arn) == f"arn:aws:iam::{CUSTOMER}:role/gatepass/{NAME}"
    assert abs(seen.aws_time - datetime.now(UTC)) < timedelta(seconds=5)
    assert seen.aws_time.microsecond == 0


def test_its_switch_is_moved_and_deleting_twice_is_a_success(world: World) -> None:
    world.whole.make(CreateRole(ROLE))
    world.switches.make(ReplaceTrust(NAME, closed_trust()))
    world.switches.make(PutInline(NAME, SWITCH_POLICY, deny_everything()))
    world.switches.make(TagRole(NAME, {"owner": "a+b c", "second": ""}))

    seen = world.switches.standing_role(NAME)
    assert seen is not None
    assert seen.role.trust == closed_trust()
    assert seen.role.inline == {SWITCH_POLICY: deny_everything()}
    assert seen.role.tags == {GRANT_TAG: "support", "owner": "a+b c", "second": ""}
    assert world.whole.inventory().ours[NAME].tags == seen.role.tags

    for _ in range(2):
        world.switches.make(DeleteInline(NAME, SWITCH_POLICY))
    seen = world.switches.standing_role(NAME)
    assert seen is not None
    assert not seen.role.inline


@pytest.fixture
def standing(aws: EmbeddedAws) -> Iterator[tuple[str, str]]:
    keys = aws.root_credentials(str(CUSTOMER))
    whole = IamRoles(boto3.Session(*keys, region_name="us-east-1"))
    whole.make(CreateRole(ROLE))
    yield keys
    aws.clear_faults()
    whole.make(DeleteRole(NAME))


def test_a_refusal_names_the_action_and_no_external_id(standing: tuple[str, str]) -> None:
    iam = boto3.Session(*standing, region_name="us-east-1").client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = signed((key["AccessKeyId"], key["SecretAccessKey"]))

    with pytest.raises(AccessRefused) as refusal:
        nobody.make(ReplaceTrust(NAME, TRUST))

    assert "iam:UpdateAssumeRolePolicy" in refusal.value.what
    with pytest.raises(Conflict) as malformed:
        signed(standing).make(ReplaceTrust(NAME, document({"Version": "2012-10-17", "Statement": "gp1.KEY.CODE"})))
    assert "gp1.KEY.CODE" not in f"{malformed.value.what} {malformed.value.why}"


def test_a_change_that_is_no_switchs_is_not_made(standing: tuple[str, str]) -> None:
    with pytest.raises(TypeError):
        signed(standing).make(AttachPolicy(NAME, AUDIT))


def test_an_aws_that_is_busy_for_good_says_so(aws: EmbeddedAws, standing: tuple[str, str]) -> None:
    aws.stage_fault(FaultKind.THROTTLE, "GetRole", times=10)
    with pytest.raises(NotAnswered):
        signed(standing).standing_role(NAME)


def test_an_answer_that_was_lost_after_the_effect_is_asked_again(aws: EmbeddedAws, standing: tuple[str, str]) -> None:
    aws.stage_fault(FaultKind.LOST, "UpdateAssumeRolePolicy")

    signed(standing).make(ReplaceTrust(NAME, closed_trust()))

    seen = signed(standing).standing_role(NAME)
    assert seen is not None
    assert seen.role.trust == closed_trust()


def test_many_threads_share_one_pool_and_hear_their_own_answers(standing: tuple[str, str]) -> None:
    pool = ConnectionPool()
    absent = RoleName("NotHere")

    def ask(number: int) -> bool:
        return (signed(standing, pool).standing_role(absent if number % 2 else NAME) is None) == bool(number % 2)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(40)))
    pool.close()


def test_each_call_and_each_repetition_waits_for_its_turn(aws: EmbeddedAws, standing: tuple[str, str]) -> None:
    turns: list[str] = []
    pool = PacedPool(ConnectionPool(), lambda: turns.append("turn"), lambda: turns.append("slower"))
    aws.stage_fault(FaultKind.THROTTLE, "GetRole")

    assert signed(standing, pool).standing_role(NAME) is not None

    assert turns == ["turn", "slower", "turn", "turn"]


def test_iam_is_asked_where_botocore_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for region in ("eu-west-1", "us-east-1", "cn-northwest-1", "us-gov-east-1", "us-iso-west-1", "us-isob-east-1"):
        iam = boto3.Session("AKIA", "secret", region_name=region).client("iam")
        mine = endpoint("iam", iam_region(region))

        # Made without asking anybody: where it would go, and in whose name it is signed.
        url = iam.generate_presigned_url("list_roles")

        assert url.startswith(f"https://{mine.host}/")
        assert f"%2F{iam_region(region)}%2Fiam%2F" in url


def test_credentials_that_end_are_exchanged_before_and_kept_until_then(aws: EmbeddedAws) -> None:
    keys, clock = aws.root_credentials(str(CUSTOMER)), MemoryClock(datetime.now(UTC))
    asked: list[Credentials] = []

    def session() -> Credentials:
        asked.append(Credentials(*keys, expires_at=clock.now() + timedelta(minutes=15)))
        return asked[-1]

    tokens = RenewedTokens(session, "us-east-1", ConnectionPool(), clock)
    roles = RenewedRoles(session, "us-east-1", ConnectionPool(), clock)
    assert tokens.caller().account == CUSTOMER
    assert roles.standing_role(NAME) is None
    assert len(asked) == 2

    clock.instant += timedelta(minutes=15) - FRESH_FOR - timedelta(seconds=1)
    tokens.caller()
    assert len(asked) == 2
    clock.instant += timedelta(seconds=1)
    tokens.caller()
    roles.standing_role(NAME)
    assert len(asked) == 4
