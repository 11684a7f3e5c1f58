"""A PostgreSQL of the test's own: on 127.0.0.1, with a data folder of its own, gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.fleet.counting import until

_PROGRAMS = "/usr/lib/postgresql"


@dataclass
class Postgres:
    """A server that can be killed and started again.

    Attributes:
        password: of its only user, who asks for one by the network.
    """

    programs: Path
    folder: Path
    port: int
    password: str
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address without the password."""
        return f"postgresql://gatepass@127.0.0.1:{self.port}/postgres"

    @property
    def full_url(self) -> str:
        """Its address with the password."""
        return self.url.replace("gatepass@", f"gatepass:{self.password}@")

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder), "-h", "127.0.0.1"]
        self._process = subprocess.Popen(
            [self.programs / "postgres", *words, "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=_user(), cwd=self.folder,
        )  # fmt: skip
        until(self._answers)

    def kill(self) -> None:
        """End it as a power cut does, with everything it has started."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.full_url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server; without the programs the test is skipped, and fails in CI."""
    found = sorted(Path(_PROGRAMS).glob("*/bin/initdb"))
    if not found:
        told = "PostgreSQL is not installed here, so several workers are not tried: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    # Not pytest's folder: PostgreSQL refuses root, and others may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="gatepass-postgres-"))
    password = secrets.token_hex(12)
    (folder / "password").write_text(password, encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    words = ["-D", str(folder / "data"), "-U", "gatepass", "-A", "scram-sha-256", "--pwfile", str(folder / "password")]
    subprocess.run(
        [found[-1], *words, "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, user=_user(), cwd=folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server = Postgres(found[-1].parent, folder, _free_port(), password)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def _user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
