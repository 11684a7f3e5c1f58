"""The embedded AWS inside this process, for tests."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from threading import Thread
from types import TracebackType
from typing import Self

from gatepass.sandbox.gateway import Gateway
from gatepass.sandbox.memory.world import World
from gatepass.sandbox.wire.server import LOOPBACK, LoopbackServer


class EmbeddedAws:
    """An AWS of its own on a free port of the loopback address, while the context lasts.

    Several can run in one process; they do not see each other.

    Attributes:
        endpoint: for `AWS_ENDPOINT_URL`, or boto3's `endpoint_url`.
        admin_token: for the header `X-Sandbox-Token` of the admin path.
    """

    def __init__(self, port: int = 0) -> None:
        self._world = World()
        self.admin_token = secrets.token_urlsafe(32)
        self._server = LoopbackServer(Gateway(self._world, self.admin_token), port)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.endpoint = f"http://{LOOPBACK}:{self._server.port}"

    def __repr__(self) -> str:
        return f"EmbeddedAws({self.endpoint!r})"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and forget everything."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._world.moto.leave()

    def root_credentials(self, account: str) -> tuple[str, str]:
        """Return the access key ID and secret access key of an account's root user, the same ones each time."""
        key = self._world.roots.of_account(account)
        return key.access_key_id, key.secret_access_key

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self._world.clock.now()

    def advance(self, seconds: float, *, settle: bool = False) -> datetime:
        """Move the sandbox's clock forward, and return the new time.

        URLs that are pre-signed within the second of the call count as signed before it. To sign one right
        afterwards, let the clock settle: that waits for the next whole second.
        """
        return self._world.clock.advance(timedelta(seconds=seconds), settle=settle)

    def events(self) -> list[dict[str, object]]:
        """Return the event log, oldest first, in the form of CloudTrail's records."""
        return self._world.events.all()

    def reset(self) -> None:
        """Forget every account, session and event; the clock shows the machine's time again."""
        self._world.reset()
