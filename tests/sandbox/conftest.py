"""An embedded AWS for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepass.sandbox.embedded import EmbeddedAws
from tests.sandbox.scene import Scene, set_scene


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """Return an AWS with nothing in it; the tests of a module share it."""
    with EmbeddedAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def scene(aws: EmbeddedAws) -> Scene:
    """Return an engineer and a customer's role to enter."""
    return set_scene(aws)
