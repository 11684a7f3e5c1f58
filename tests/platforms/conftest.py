"""Fake platforms for tests; those with runs of terraform are started by `tests.platforms.fake.real`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.fake.platform import Api, FakePlatform
from tests.terraform.conftest import configuration

__all__ = ["configuration"]


@pytest.fixture
def scalr() -> Iterator[FakePlatform]:
    """Return a Scalr whose runs take no time."""
    with FakePlatform(Api.SCALR) as platform:
        yield platform


@pytest.fixture
def hcp() -> Iterator[FakePlatform]:
    """Return an HCP Terraform whose runs take no time."""
    with FakePlatform(Api.HCP) as platform:
        yield platform


@pytest.fixture(params=list(Api), ids=lambda api: api.value)
def platform(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    """Return each of them."""
    with FakePlatform(request.param) as started:
        yield started
