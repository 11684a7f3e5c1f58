"""The fake platform, as tests start it."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from wsgiref.types import StartResponse, WSGIEnvironment

from gatepass.sandbox.wire.server import LOOPBACK, LoopbackServer
from tests.platforms.fake import hcp_words, scalr_words
from tests.platforms.fake.application import Application, Seen
from tests.platforms.fake.aws import AwsPlace
from tests.platforms.fake.execution import Execution, Quick
from tests.platforms.fake.faults import Fault, Staged
from tests.platforms.fake.hcp import Hcp
from tests.platforms.fake.place import Place
from tests.platforms.fake.run_flow import OVER, PLATFORM_WIDE
from tests.platforms.fake.runs import Runs
from tests.platforms.fake.scalr import Scalr
from tests.platforms.fake.store import Objects, Thing, new_id

_PATIENCE_SECONDS = 60


class Api(Enum):
    """Whose API it speaks."""

    SCALR = "scalr"
    HCP = "hcp"


class FakePlatform:
    """A platform on a free port of the loopback address, while the context lasts.

    Attributes:
        address: ``http://127.0.0.1:4711``.
        host: the same without the scheme.
        base: the address with the path before every endpoint.
        token: what a client sends.
        owner: the account's id (``acc-...``) or the organisation's name.
        connection: its connection to version control: a vcs-provider, or an oauth-token.
        objects: every object, to look at.
    """

    def __init__(
        self, api: Api, *, execute: Execution | None = None, repositories: Iterable[str] = (),
        aws: AwsPlace | None = None, latency: float = 0.0,
    ) -> None:  # fmt: skip
        self.api, self.objects = api, Objects()
        self._home = Path(tempfile.mkdtemp(prefix="platform-"))
        self._server = LoopbackServer(self._call)
        self.host = f"{LOOPBACK}:{self._server.port}"
        self.address = f"http://{self.host}"
        self.owner = new_id("acc") if api is Api.SCALR else "acme"
        place = Place(self.owner, frozenset(repositories), aws, self.address)
        dialect = Scalr(self.objects, place) if api is Api.SCALR else Hcp(self.objects, place)
        words = scalr_words if api is Api.SCALR else hcp_words
        self._dialect, self.base, self.connection = dialect, f"{self.address}{dialect.base}", dialect.connection
        self._application = Application(
            self.objects, dialect, open_paths=words.OPEN_PATHS, words=words.WORDS, pace=words.pace()
        )
        self._application.latency = latency
        self._runs = Runs(self.objects, execute or Quick(), dialect.runs.flow(), self._home)
        dialect.begin(self._runs)
        self.token = ""
        self.renew_token()
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __repr__(self) -> str:
        return f"FakePlatform({self.address!r})"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None and self._runs.broken:
            raise self._runs.broken[0]

    def close(self) -> None:
        """Stop serving, stop every run, and forget the states."""
        self._application.close()
        self._runs.close()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def requests(self) -> list[Seen]:
        """Every request so far, oldest first."""
        return list(self._application.requests)

    def count(self, method: str = "*", path: str = ".*") -> int:
        """Return how many requests came whose path after the base fits the pattern."""
        base = self._dialect.base
        return sum(
            method in {"*", each.method} and bool(re.fullmatch(path, each.path.removeprefix(base)))
            for each in self.requests
        )

    def forget_requests(self) -> None:
        """Begin to count anew."""
        self._application.requests.clear()

    def urls_with(self, text: str) -> list[str]:
        """Return the URLs that hold a text, such as an external ID that must stand in none."""
        return [each.url for each in self.requests if text in each.url]

    def fail(
        self, fault: Fault, method: str = "*", path: str = ".*", *, times: int = 1, after: int = 0, seconds: float = 0.0
    ) -> Staged:
        """Let something go wrong with requests to come; its `hit` says how many it hit."""
        return self._application.faults.stage(Staged(fault, method, re.compile(path), after, times, seconds))

    def fail_runs(self, phase: str = "plan", *, workspace: str = PLATFORM_WIDE, times: int = 1) -> None:
        """Let runs be errored in plan or apply, those of one workspace (by id) or any."""
        with self.objects.changed:
            self._runs.switches.failing[(workspace, phase)] = times

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        self._application.faults.clear()
        self._runs.switches.failing.clear()

    def expire_token(self) -> None:
        """Let the token be refused from now on."""
        self._application.tokens.clear()

    def renew_token(self) -> str:
        """Give out a new token beside the others."""
        # Terraform's own credentials file holds tokens of this form.
        self.token = f"{secrets.token_hex(7)}.atlasv1.{secrets.token_hex(30)}"
        self._application.tokens.add(self.token)
        return self.token

    def limit(self, a_second: int | None) -> None:
        """Take so many requests a second for each token; None for as many as come."""
        self._application.pace.limit = a_second

    @property
    def latency(self) -> float:
        """How many seconds pass before each answer."""
        return self._application.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._application.latency = seconds

    def lock(self, workspace: str, reason: str = "") -> None:
        """Lock a workspace, by id, once no run holds it: its runs stay pending."""
        found = self._workspace(workspace)
        self.wait(lambda: self._dialect.runs.locks.lock(found, reason))

    def unlock(self, workspace: str) -> None:
        """Let a workspace's runs go on."""
        with self.objects.changed:
            self._dialect.runs.locks.give_back(self._workspace(workspace))
        self._runs.nudge()

    def hold_runs(self, *stages: str) -> None:
        """Let runs stay at these stages, such as ``planning``, until they are let go."""
        with self.objects.changed:
            self._runs.switches.held.update(stages)

    def let_runs_go(self) -> None:
        """Let runs go on from where they are held."""
        with self.objects.changed:
            self._runs.switches.held.clear()
            self.objects.changed.notify_all()

    def soft_fail_policies(self, workspace: str) -> None:
        """Let the policies of a workspace, by id, fail softly: its runs wait at ``policy_override``."""
        self._runs.switches.soft_failing.add(workspace)

    def override_policies(self, run: str) -> None:
        """Let a run at ``policy_override`` go on."""
        self._runs.override(self.objects.get("runs", run) or _missing(run))

    def fire_schedules(self, at: datetime) -> list[Thing]:
        """Begin the runs that are due in this minute; none in HCP Terraform, which has no schedules."""
        with self.objects.changed:
            return self._dialect.runs.fire(at)

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so with the objects; fails after a minute."""
        with self.objects.changed:
            assert self.objects.changed.wait_for(is_so, _PATIENCE_SECONDS), "it never came to be so"

    def wait_for_runs(self) -> None:
        """Wait until every run is over, or waits for a person."""
        resting = {*OVER, "planned", "policy_override", "policy_checked"}
        self.wait(
            lambda: all(
                each.attributes["status"] in resting and not each.kept.get("is_deciding")
                for each in self.objects.all("runs")
            )
        )

    def _workspace(self, identity: str) -> Thing:
        return self.objects.get("workspaces", identity) or _missing(identity)

    def _call(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start_response)


def _missing(identity: str) -> Thing:
    raise AssertionError(f"there is no {identity}")
