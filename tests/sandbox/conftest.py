"""An embedded AWS for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepass.sandbox.embedded import EmbeddedAws


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """Return an AWS with nothing in it; the tests of a module share it."""
    with EmbeddedAws() as aws:
        yield aws
