"""One sandbox for all crash tests of a process, and retries that do not wait."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.crash.customer import Customer
from tests.crash.scenarios import SCENARIOS, named
from tests.crash.trial import Trial


@pytest.fixture(scope="session")
def customer() -> Iterator[Customer]:
    """Return a customer's account, used again and again."""
    with EmbeddedAws() as aws:
        yield Customer(aws)


@pytest.fixture(scope="module", params=SCENARIOS, ids=named)
def trial(customer: Customer, request: pytest.FixtureRequest) -> Trial:
    """Return each scenario, on the stage."""
    return Trial(customer, request.param)


@pytest.fixture(autouse=True)
def _plans_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a plan says in words changes nothing, and would cost a third of the time."""
    monkeypatch.setattr("gatepass.usecases.plan_grants.judge_grants", lambda *_: {})


@pytest.fixture(autouse=True)
def _retries_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
