"""Secrets Manager by the fleet's short way keeps what the long way keeps, and shows no value in an error."""

from __future__ import annotations

import boto3
import pytest

from gatepass.adapters.connection_pool import ConnectionPool
from gatepass.adapters.memory import MemoryClock
from gatepass.adapters.renewed_manager import RenewedManager
from gatepass.adapters.secret_manager import ManagerSecrets
from gatepass.domain.errors import AccessRefused, GatepassError, InvalidInput
from gatepass.domain.session import Credentials
from tests.adapters.test_signed_client import impostor
from tests.conftest import CUSTOMER, PROVIDER, Cloud
from tests.people import MORNING

REGION, NAME = "us-east-1", "netops/acme-prod/support"


class CountedPool(ConnectionPool):
    """Connections of one family, with the number of calls."""

    calls = 0

    def send(self, *request: object, **more: object) -> object:  # type: ignore[override]
        self.calls += 1
        return super().send(*request, **more)  # type: ignore[arg-type]


def store(
    keys: tuple[str, str], whole: ManagerSecrets | None = None
) -> tuple[RenewedManager, CountedPool, CountedPool]:
    reads, writes = CountedPool(), CountedPool()

    def long_way() -> ManagerSecrets:
        assert whole is not None, "only listing goes the long way"
        return whole

    found = Credentials(*keys, None)
    return RenewedManager(lambda: found, REGION, reads, writes, MemoryClock(MORNING), long_way), reads, writes


@pytest.fixture
def scene(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws.endpoint)
    return cloud


def test_a_secret_is_written_replaced_deleted_and_brought_back(scene: Cloud) -> None:
    keys = scene.aws.root_credentials(CUSTOMER)
    whole = ManagerSecrets(boto3.Session(*keys), REGION)
    short, reads, writes = store(keys, whole)
    assert short.get(NAME) is None
    short.delete(NAME)
    assert writes.calls == 0, "what is not there is not deleted"

    for value in ("one", '{"external_id": "gp1.KEY.ÄÖ"}'):
        short.put(NAME, value)
        assert short.get(NAME) == whole.get(NAME) == value
    assert (writes.calls, short.title) == (2, whole.title)
    assert short.names("netops") == {NAME}

    short.delete(NAME)
    assert short.get(NAME) is None
    short.put(NAME, "back")
    assert (whole.get(NAME), short.get_all([NAME, "netops/other/support"])) == ("back", {NAME: "back"})
    assert writes.calls == 5
    assert reads.calls > writes.calls
    for wrong in ("../other", ""):
        with pytest.raises(InvalidInput):
            short.put(wrong, "value")


def test_a_missing_right_to_write_is_told_with_the_next_step(scene: Cloud) -> None:
    read = '{"Effect": "Allow", "Action": "secretsmanager:DescribeSecret", "Resource": "*"}'
    short, _, _ = store(scene.user(PROVIDER, "reader", read))

    with pytest.raises(AccessRefused) as caught:
        short.put(NAME, "value")

    assert caught.value.next_step.startswith("ask for the right to secretsmanager:CreateSecret on gatepass/*")


def test_a_value_that_aws_quotes_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    quoting = b'{"__type": "InvalidParameterException", "message": "not taken: MARKER-17", "Name": "x"}'
    for status in (400, 403):
        with impostor(status, quoting) as address:
            monkeypatch.setenv("AWS_ENDPOINT_URL", address)
            with pytest.raises(GatepassError) as caught:
                store(("AKIA", "x"))[0]._written("PutSecretValue", {}, "gatepass/x", "MARKER-17")  # noqa: SLF001
        assert "MARKER-17" not in f"{caught.value.what} {caught.value.why} {caught.value.next_step}"
