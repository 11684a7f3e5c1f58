"""Servers that several tests of adapters share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.vault_server import Vault, running_vault


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A real OpenBao for all tests of a worker; each test mounts a store of its own in it."""
    with running_vault(tmp_path_factory.mktemp("vault")) as server:
        yield server
