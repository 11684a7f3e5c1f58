"""What a verifier may do inside a customer's account: the short way and the long way find the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest

from gatepass.adapters.act_trial import AwsActTrial
from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.paced_pool import PacedPool
from gatepass.adapters.paced_session import call_family, paced_session
from gatepass.adapters.signed_act_trial import SignedActTrial
from gatepass.domain.errors import CredentialsRefused, NotAnswered, NotThere
from gatepass.domain.identifiers import AccountId, EngineerName, RoleArn
from gatepass.domain.session import Credentials, Session
from gatepass.ports.sessions import ActTrial
from gatepass.sandbox.memory.faults import FaultKind
from tests.conftest import CUSTOMER, ENTER, Cloud

ROLE = RoleArn(f"arn:aws:iam::{CUSTOMER}:role/Support")
REGION = "eu-west-1"


@pytest.fixture(autouse=True)
def scene(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    yield cloud
    cloud.aws.clear_faults()


def trials(turns: list[str]) -> tuple[ActTrial, ActTrial]:
    """Return the short way, which notes its turns, and the long one."""
    shared = ConnectionPool()

    def pool(family: str, account: AccountId) -> ConnectionPool:
        return PacedPool(shared, lambda: turns.append(f"{family} {account}"), lambda: turns.append("slower"))

    return SignedActTrial(REGION, pool), AwsActTrial()


def inside(keys: tuple[str, str]) -> Session:
    return Session(ROLE, EngineerName("maria"), datetime.now(UTC), Credentials(*keys))


def test_who_may_nothing_is_refused_both_reads_and_who_may_one_of_them_acts(scene: Cloud) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    iam = scene.client("iam", scene.aws.root_credentials(CUSTOMER))
    iam.create_role(RoleName="Support", AssumeRolePolicyDocument=json.dumps(trust).replace("[]", _STATEMENT))
    may = {
        "nothing": f'{{"Effect": "Allow", "Action": {ENTER}, "Resource": "*"}}',
        "role": '{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}',
        "buckets": '{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}',
    }
    turns: list[str] = []

    for name, statement in may.items():
        session = inside(scene.user(CUSTOMER, name, statement))
        assert [trial.may_act(session) for trial in trials(turns)] == [name != "nothing"] * 2, name

    both = [f"iam {CUSTOMER}", f"s3 {CUSTOMER}"]
    assert turns == [*both, f"iam {CUSTOMER}", *both], "every call waits for its turn"


_STATEMENT = json.dumps(
    [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{CUSTOMER}:root"}, "Action": "sts:AssumeRole"}]
)


def test_what_is_no_refusal_is_not_taken_for_one(scene: Cloud) -> None:
    """A role that is gone, dead credentials and a busy AWS say nothing about what the verifier may."""
    everything = inside(scene.user(CUSTOMER, "everything", '{"Effect": "Allow", "Action": "*", "Resource": "*"}'))
    gone = Session(RoleArn(f"arn:aws:iam::{CUSTOMER}:role/Gone"), *_rest(everything))
    wrong = inside((everything.credentials.access_key_id, "x" * 40))

    for trial in trials([]):
        with pytest.raises(NotThere):
            trial.may_act(gone)
        with pytest.raises(CredentialsRefused):
            trial.may_act(wrong)
    scene.aws.stage_fault(FaultKind.THROTTLE, "GetRole", times=10)
    turns: list[str] = []
    with pytest.raises(NotAnswered):
        trials(turns)[0].may_act(everything)
    assert turns.count("slower") == 5


def _rest(session: Session) -> tuple[EngineerName, datetime, Credentials]:
    return session.engineer, session.expires_at, session.credentials


def test_every_request_of_boto3_waits_for_its_turn_and_throttles_are_heard(scene: Cloud) -> None:
    turns: list[str] = []
    keys = scene.aws.root_credentials(CUSTOMER)
    session = paced_session(
        boto3.Session(*keys, region_name=REGION), turns.append, lambda family: turns.append(f"slower {family}")
    )
    scene.aws.stage_fault(FaultKind.THROTTLE, "ListUsers")

    session.client("iam").list_roles()
    session.client("sts").get_caller_identity()
    session.client("s3").list_buckets()
    with pytest.raises(session.client("ssm").exceptions.ParameterNotFound):
        session.client("ssm").get_parameter(Name="/none")

    assert turns == ["iam", "sts", "ssm-read"], "S3 has limits of its own, which nobody reaches here"
    session.client("iam").list_users()
    assert turns[3:] == ["iam", "slower iam", "iam"]


@pytest.mark.parametrize(
    ("service", "operation", "family"),
    [
        ("sts", "AssumeRole", "sts"),
        ("ssm", "GetParameter", "ssm-read"),
        ("ssm", "PutParameter", "ssm-write"),
        ("secretsmanager", "GetSecretValue", "secretsmanager-read"),
        ("secretsmanager", "PutSecretValue", "secretsmanager-write"),
    ],
)
def test_a_call_counts_against_the_limit_of_its_family(service: str, operation: str, family: str) -> None:
    assert call_family(service, operation) == family
