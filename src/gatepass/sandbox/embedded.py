"""The embedded AWS inside this process, for tests."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from threading import Thread
from types import TracebackType
from typing import Self

from gatepass.sandbox.gateway import Gateway
from gatepass.sandbox.memory.faults import EVERY_OPERATION, FaultKind, StagedFault
from gatepass.sandbox.memory.moto_state import SavedMoto
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
        self._world.faults.clear()
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

    def stage_fault(
        self, kind: FaultKind, operation: str = EVERY_OPERATION, *, after: int = 0, times: int = 1, principal: str = ""
    ) -> None:
        """Let something go wrong with calls to come.

        Args:
            kind: what goes wrong.
            operation: the operation that is hit, such as ``PutRolePolicy``, or ``*`` for every one.
            after: how many matching calls pass first.
            times: how many of those that follow are hit.
            principal: whose calls are hit, by the ARN that sts:GetCallerIdentity shows; empty for everybody's.
        """
        self._world.faults.stage(StagedFault(kind, operation, principal, after, times))

    def faults(self) -> list[dict[str, object]]:
        """Return every staged fault, with how many calls it let pass, hit, and holds now."""
        return self._world.faults.all()

    def clear_faults(self) -> None:
        """Forget every staged fault; calls that are held end without an answer."""
        self._world.faults.clear()

    def wait_until_held(self, seconds: float = 20.0) -> bool:
        """Return once a call hangs by a staged fault, or False when none does after so many seconds."""
        return self._world.faults.wait_until_held(seconds)

    def resources(self) -> SavedMoto:
        """Return every resource of every account as it is now, for `put_back`; sessions and clock are no resources.

        Raises:
            ValueError: some resources cannot be kept.
        """
        saved, lost = self._world.moto.saved()
        if lost:
            raise ValueError(f"cannot be kept: {'; '.join(lost)}")
        return saved

    def put_back(self, resources: SavedMoto) -> None:
        """Replace every resource of every account by what was there before."""
        self._world.moto.restore(resources)

    def reset(self) -> None:
        """Forget every account, session, event and staged fault; the clock shows the machine's time again."""
        self._world.reset()
