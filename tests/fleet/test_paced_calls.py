"""A worker's calls: whichever way AWS is asked, each waits for its turn in the account that it counts against."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId
from gatepass.fleet.pacing import KNOWN_LIMITS, Pacer
from gatepass.wiring import fleet_calls, own_account, quick_aws, stores
from tests.conftest import CUSTOMER, PROVIDER, Cloud

REGION = "eu-west-1"


@dataclass
class Turns(Pacer):
    """A pacer that lets everybody pass, and keeps who did."""

    passed: list[tuple[str, str, str]] = field(default_factory=list)

    def pass_(self, family: str, account: str, region: str) -> None:
        self.passed.append((family, account, region))

    def taken(self) -> list[tuple[str, str, str]]:
        found, self.passed = self.passed, []
        return found


@pytest.fixture
def turns(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Turns:
    keys = cloud.user(PROVIDER, "verifier", '{"Effect": "Allow", "Action": "*", "Resource": "*"}')
    for name, value in (
        ("AWS_ENDPOINT_URL", cloud.aws.endpoint), ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", keys[0]), ("AWS_SECRET_ACCESS_KEY", keys[1]),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    found = Turns()
    monkeypatch.setattr(fleet_calls, "pacer", lambda: found)
    monkeypatch.setattr(quick_aws, "_pools", [])
    monkeypatch.setattr(own_account, "_paced", [])
    return found


def test_a_persons_own_command_waits_for_no_turn_and_a_workers_calls_do(turns: Turns) -> None:
    own_account.own_tokens().caller()
    own_account.connected().client("sts").get_caller_identity()
    assert turns.taken() == []

    fleet_calls.pace_this_process()

    own_account.own_tokens().caller()
    assert turns.taken() == [("sts", "own", REGION)]
    for kind, service in (("ssm", "ssm"), ("secrets-manager", "secretsmanager")):
        store = stores.secret_store(kind)
        assert store.get("netops/acme-prod/support") is None
        assert turns.taken() == [(f"{service}-read", "own", REGION)], kind
        store.put("netops/acme-prod/support", "value")
        assert (f"{service}-write", "own", REGION) in turns.taken(), kind
        assert store.get("netops/acme-prod/support") == "value"
        turns.taken()
    own_account.connected().client("iam").list_roles()
    assert turns.taken() == [("iam", "own", REGION)]


def test_each_account_has_its_own_turns(turns: Turns) -> None:
    fleet_calls.paced(own_account.connected(), CUSTOMER).client("iam").list_roles()
    pool = fleet_calls.paced_pool("sts", AccountId(PROVIDER))

    assert turns.taken() == [("iam", CUSTOMER, REGION)]
    assert pool is not fleet_calls.paced_pool("sts", AccountId(CUSTOMER))


def test_parameter_store_is_asked_nine_tenths_of_forty_times_a_second_as_it_allows_by_default() -> None:
    now: list[float] = [0.0]
    pacer = Pacer(monotonic=lambda: now[0])
    waits = [pacer.delay("ssm-read", PROVIDER, REGION) for _ in range(41)]

    assert 0.95 <= waits[-1] <= 40 / 36
    assert {"sts", "iam", "ssm-read", "ssm-write", "secretsmanager-read", "secretsmanager-write"} == set(KNOWN_LIMITS)


def test_a_raised_limit_of_parameter_store_is_told_by_a_number() -> None:
    for said in ("many", "0", "-1", "1e3", "10001"):
        with pytest.raises(InvalidInput, match="no number of calls a second"):
            fleet_calls.raised_limits({"GATEPASS_SSM_READS": said})

    assert fleet_calls.raised_limits({}) == {}
    assert fleet_calls.raised_limits({"GATEPASS_SSM_READS": "1000"}) == {"ssm-read": 1000.0}
